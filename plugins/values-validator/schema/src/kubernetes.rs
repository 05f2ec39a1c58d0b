//! What the types of Kubernetes leave out: words, bounds and forms that the API server holds to.

use serde_json::{Value, json};

const PREFIX: &str = "io.k8s.";
/// Longer descriptions of Kubernetes' own are cut at a sentence: they would be most of the schema.
const DESCRIPTION: usize = 160;

/// A quantity that a container may ask for: not negative, at most one suffix of the API.
pub const QUANTITY: &str =
    r"^([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$";

/// Tightens the definitions of Kubernetes in a schema and gives them their short names.
pub fn tighten(schema: &mut Value) {
    let Some(defs) = schema["$defs"].as_object_mut() else {
        return;
    };
    for (name, def) in defs.iter_mut().filter(|(name, _)| name.starts_with(PREFIX)) {
        let name = short(name);
        match name {
            "Quantity" => {
                *def = json!({
                    "description": "An amount as Kubernetes writes it: 500m, 2, 1Gi.",
                    "type": ["string", "number"],
                    "minimum": 0,
                    "pattern": QUANTITY,
                    "x-kubernetes-quantity": true,
                });
            }
            "IntOrString" => {
                *def = json!({"description": "A number or a text.", "type": ["integer", "string"]});
            }
            _ => {}
        }
        crate::schema::each(def, &mut cut);
        for (_, field, words) in WORDS.iter().filter(|(of, ..)| *of == name) {
            def["properties"][field]["enum"] = json!(words);
        }
        for (_, field, bound) in BOUNDS.iter().filter(|(of, ..)| *of == name) {
            def["properties"][field]["minimum"] = json!(bound.0);
            if let Some(most) = bound.1 {
                def["properties"][field]["maximum"] = json!(most);
            }
        }
    }
    *defs = std::mem::take(defs)
        .into_iter()
        .map(|(name, def)| (short(&name).to_owned(), def))
        .collect();
    crate::schema::each(schema, &mut |schema| {
        if let Some(Value::String(target)) = schema.get_mut("$ref") {
            let name = target.trim_start_matches("#/$defs/");
            *target = format!("#/$defs/{}", short(name));
        }
    });
}

/// `io.k8s.api.core.v1.Toleration` is Toleration. Names of our own begin in lower case.
fn short(name: &str) -> &str {
    match name.strip_prefix(PREFIX) {
        Some(rest) => rest.rsplit('.').next().unwrap_or(rest),
        None => name,
    }
}

/// Cuts a description after its first sentence, and that at a word where it is long.
fn cut(schema: &mut Value) {
    let Some(Value::String(text)) = schema.get_mut("description") else {
        return;
    };
    let sentence = text
        .match_indices(". ")
        .map(|(i, _)| i + 1)
        .find(|end| !text[..*end].ends_with("e.g.") && !text[..*end].ends_with("i.e."));
    let end = sentence.unwrap_or(text.len());
    text.truncate(text.find('\n').map_or(end, |i| end.min(i)));
    if text.chars().count() > DESCRIPTION {
        let short: String = text.chars().take(DESCRIPTION).collect();
        let at = short.rfind(' ').unwrap_or(short.len());
        *text = format!("{}…", short[..at].trim_end_matches([',', ';']));
    }
}

/// The words that a field takes, by type.
type Words = (&'static str, &'static str, &'static [&'static str]);

/// Kubernetes 1.34's API reference; the types say "string".
const WORDS: &[Words] = &[
    ("AppArmorProfile", "type", PROFILES),
    (
        "Container",
        "imagePullPolicy",
        &["Always", "IfNotPresent", "Never"],
    ),
    (
        "Container",
        "terminationMessagePolicy",
        &["File", "FallbackToLogsOnError"],
    ),
    ("ContainerPort", "protocol", &["TCP", "UDP", "SCTP"]),
    (
        "EmptyDirVolumeSource",
        "medium",
        &["", "Memory", "HugePages", "HugePages-2Mi", "HugePages-1Gi"],
    ),
    ("HTTPGetAction", "scheme", &["HTTP", "HTTPS"]),
    (
        "HostPathVolumeSource",
        "type",
        &[
            "",
            "DirectoryOrCreate",
            "Directory",
            "FileOrCreate",
            "File",
            "Socket",
            "CharDevice",
            "BlockDevice",
        ],
    ),
    (
        "LabelSelectorRequirement",
        "operator",
        &["In", "NotIn", "Exists", "DoesNotExist"],
    ),
    (
        "NodeSelectorRequirement",
        "operator",
        &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"],
    ),
    (
        "PersistentVolumeClaimSpec",
        "volumeMode",
        &["Filesystem", "Block"],
    ),
    (
        "PodSecurityContext",
        "fsGroupChangePolicy",
        &["OnRootMismatch", "Always"],
    ),
    (
        "PodSecurityContext",
        "supplementalGroupsPolicy",
        &["Merge", "Strict"],
    ),
    ("SeccompProfile", "type", PROFILES),
    ("SecurityContext", "procMount", &["Default", "Unmasked"]),
    (
        "Toleration",
        "effect",
        &["NoSchedule", "PreferNoSchedule", "NoExecute", ""],
    ),
    ("Toleration", "operator", &["Exists", "Equal", ""]),
    (
        "TopologySpreadConstraint",
        "nodeAffinityPolicy",
        &["Honor", "Ignore"],
    ),
    (
        "TopologySpreadConstraint",
        "nodeTaintsPolicy",
        &["Honor", "Ignore"],
    ),
    (
        "TopologySpreadConstraint",
        "whenUnsatisfiable",
        &["DoNotSchedule", "ScheduleAnyway"],
    ),
    (
        "VolumeMount",
        "mountPropagation",
        &["None", "HostToContainer", "Bidirectional"],
    ),
    (
        "VolumeMount",
        "recursiveReadOnly",
        &["Disabled", "IfPossible", "Enabled"],
    ),
];

const PROFILES: &[&str] = &["RuntimeDefault", "Localhost", "Unconfined"];

/// The least and the most that a field takes, by type.
type Bounds = (&'static str, &'static str, (i64, Option<i64>));

const BOUNDS: &[Bounds] = &[
    ("ContainerPort", "containerPort", PORT),
    ("ContainerPort", "hostPort", PORT),
    ("GRPCAction", "port", PORT),
    ("PreferredSchedulingTerm", "weight", (1, Some(100))),
    ("Probe", "failureThreshold", (1, None)),
    ("Probe", "initialDelaySeconds", (0, None)),
    ("Probe", "periodSeconds", (1, None)),
    ("Probe", "successThreshold", (1, None)),
    ("Probe", "terminationGracePeriodSeconds", (1, None)),
    ("Probe", "timeoutSeconds", (1, None)),
    ("TopologySpreadConstraint", "maxSkew", (1, None)),
    ("TopologySpreadConstraint", "minDomains", (1, None)),
    ("WeightedPodAffinityTerm", "weight", (1, Some(100))),
];

const PORT: (i64, Option<i64>) = (1, Some(65535));

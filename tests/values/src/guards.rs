//! The chart's own refusals, `fail` by `fail`, against the rules that say the same with a place.
//!
//! A guard is known by a stretch of its text. [`TWINS`] names the rule of each, [`ALONE`] the guards
//! without one, and why.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use harness::repo;
use serde::Deserialize;
use values_validator_core::{Input, Report, Source, check};

/// A guard by its text, and the code of the rule that finds the same.
pub const TWINS: &[(&str, &str)] = &[
    ("give objects of the same name", "model-names"),
    ("watch the same pods", "model-pods"),
    ("has monitor: ServiceMonitor but", "service-monitor"),
    ("its port is the name", "deployed-port"),
    (
        "whose pods serve one port, but 'ports' lists",
        "deployed-port",
    ),
    (
        "creates a monitor in each namespace and needs their names",
        "namespaced-monitors",
    ),
    (
        "the rules of a namespace see only its own pods",
        "namespaced-monitors",
    ),
    (
        "but Google Managed Prometheus discovers only pods",
        "service-monitor",
    ),
    (
        "but Google Managed Prometheus cannot scrape",
        "switch-needs",
    ),
    ("but an HTTPRoute needs a Gateway", "switch-needs"),
    ("which writes the file of one engine", "switch-needs"),
    ("'namespaces' must be left out", "deployed-namespaces"),
    ("and sends traces, but images before", "tracing-image"),
    ("only run as root", "image-user"),
    ("several sources of its weights", "model-storage"),
    ("has replicas: auto but no workload", "replicas-auto"),
    (
        "is scaled by an autoscaler, but 'replicas'",
        "autoscaling-expectation",
    ),
    ("KEDA refuses that", "autoscaling-bounds"),
    ("and no own triggers", "autoscaling-bounds"),
    (
        "does not deploy it and workload is not set",
        "autoscaling-target",
    ),
    (
        "must be in the namespace of its Deployment",
        "autoscaling-target",
    ),
    ("which reads recorded series", "autoscaling-source"),
    ("KEDA needs the address of Prometheus", "autoscaling-source"),
    ("do not know which series to read", "scrape-source"),
    ("rules would read each pod twice", "scrape-source"),
    ("have no label for the entry", "scrape-source"),
    ("metrics.scrape.timeout is", "scrape-timeout"),
    ("probe.timeout is", "scrape-timeout"),
    ("less than four scrape intervals", "rate-window"),
    ("below the smallest bucket", "threshold-blind"),
    ("which is not a bucket bound", "slo-limit"),
    ("its alert could never fire", "slo-burn"),
    ("no collector would send it traces", "jaeger-untraced"),
    ("Prometheus accepts only one of them", "remote-write"),
    ("is already the name of another job", "scrape-jobs"),
    (
        "Prometheus refuses the header authorization",
        "remote-write",
    ),
    (
        "in operator mode it needs the address of Prometheus",
        "grafana-source",
    ),
    ("has no such data source", "grafana-source"),
    ("no exporter is enabled, so kept traces", "exporters-none"),
    ("is on the volume of the exporters", "exporter-file"),
    ("which is larger than the volume", "storage-fit"),
    (
        "but also the certificates of the Secret",
        "exporter-insecure",
    ),
    (", which is for TLS", "exporter-insecure"),
    ("which means TLS", "exporter-insecure"),
    ("without a scheme, but OTLP over HTTP", "exporter-scheme"),
    (
        "which is not an address that the collector can send to",
        "exporter-address",
    ),
    ("is not a valid RE2 expression", "redaction-pattern"),
    ("requires a certificate of every caller", "receiver-client"),
    ("no collector image that hosts the plugin", "policy-image"),
    ("but the engine is ottl", "policy-module"),
    ("but tracing.policy.module.sha256 is empty", "policy-module"),
    ("is for a policy of your own", "policy-module"),
    ("no collector would start. Example", "policy-bounds"),
    (
        "but the plugin accepts only a time above zero",
        "policy-bounds",
    ),
    ("the plugin accepts names of up to", "policy-bounds"),
    ("but the plugin accepts 64", "policy-bounds"),
];

/// Guards that have no twin, and why.
pub const ALONE: &[(&str, &str)] = &[
    (
        "The chart lacks files/sampling-policy",
        "a broken checkout of the chart, whatever the values say",
    ),
    (
        "which removes the default, but the policy needs",
        "the validator says it of every default: default-removed",
    ),
    (
        "null removes the chart's default, which the templates need",
        "the validator says it of every default: default-removed",
    ),
    (
        "a mount of the volume %q, which the pod lacks",
        "refused where the pod is rendered; the validator's pod-parts finds it with its place",
    ),
    (
        "one of which may be the chart's own",
        "refused where the pod is rendered; the validator's pod-parts and env-clash find most of them",
    ),
    (
        "the chart defines this alert and has no settings",
        "a mistake in the chart itself, which the tests of its alerts find",
    ),
    (
        "a pod of this chart is not valid YAML",
        "a mistake in the chart itself, which every render finds",
    ),
    (
        "refuses a Service whose name does not begin with a letter",
        "the release's name is in no values file",
    ),
];

/// Rules that find more than their guard refuses, and why the chart lets the rest pass.
pub const WIDER: &[(&str, &str)] = &[
    (
        "replicas-auto",
        "only auto without a workload is refused; where no job scrapes kube-state-metrics it renders, and no number \
         is expected",
    ),
    (
        "threshold-blind",
        "only of a threshold below the smallest bucket no rule can be made; one above the largest \
         renders, and its alert never fires",
    ),
    (
        "remote-write",
        "only two logins at once are refused; authorization of the type Basic renders, and Prometheus refuses it",
    ),
    (
        "exporter-insecure",
        "only settings of TLS beside a connection without it are refused; an authority that is not checked and a header that is given twice render",
    ),
    (
        "receiver-client",
        "only callers without a certificate where one is required are refused; tokens over a connection without TLS render, and others read them",
    ),
    (
        "scrape-source",
        "only scrapes twice and not at all are refused; a path or a port without metrics renders, and each scrape gets 404",
    ),
    (
        "scrape-jobs",
        "only the name of a job is refused; a target with a scheme or a path renders, and Prometheus \
         refuses it",
    ),
    (
        "exporter-address",
        "at an address of the right form may listen what takes no OTLP: the rule warns, by port and host",
    ),
    (
        "switch-needs",
        "policies without a peer and requests that a model does not answer render; what they cut off and ask \
         fails in the cluster",
    ),
    (
        "storage-fit",
        "only queues that their volume cannot contain are refused; what a claim can do for several \
         nodes depends on its class",
    ),
    (
        "grafana-source",
        "only the table of traces is refused; a mail server without its port renders, and Grafana sends no mail",
    ),
    (
        "redaction-pattern",
        "only what RE2 does not take is refused; an expression that no whole key matches renders, and nothing is redacted by it",
    ),
    (
        "autoscaling-target",
        "only a missing name is refused; a kind that the chart does not deploy renders, and KEDA finds nothing",
    ),
    (
        "scrape-timeout",
        "only a timeout above the interval is refused; a probe every ten minutes renders, and its alerts see gaps",
    ),
    (
        "model-storage",
        "a claim of the chart's own that is empty and read-only renders, and vLLM cannot write weights to it",
    ),
];

/// A values file and what it is of: a case of a rule's test file.
#[derive(Debug, Clone)]
pub struct Case {
    /// The rule's code.
    pub rule: &'static str,
    /// Whether the rule fires.
    pub fires: bool,
    /// The file.
    pub values: String,
}

impl Case {
    /// What the validator says of it.
    #[must_use]
    pub fn report(&self) -> Report {
        check(&Input {
            sources: vec![Source::new("values.yaml", &self.values)],
            sets: Vec::new(),
        })
    }

    /// The text with which the chart refuses it; none where it renders.
    ///
    /// # Errors
    /// When helm cannot be run, or ends for another reason than a guard's.
    pub fn refusal(&self, chart: &std::path::Path) -> Result<Option<String>> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("values.yaml");
        fs::write(&file, &self.values)?;
        let out = repo::command("helm")?
            .args(["template", "t", "--namespace", "default"])
            .arg(chart)
            .arg("--values")
            .arg(&file)
            .output()?;
        if out.status.success() {
            return Ok(None);
        }
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        let guard = said.contains("templates/validate.yaml") || said.contains("specifications");
        guard
            .then_some(Some(said.clone()))
            .with_context(|| format!("helm ends for another reason: {said}\n{}", self.values))
    }
}

/// The texts of every `fail` in the chart.
///
/// # Errors
/// When a template cannot be read.
pub fn fails() -> Result<Vec<String>> {
    let mut all = Vec::new();
    let mut folders: Vec<PathBuf> = vec![repo::root().join("chart/templates")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path)?;
            for action in text.split("{{").skip(1) {
                let action = action.split("}}").next().unwrap_or("");
                let action = action.trim_start_matches('-').trim_start();
                if let Some(text) = action.strip_prefix("fail ") {
                    all.push(text.to_owned());
                }
            }
        }
    }
    Ok(all)
}

#[derive(Deserialize)]
struct File {
    fires: Vec<Values>,
    silent: Vec<Values>,
}

#[derive(Deserialize)]
struct Values {
    values: String,
}

/// The cases of the rules that have a guard.
///
/// # Errors
/// When a rule's test file cannot be read.
pub fn cases() -> Result<Vec<Case>> {
    let mut all = Vec::new();
    let mut codes: Vec<&'static str> = TWINS.iter().map(|(_, code)| *code).collect();
    codes.dedup();
    for rule in codes {
        let folder = repo::root().join("plugins/values-validator/core/tests/rules");
        let path = folder.join(format!("{rule}.yaml"));
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let file: File = serde_yaml::from_str(&text)?;
        let case = |fires| {
            move |values: Values| Case {
                rule,
                fires,
                values: values.values,
            }
        };
        all.extend(file.fires.into_iter().map(case(true)));
        all.extend(file.silent.into_iter().map(case(false)));
    }
    Ok(all)
}

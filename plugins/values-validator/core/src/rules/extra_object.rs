//! `extraObjects` are objects of Kubernetes, expanded by helm's `tpl`: each needs apiVersion, kind and a
//! name, and a template that parses. Helm stops at the first that does not. Labels, annotations and the data
//! of a ConfigMap are texts. The command knows the fields of Kubernetes' own kinds, of KEDA, of the Gateway API, of
//! cert-manager and of External Secrets: keys that a kind does not have or must have, types and closed lists.

#[cfg(feature = "full")]
mod access;
#[cfg(feature = "full")]
mod backend;
#[cfg(feature = "full")]
mod budgets;
#[cfg(feature = "full")]
mod chart;
#[cfg(feature = "full")]
mod claims;
#[cfg(feature = "full")]
mod encoded;
#[cfg(feature = "full")]
mod fields;
#[cfg(feature = "full")]
mod hooks;
#[cfg(feature = "full")]
mod keys;
#[cfg(feature = "full")]
mod kinds;
#[cfg(feature = "full")]
mod names;
#[cfg(feature = "full")]
mod network;
#[cfg(feature = "full")]
mod pod;
#[cfg(feature = "full")]
mod purpose;
#[cfg(feature = "full")]
mod refusal;
#[cfg(feature = "full")]
mod role;
#[cfg(feature = "full")]
mod schedule;
#[cfg(feature = "full")]
mod secrets;
#[cfg(feature = "full")]
mod selected;
#[cfg(feature = "full")]
mod together;
#[cfg(feature = "full")]
mod typed;
#[cfg(feature = "full")]
mod workload;

#[cfg(feature = "full")]
pub(super) use backend::routed;

use super::Rule;
use super::look::walk;
use crate::embedded::Text;
use crate::finding::in_quotes;
use crate::gotemplate::{Dialect, closed, read};
use crate::node::join;
use crate::{Findings, Node, Severity, Value, Values};

/// `extraObjects[]`.
pub const RULE: Rule = Rule {
    code: "extra-object",
    severity: Severity::Error,
    title: text!("An extra object that helm or Kubernetes refuses"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    {
        secrets::check(values, findings);
        keys::check(values, findings);
        budgets::check(values, findings);
        names::check(values, findings);
        together::check(values, findings);
    }
    for (path, object) in values.list("extraObjects") {
        let mut texts: Vec<(String, &Node)> = vec![(path.clone(), object)];
        walk(object, &path, &mut |path, _, node| {
            texts.push((path.to_owned(), node))
        });
        for (path, node) in &texts {
            // Names that helm does not have give "<no value>".
            const RELEASE: [&str; 6] = [
                "Name",
                "Namespace",
                "Service",
                "IsInstall",
                "IsUpgrade",
                "Revision",
            ];
            if let Some(text) = node.as_str().filter(|text| text.contains("{{"))
                && read(text, Dialect::Helm).is_ok()
                && let Some((_, rest)) = text.split_once(".Release.")
                && let Some(name) = rest.split(|c: char| !c.is_alphanumeric()).next()
                && !RELEASE.contains(&name)
            {
                let finding = RULE
                    .at(path.clone(), &node.place)
                    .found(format!(".Release.{name}, which helm does not have"))
                    .expected(".Release.Name")
                    .why(text!("helm writes an empty text instead."));
                findings.push(match crate::shape::nearest(name, RELEASE) {
                    Some(near) => {
                        let new =
                            text.replace(&format!(".Release.{name}"), &format!(".Release.{near}"));
                        finding
                            .fix(format!("did you mean .Release.{near}?"))
                            .replace(node.place, in_quotes(&new))
                    }
                    None => finding.fix(text!("write .Release.Name")),
                });
            }
            if let Some(text) = node.as_str().filter(|text| text.contains("{{")) {
                for name in ["Release.", "Values.", "Chart."] {
                    for before in ["{{ ", "{{", "{{- ", "{{-"] {
                        let bare = format!("{before}{name}");
                        if !text.contains(&bare) {
                            continue;
                        }
                        let new = text.replace(&bare, &format!("{before}.{name}"));
                        findings.push(
                            RULE.at(path.clone(), &node.place)
                                .found(format!("{name} without a dot before it"))
                                .expected(format!(".{name}"))
                                .why(text!("helm install stops with it."))
                                .fix(format!("write .{name}"))
                                .replace(node.place, in_quotes(&new)),
                        );
                    }
                }
            }
            if path.ends_with("].kind")
                && let Some(near) = node.as_str().and_then(super::kubernetes_name::cased)
            {
                findings.push(
                    RULE.at(path.clone(), &node.place)
                        .found(node.described())
                        .expected(near)
                        .why(text!("Kubernetes has no such kind: helm install stops."))
                        .writes(node.place, near),
                );
            }
            if path.ends_with("].apiVersion")
                && let Some(number) = node.as_i64()
            {
                findings.push(
                    RULE.finds(
                        path.clone(),
                        &node.place,
                        node.described(),
                        text!("a version such as v1 or apps/v1"),
                        text!("helm install stops with it."),
                    )
                    .fix(format!("write v{number}"))
                    .replace(node.place, format!("v{number}")),
                );
            }
            if let Some(fault) = node
                .as_str()
                .and_then(|text| read(text, Dialect::Helm).err())
            {
                let finding = RULE.finds(
                    path.clone(),
                    &node.place,
                    fault.text,
                    text!("a template that helm can expand"),
                    text!("helm install stops with it."),
                );
                findings.push(match closed(node.as_str().unwrap_or(""), Dialect::Helm) {
                    Some(new) => finding.quotes(node.place, &new),
                    None => finding.fix(text!("close each {{ with }}, and each block with {{ end }}; for braces of your own write {{ `{{` }}")),
                });
            }
        }
        if !matches!(object.value, Value::Map(_)) {
            continue;
        }
        texts_only(&path, object, findings);
        named(&path, object, findings);
        versioned(&path, object, findings);
        #[cfg(feature = "full")]
        {
            kinds::fields(&path, object, findings);
            encoded::check(values, &path, object, findings);
            backend::check(values, &path, object, findings);
            selected::check(values, &path, object, findings);
            typed::check(values, &path, object, findings);
            hooks::check(values, &path, object, findings);
            claims::check(values, &path, object, findings);
        }
        let given = |key: &str| {
            object
                .get(key)
                .and_then(Node::as_str)
                .is_some_and(|text| !text.is_empty())
        };
        for key in ["apiVersion", "kind", "metadata.name"] {
            let named = key == "metadata.name" && given("metadata.generateName");
            let list = object.child("kind").and_then(Node::as_str) == Some("List");
            if !given(key) && !named && !list {
                findings.push(
                    RULE.finds(
                        format!("{path}.{key}"),
                        &object.place,
                        format!("an object without {key}"),
                        text!("apiVersion, kind and metadata.name"),
                        text!("The API server refuses it: helm install stops."),
                    )
                    .fix(lacking(object, key)),
                );
            }
        }
        #[cfg(feature = "full")]
        fields::check(&path, object, findings);
    }
}

/// Maps of Kubernetes whose values are texts: a number or a boolean is refused.
fn texts_only(path: &str, object: &Node, findings: &mut Findings) {
    let kind = object.child("kind").and_then(Node::as_str).unwrap_or("");
    let mut maps = vec!["metadata.labels", "metadata.annotations"];
    match kind {
        "ConfigMap" => maps.push("data"),
        "Secret" => maps.extend(["data", "stringData"]),
        _ => {}
    }
    for map in maps {
        for (key, value) in object.get(map).into_iter().flat_map(Node::entries) {
            if matches!(
                value.value,
                Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::List(_) | Value::Map(_)
            ) {
                let scalar = matches!(value.value, Value::Bool(_) | Value::Int(_));
                let finding = RULE
                    .at(join(&format!("{path}.{map}"), key), &value.place)
                    .found(value.described())
                    .expected("a text")
                    .why(text!("The API server refuses it: helm install stops."));
                let text = match &value.value {
                    Value::Bool(on) => on.to_string(),
                    Value::Int(number) => number.to_string(),
                    _ => String::new(),
                };
                findings.push(if scalar {
                    finding
                        .fix(format!("write \"{text}\""))
                        .replace(value.place, format!("\"{text}\""))
                } else {
                    finding.fix(text!("put it into quotes, or below `|`"))
                });
            }
        }
    }
}

/// Kinds of Kubernetes with the version that serves them.
const SERVED: Text = text!(
    "v1 ConfigMap Secret Service ServiceAccount PersistentVolumeClaim Pod Namespace\napps/v1 Deployment StatefulSet DaemonSet ReplicaSet\nbatch/v1 Job CronJob\nnetworking.k8s.io/v1 Ingress NetworkPolicy\nrbac.authorization.k8s.io/v1 Role RoleBinding ClusterRole ClusterRoleBinding\npolicy/v1 PodDisruptionBudget\nautoscaling/v2 HorizontalPodAutoscaler"
);

/// What to add to an object without `key`.
fn lacking(object: &Node, key: &str) -> String {
    let kind = object.child("kind").and_then(Node::as_str).unwrap_or("");
    let version = SERVED.lines().find_map(|line| {
        let (version, kinds) = line.split_once(' ')?;
        kinds.split(' ').any(|k| k == kind).then_some(version)
    });
    match (key, version) {
        ("apiVersion", Some(version)) => format!("add apiVersion: {version}"),
        ("metadata.name", _) => "add metadata: {name: <name>}".into(),
        _ => format!("add {key}"),
    }
}

/// Kubernetes' own kinds with the version that serves them; a Secret's `data` in base64.
fn versioned(path: &str, object: &Node, findings: &mut Findings) {
    let [Some(version), Some(kind)] = ["apiVersion", "kind"].map(|key| object.child(key)) else {
        return;
    };
    let (Some(text), Some(kind)) = (version.as_str(), kind.as_str()) else {
        return;
    };
    let of = |line: &&str| line.split(' ').skip(1).any(|k| k == kind);
    let served = SERVED
        .lines()
        .find(of)
        .and_then(|line| line.split(' ').next());
    // Groups of Kubernetes alone: a kind of that name may be another's.
    let builtin = |group: &str| {
        matches!(
            group,
            "" | "apps" | "batch" | "extensions" | "policy" | "autoscaling"
        ) || group.ends_with(".k8s.io")
    };
    let group = text.split_once('/').map_or("", |(group, _)| group);
    if let Some(served) = served.filter(|served| {
        *served != text
            && builtin(group)
            && !(kind == "HorizontalPodAutoscaler" && text == "autoscaling/v1")
    }) {
        findings.push(
            RULE.at(join(path, "apiVersion"), &version.place)
                .found(format!("{kind} of {text}"))
                .expected(served)
                .why(text!("The API server refuses it: helm install stops."))
                .writes(version.place, served),
        );
    }
    if kind != "Secret" {
        return;
    }
    for (key, value) in object.child("data").into_iter().flat_map(Node::entries) {
        let Some(text) = value.as_str().filter(|text| !text.contains("{{")) else {
            continue;
        };
        let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        if !bare.len().is_multiple_of(4) || !bare.chars().all(letters) || text.contains(' ') {
            findings.push(
                RULE.finds(
                    join(&format!("{path}.data"), key),
                    &value.place,
                    text!("a text that is no base64"),
                    text!("base64, or the text itself in stringData"),
                    text!("The API server refuses it: helm install stops."),
                )
                .fix(text!("write stringData in place of data")),
            );
        }
    }
}

/// Names of objects are small letters, digits, `-` and `.`; only those of RBAC may be more.
fn named(path: &str, object: &Node, findings: &mut Findings) {
    let kind = object.child("kind").and_then(Node::as_str).unwrap_or("");
    for key in ["metadata.name", "metadata.namespace"] {
        let Some(node) = object.get(key) else {
            continue;
        };
        let Some(name) = node
            .as_str()
            .filter(|name| !name.contains("{{") && !name.is_empty())
        else {
            continue;
        };
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let fits = name.starts_with(plain)
            && name.ends_with(plain)
            && name.len() <= 253
            && name.chars().all(|c| plain(c) || matches!(c, '-' | '.'));
        if fits || kind.contains("Role") && key == "metadata.name" {
            continue;
        }
        let new: String = (name.to_ascii_lowercase().chars())
            .map(|c| if plain(c) || c == '.' { c } else { '-' })
            .collect();
        let new = new.trim_matches(|c| c == '-' || c == '.');
        let finding = RULE.finds(
            format!("{path}.{key}"),
            &node.place,
            node.described(),
            text!("small letters, digits, `-` and `.`"),
            text!("The API server refuses it: helm install stops."),
        );
        findings.push(if new.is_empty() {
            finding.fix(text!("choose another name"))
        } else {
            finding.writes(node.place, new)
        });
    }
}

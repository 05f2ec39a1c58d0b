//! Names of objects have small letters, digits, `-` and `.`. Namespaces are names, not patterns: `["*"]`
//! alone means all.

use super::Rule;
use super::look::walk_given;
use crate::embedded::Text;
use crate::finding::in_quotes;
use crate::{Finding, Findings, Node, Severity, Values};

/// Names that become names of objects, or parts of YAML.
pub const RULE: Rule = Rule {
    code: "kubernetes-name",
    severity: Severity::Error,
    title: text!("A name that Kubernetes refuses, or that names nothing"),
    check,
};

/// Keys that name an object.
const NAMES: [&str; 10] = [
    "secretName",
    "clientSecretName",
    "existingSecret",
    "existingClaim",
    "caConfigMap",
    "workload",
    "serviceAccountName",
    "priorityClassName",
    "runtimeClassName",
    "schedulerName",
];
fn check(values: &Values, findings: &mut Findings) {
    walk_given(&values.root, "", &mut |path, key, node| {
        let Some(text) = node
            .as_str()
            .filter(|text| !text.is_empty() && !node.is_default())
        else {
            return;
        };
        if key == "kind" && path.ends_with("scaleTargetRef.kind") {
            kind(path, node, text, findings);
        } else if NAMES.contains(&key) {
            if !name(text, 253, true) {
                findings.push(form(path, node, text));
            }
        } else if path.contains(".namespaces[") {
            namespace(values, path, node, text, findings);
        }
    });
}

/// As RFC 1123 has names: of a subdomain with dots, else of a label.
fn name(text: &str, most: usize, dots: bool) -> bool {
    let inner =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || (dots && c == '.');
    text.len() <= most
        && text.chars().all(inner)
        && !text.starts_with(['-', '.'])
        && !text.ends_with(['-', '.'])
}

fn form(path: &str, node: &Node, text: &str) -> Finding {
    let meant: String = text
        .to_ascii_lowercase()
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        })
        .collect();
    let meant = meant.trim_matches(['-', '.']).to_owned();
    let key = path.rsplit('.').next().unwrap_or(path);
    // With the kind before it, as kubectl prints it.
    if let Some((_, bare)) = text
        .split_once('/')
        .filter(|(_, bare)| key != "secretName" && name(bare, 253, true) && !bare.is_empty())
    {
        return RULE
            .at(path, &node.place)
            .found_text(text)
            .expected(text!("the name of the object alone"))
            .why(text!(
                "No object can have such a name: the API server refuses the pod."
            ))
            .writes(node.place, bare);
    }
    RULE.at(path, &node.place)
        .found_text(text)
        .expected(text!(
            "the name of an object: small letters, digits, - and .; at most 253"
        ))
        .why(if key == "workload" {
            text!("No Deployment has such a name: the expectation stays empty and no alert fires.")
                .as_str()
        } else {
            text!("No object can have such a name: the API server refuses the pod.").as_str()
        })
        .fix(if meant.is_empty() {
            "write the object's name".to_owned()
        } else {
            format!("write the object's name, perhaps {meant}")
        })
}

/// Kinds of objects that people write; with other letters than these, Kubernetes has none.
pub(super) const KINDS: Text = text!(
    "ConfigMap CronJob DaemonSet Deployment ExternalSecret HTTPRoute Ingress Job LeaderWorkerSet NetworkPolicy Namespace PersistentVolumeClaim PodDisruptionBudget PodMonitor PrometheusRule Role RoleBinding ClusterRole ClusterRoleBinding ScaledObject Secret Service ServiceAccount ServiceMonitor StatefulSet TriggerAuthentication ClusterTriggerAuthentication"
);

/// The kind that differs in capital letters only.
pub(super) fn cased(text: &str) -> Option<&'static str> {
    let known = KINDS.as_str().split(' ');
    { known }.find(|known| known.eq_ignore_ascii_case(text) && *known != text)
}

fn kind(path: &str, node: &Node, text: &str, findings: &mut Findings) {
    if let Some(near) = cased(text) {
        findings.push(
            RULE.at(path, &node.place)
                .found(node.described())
                .expected(near)
                .why(text!("Kubernetes has no such kind: KEDA scales nothing."))
                .writes(node.place, near),
        );
    }
}

fn namespace(values: &Values, path: &str, node: &Node, text: &str, findings: &mut Findings) {
    let list = path.rsplit_once('[').map_or(path, |(list, _)| list);
    let count = values.get(list).map_or(1, |list| list.items().len());
    let finding =
        |found: String, expected: &str| RULE.at(path, &node.place).found(found).expected(expected);
    const NONE: Text = text!("There is no such namespace: no pod is watched, without an error.");
    if text == "*" {
        if count > 1 {
            let finding = finding(
                "\"*\" beside names".into(),
                text!("[\"*\"] alone for all namespaces, or names").as_str(),
            )
            .why(text!(
                "\"*\" is taken for the name of a namespace that is not there."
            ))
            .fix(text!("write [\"*\"], or remove it"))
            .as_warning();
            findings.push(finding);
        }
    } else if matches!(
        text.to_ascii_lowercase().as_str(),
        "all" | "any" | "all-namespaces"
    ) {
        let finding = finding(
            in_quotes(text),
            text!("[\"*\"] for all namespaces").as_str(),
        )
        .why(NONE)
        .fix("write \"*\"")
        .replace(node.place, "\"*\"")
        .as_warning();
        findings.push(finding);
    }
}

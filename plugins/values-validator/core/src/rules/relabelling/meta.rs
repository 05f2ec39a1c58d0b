//! Labels that service discovery gives to targets.

use super::say::{empty, near_miss};
use crate::embedded::{Text, labels};
use crate::finding::in_quotes;
use crate::rules::Rule;
use crate::shape::nearest;
use crate::{Finding, Node};

/// Whether the job's targets may have any label at all.
pub(super) fn any(job: &Node) -> bool {
    ["http_sd_configs", "file_sd_configs"]
        .iter()
        .any(|key| job.child(key).is_some())
        || kubernetes(job).iter().any(|found| {
            let role = found.child("role").and_then(Node::as_str);
            role.is_some_and(|role| !ROLES.as_str().split(' ').any(|known| known == role))
        })
}

/// Another role is refused: what it was meant to be is not known.
const ROLES: Text = text!("pod service endpoints endpointslice node ingress");

/// The discovery of Kubernetes in a job.
fn kubernetes(job: &Node) -> &[Node] {
    job.child("kubernetes_sd_configs")
        .map_or(&[][..], Node::items)
}

/// Whether the targets of the job have a label of the table.
fn has(job: &Node, label: &str) -> bool {
    let Some((kind, rest)) = label.split_once('_') else {
        return false;
    };
    if kind != "kubernetes" {
        return job.child(&format!("{kind}_sd_configs")).is_some();
    }
    let (object, below) = rest.split_once('_').unwrap_or((rest, ""));
    kubernetes(job).iter().any(|found| {
        let attached = |what: &str| {
            let given = found.child("attach_metadata").and_then(|n| n.child(what));
            given.and_then(Node::as_bool) == Some(true)
        };
        let role = found.child("role").and_then(Node::as_str).unwrap_or("");
        let slices = role == "endpointslice";
        let endpoints = role == "endpoints" || slices;
        match object {
            "namespace" => role != "node" && (below.is_empty() || attached("namespace")),
            "node" => role == "node" || attached("node"),
            "pod" => role == "pod" || endpoints,
            "service" => role == "service" || endpoints && !below.starts_with("port_"),
            "endpoint" => role == "endpoints",
            other => role == other,
        }
    })
}

/// The label of the list that a name is.
fn known<'a>(mut labels: impl Iterator<Item = &'a str>, name: &str) -> Option<&'a str> {
    labels.find(|label| *label == name || label.ends_with('_') && name.starts_with(label))
}

/// A label that the job's targets do not have, and the one that was meant.
pub(super) fn label(
    rule: &Rule,
    path: &str,
    node: &Node,
    text: &str,
    job: &Node,
) -> Option<Finding> {
    let name = text.strip_prefix("__meta_")?;
    #[cfg(feature = "full")]
    if let Some(finding) = super::fixed::read(rule, path, node, text, job) {
        return Some(finding);
    }
    let own = || labels().lines().filter(|label| has(job, label));
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let spelt: String = name
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect();
    let (kind, rest) = spelt.split_once('_')?;
    let listed = labels()
        .lines()
        .any(|label| label.split('_').next() == Some(kind));
    if any(job)
        || spelt == name && known(own(), name).is_some()
        || own().next().is_none() && job.child("kubernetes_sd_configs").is_some()
        // Of a discovery that the table does not have.
        || !listed && job.child(&format!("{kind}_sd_configs")).is_some()
        || kind == "openstack" || kind == "aws" || kind == "lightsail" || kind == "msk"
    {
        return None;
    }
    let other = known(labels().lines(), &spelt);
    let near = [
        spelt.clone(),
        format!("kubernetes_{spelt}"),
        format!("kubernetes_{rest}"),
        format!("kubernetes_pod_{rest}"),
    ]
    .into_iter()
    .find(|new| known(own(), new).is_some());
    let near = near.or_else(|| {
        if other.is_some() {
            return None;
        }
        // A name of the user's behind what was misspelt.
        let open = || own().filter(|label| label.ends_with('_'));
        let ends = spelt
            .match_indices('_')
            .map(|(at, _)| spelt.split_at(at + 1));
        let mut split = ends.filter(|(_, tail)| !tail.is_empty());
        split
            .find_map(|(head, tail)| {
                let words = head.matches('_').count();
                let open = open().filter(|label| label.matches('_').count() == words);
                Some(format!("{}{tail}", nearest(head, open)?))
            })
            .or_else(|| {
                let closed = own().filter(|label| !label.ends_with('_'));
                Some(nearest(&spelt, closed)?.to_owned())
            })
    });
    if let Some(near) = near {
        return Some(near_miss(rule, path, node, &format!("__meta_{near}")));
    }
    let finding = empty(rule, path, node);
    Some(match other {
        Some(label) if label.contains("_node_") || label.contains("_namespace_") => finding
            .expected(text!("a label of the job's role"))
            .fix(text!(
                "add attach_metadata: {node: true} or {namespace: true} to kubernetes_sd_configs"
            )),
        Some(label) => {
            let object = label.split('_').nth(1).unwrap_or("");
            finding
                .expected(text!("a label that the job's role or discovery gives"))
                .fix(if kind == "kubernetes" {
                    format!("write a label of this role, or another role: only the roles of {object} give it")
                } else {
                    format!("add {kind}_sd_configs, or write another label")
                })
        }
        None => finding
            .expected(text!("a label that the job's role or discovery gives"))
            .fix(text!(
                "write such a label: see Prometheus' documentation of its discovery"
            )),
    })
}

/// A pattern for names of labels that begins as none of the job's does.
pub(super) fn pattern(rule: &Rule, path: &str, node: &Node, job: &Node) -> Option<Finding> {
    let text = node.as_str()?;
    let rest = text.strip_prefix("__meta_kubernetes_")?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
    let begin = format!("kubernetes_{}", &rest[..end]);
    let own = || labels().lines().filter(|label| has(job, label));
    let fits =
        |label: &str| label.starts_with(&begin) || label.ends_with('_') && begin.starts_with(label);
    if any(job) || own().any(fits) || own().next().is_none() || rest[end..].starts_with(['?', '*'])
    {
        return None;
    }
    let near = nearest(&begin, own().filter(|label| label.ends_with('_')));
    let new = near.map(|near| format!("__meta_{near}{}", &rest[end..]));
    Some(match new {
        Some(new) => near_miss(rule, path, node, &in_quotes(&new)),
        None => empty(rule, path, node)
            .expected(text!("the beginning of labels that the job's role gives"))
            .fix(text!(
                "write such a beginning, as __meta_kubernetes_pod_label_(.+) of role pod"
            )),
    })
}

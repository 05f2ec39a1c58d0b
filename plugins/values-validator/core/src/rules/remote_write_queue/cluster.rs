//! The label `cluster` of what is sent to a store that several clusters write to.

use super::RULE;
use crate::node::{item, join};
use crate::rules::look::{on, text};
use crate::rules::relabelling::without;
use crate::{Finding, Findings, Node, Severity, Values, re2};

/// Names under which people write it.
const MEANT: [&str; 8] = [
    "clusters",
    "clustername",
    "k8scluster",
    "kubecluster",
    "kubernetescluster",
    "clusterid",
    "eksclustername",
    "cluster",
];

const WHY: &str = "Rules and dashboards tell clusters apart by the label cluster: VllmFleetDown fires for each of rules.export.clusters, and the clusters' series mix.";

/// Whether the store has several clusters, and rules or dashboards for them come from this release.
fn several(values: &Values) -> bool {
    text(values, "metrics.mode") == "standalone"
        && values.list("prometheus.remoteWrite").next().is_some()
        && (on(values, "dashboards.multiCluster")
            || values.list("rules.export.clusters").next().is_some())
}

pub(super) fn check(values: &Values, findings: &mut Findings) {
    if !several(values) {
        return;
    }
    if values.get("prometheus.externalLabels.cluster").is_none() {
        findings.0.extend(misnamed(values));
        return;
    }
    for (path, server) in values.list("prometheus.remoteWrite") {
        let key = "write_relabel_configs";
        let steps = server.child(key).map_or(&[][..], Node::items);
        for (at, step) in steps.iter().enumerate() {
            let path = item(&join(&path, key), at);
            findings.0.extend(dropped(&path, step));
        }
    }
}

/// An external label that is `cluster` but for its spelling.
fn misnamed(values: &Values) -> Option<Finding> {
    let plain = |name: &str| -> String {
        let letters = name.chars().filter(|c| !matches!(c, '_' | '-' | '.'));
        letters.flat_map(char::to_lowercase).collect()
    };
    let (path, label, node) = values
        .map("prometheus.externalLabels")
        .find(|(_, label, _)| MEANT.contains(&plain(label).as_str()))?;
    let mut finding = RULE
        .at(path, node.key_place())
        .found(format!("the external label {label}"))
        .expected("the external label cluster")
        .why(WHY);
    finding.severity = Severity::Warning;
    Some(finding.writes(node.key_place(), "cluster"))
}

/// A step that takes the label away from what is sent.
fn dropped(path: &str, step: &Node) -> Option<Finding> {
    let action = step.child("action").and_then(Node::as_str)?;
    let keep = action == "labelkeep";
    let node = step.child("regex")?;
    let text = node.as_str()?;
    let pattern = re2::whole(text).filter(|_| keep || action == "labeldrop")?;
    // A step that takes all labels away is said already.
    if pattern.is_match("cluster") == keep || pattern.is_match("__name__") != keep {
        return None;
    }
    let mut finding = RULE
        .at(join(path, "regex"), node.place)
        .found(format!(
            "{action} {text:?}, which takes the label cluster away"
        ))
        .expected("the label cluster, which prometheus.externalLabels adds")
        .why(WHY);
    finding.severity = Severity::Warning;
    if keep {
        return Some(finding.quotes(node.place, &format!("{text}|cluster")));
    }
    Some(match without(text, "cluster") {
        Some(rest) if rest.is_empty() => finding.fix("remove the step"),
        Some(rest) => finding.quotes(node.place, &rest),
        None => finding.fix("leave cluster out of the pattern"),
    })
}

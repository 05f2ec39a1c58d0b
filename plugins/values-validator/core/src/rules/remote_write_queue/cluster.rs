//! The label `cluster` of what is sent to a store that several clusters write to.

use super::RULE;
use crate::node::{item, join};
use crate::rules::look::{on, text, walk};
use crate::rules::relabelling::without;
use crate::{Finding, Findings, Node, Values, re2};

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
        findings
            .0
            .extend(misnamed(values).or_else(|| missing(values)));
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
    let finding = RULE
        .warning(path, node.key_place())
        .found(format!("the external label {label}"))
        .expected("the external label cluster")
        .why(WHY);
    Some(finding.writes(node.key_place(), "cluster"))
}

/// A store of which clusters are expected, and no name for this one.
fn missing(values: &Values) -> Option<Finding> {
    let clusters: Vec<(String, &Node)> = values.list("rules.export.clusters").collect();
    let mut given = false;
    for path in [
        "prometheus.remoteWrite",
        "prometheus.scrapeConfigs",
        "metrics.scrape",
    ] {
        if let Some(node) = values.get(path) {
            walk(node, path, &mut |_, key, node| {
                let text = node.as_str();
                given |= key == "cluster" || key == "target_label" && text == Some("cluster");
                given |= text == Some("labelmap");
            });
        }
    }
    let name = match &clusters[..] {
        [(_, only)] => only.as_str().unwrap_or_default(),
        [] => return None,
        _ => "<the name of this one>",
    };
    let labels = values.get("prometheus.externalLabels");
    let servers = values.get("prometheus.remoteWrite")?;
    let node = labels.filter(|node| !node.is_default()).unwrap_or(servers);
    let finding = RULE
        .warning("prometheus.externalLabels", node.key_place())
        .found("no label cluster")
        .expected("the external label cluster, by which rules.export.clusters are distinguished")
        .why(WHY)
        .fix(format!("add prometheus.externalLabels.cluster: {name}"));
    (!given).then_some(finding)
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
    let finding = RULE
        .warning(join(path, "regex"), node.place)
        .found(format!(
            "{action} {text:?}, which takes the label cluster away"
        ))
        .expected("the label cluster, which prometheus.externalLabels adds")
        .why(WHY);
    if keep {
        return Some(finding.quotes(node.place, &format!("{text}|cluster")));
    }
    Some(match without(text, "cluster") {
        Some(rest) if rest.is_empty() => finding.fix("remove the step"),
        Some(rest) => finding.quotes(node.place, &rest),
        None => finding.fix("leave cluster out of the pattern"),
    })
}

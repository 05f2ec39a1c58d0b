//! Objects in `extraObjects` that the same Prometheus is to read.

use super::RULE;
use crate::node::join;
use crate::rules::look::text;
use crate::{Findings, Node, Values};

const KINDS: [&str; 5] = [
    "PrometheusRule",
    "PodMonitor",
    "ServiceMonitor",
    "Probe",
    "ScrapeConfig",
];

/// Those without the labels by which Prometheus selects.
pub(super) fn unselected(values: &Values, findings: &mut Findings) {
    if !matches!(text(values, "metrics.mode"), "operator" | "auto") {
        return;
    }
    let wanted: Vec<(&str, &str)> = (values.map("metrics.operator.labels"))
        .filter_map(|(_, name, value)| Some((name, value.as_str()?)))
        .collect();
    for (path, object) in values.list("extraObjects") {
        let said = |key: &str| object.child(key).and_then(Node::as_str).unwrap_or_default();
        let ours = said("apiVersion").starts_with("monitoring.coreos.com/");
        if !ours || !KINDS.contains(&said("kind")) {
            continue;
        }
        let labels = object.get("metadata.labels");
        let own = |name: &str| labels.and_then(|labels| labels.child(name));
        let lacking = (wanted.iter()).find(|(name, value)| {
            let text = own(name).map(|node| node.as_str().unwrap_or("{{"));
            text.is_none_or(|text| text != *value && !text.contains("{{"))
        });
        let Some((name, value)) = lacking else {
            continue;
        };
        let path = join(&join(&path, "metadata"), "labels");
        let place = own(name)
            .or(labels)
            .or(object.child("metadata"))
            .unwrap_or(object)
            .place;
        let finding = RULE
            .at(path, place)
            .found(format!(
                "a {} without the label {name}: {value}",
                said("kind")
            ))
            .expected("the labels in metrics.operator.labels")
            .why("A Prometheus that selects by these labels does not read the object.");
        findings.push(match own(name) {
            Some(node) => finding.writes(node.place, value),
            None => finding.fix(format!("add {name}: {value} to its labels")),
        });
    }
}

//! Words for thresholds of the chart's alerts: what is a multiple, and those that are set elsewhere.

use crate::codes;
use crate::finding::Finding;
use crate::node::{Node, Value};
use vllm_catalog::number::Shown;

/// Alerts whose number is set below `thresholds`, with its default.
const ELSEWHERE: [(&str, &str, &str); 4] = [
    ("VllmE2ELatencyHigh", "e2eLatency", "2m"),
    ("VllmSlowRequestsPresent", "e2eLatency", "2m"),
    ("VllmTimeToFirstTokenHigh", "timeToFirstToken", "30s"),
    ("VllmInterTokenLatencyHigh", "interTokenLatency", "1s"),
];

/// Names that people give to it.
const NAMES: [&str; 6] = ["threshold", "limit", "value", "above", "alert", "seconds"];

/// Words for a number below `rules.alerts`.
pub(super) fn words(finding: &Finding, node: &Node, root: &Node) -> Option<String> {
    let (alert, key) = finding
        .path
        .strip_prefix("rules.alerts.")?
        .split_once('.')?;
    if finding.code == codes::OUT_OF_BOUNDS.code
        && (alert, key) == ("VllmReplicaOutlier", "threshold")
    {
        return Some(multiple(node.as_f64()?));
    }
    if finding.code != codes::UNKNOWN_KEY.code || !NAMES.contains(&key) {
        return None;
    }
    let (_, latency, default) = ELSEWHERE.iter().find(|(name, ..)| *name == alert)?;
    let path = format!("thresholds.{latency}.alert");
    let written = match &node.value {
        // A percentage or a quantile is none of it.
        Value::Int(_) | Value::Float(_) => format!("{}s", Shown(node.as_f64()?)),
        Value::Text(text) => text.clone(),
        _ => (*default).to_owned(),
    };
    let text = root.get(&path).filter(|given| !given.place.is_untouched());
    Some(match text.and_then(Node::as_str) {
        Some(given) => format!("remove it: this alert compares with {path}, which is {given}"),
        None => format!("set {path}: {written} in its place: this alert compares with that one"),
    })
}

/// What a number says that was meant as a part of the median.
fn multiple(number: f64) -> String {
    let of = "threshold is a multiple of the median of the model's replicas";
    if number > 0.0 && number < 1.0 {
        let percent = Shown((number * 1e4).round() / 100.0);
        let meant = Shown(((1.0 + number) * 1e6).round() / 1e6);
        format!(
            "write {meant} for replicas that are {percent} % slower, 2 for twice as slow: {of}, 3 by default"
        )
    } else {
        format!("write a number above 1, such as 3: {of}")
    }
}

//! A trace is kept because the whole request, the first token, or decoding took too long; where the plugin
//! decides, also because a call failed, because a request is among the slowest of its model, or as a baseline
//! to compare with. With all of them off the collector runs, takes every span, and keeps none.

use super::Rule;
use super::look::{foreign, keep_traces, on, plugin};
use crate::node::blamed;
use crate::{Findings, Node, Severity, Value, Values};

/// All of `thresholds.*.keepTrace`, `models[].thresholds` and the reasons of `tracing.policy`.
pub const RULE: Rule = Rule {
    code: "nothing-kept",
    severity: Severity::Warning,
    title: text!("Tracing is on, and no trace is ever kept"),
    check,
};

/// The latencies that have a `keepTrace`.
const LATENCIES: [&str; 3] = ["e2eLatency", "timeToFirstToken", "decodeTime"];

/// The switches of the plugin's other reasons.
const REASONS: [&str; 3] = [
    "tracing.policy.errors.enabled",
    "tracing.policy.slowest.enabled",
    "tracing.policy.baseline.enabled",
];

/// `off` unquoted is false in YAML 1.1.
fn off(node: &Node) -> bool {
    matches!(&node.value, Value::Bool(false)) || node.as_str() == Some("off")
}

fn check(values: &Values, findings: &mut Findings) {
    let missing = |latency: &&str| {
        values
            .get(&format!("thresholds.{latency}.keepTrace"))
            .is_none()
    };
    // A value of the wrong type or none at all is another finding.
    let decided_elsewhere = !on(values, "tracing.enabled") || foreign(values);
    if decided_elsewhere || LATENCIES.iter().any(missing) {
        return;
    }
    let mut reasons: Vec<(String, &Node)> = LATENCIES
        .iter()
        .flat_map(|latency| keep_traces(values, latency))
        .collect();
    if plugin(values) {
        let switches = REASONS.iter().filter_map(|path| {
            let node = values.get(path)?;
            Some(((*path).to_owned(), node))
        });
        reasons.extend(switches);
    }
    if !reasons.iter().all(|(_, node)| off(node)) {
        return;
    }
    let nodes: Vec<&Node> = reasons.iter().map(|(_, node)| *node).collect();
    let Some(at) = blamed(&nodes) else {
        return;
    };
    let path = reasons
        .iter()
        .find(|(_, node)| std::ptr::eq(*node, at))
        .map_or("thresholds", |(path, _)| path);
    findings.push(
        RULE.finds(
            path,
            &at.place,
            text!("off, as all other reasons to keep a trace are"),
            text!("at least one reason"),
            text!("The collector takes every span and keeps none."),
        )
        .fix(text!(
            "give one of thresholds.*.keepTrace a time, or set tracing.enabled to false"
        )),
    );
}

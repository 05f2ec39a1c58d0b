//! A trace is kept for one of three reasons: the whole request, the first token, or decoding took too
//! long. With all three `off` the collector runs, takes every span, and keeps none.

use super::Rule;
use super::look::on;
use crate::node::blamed;
use crate::{Findings, Node, Severity, Value, Values};

/// All of `thresholds.*.keepTrace`.
pub const RULE: Rule = Rule {
    code: "nothing-kept",
    severity: Severity::Warning,
    title: "Tracing is on, and no trace is ever kept",
    check,
};

const REASONS: [&str; 3] = [
    "thresholds.e2eLatency.keepTrace",
    "thresholds.timeToFirstToken.keepTrace",
    "thresholds.decodeTime.keepTrace",
];

/// `off` unquoted is false in YAML 1.1.
fn off(node: &Node) -> bool {
    matches!(&node.value, Value::Bool(false)) || node.as_str() == Some("off")
}

fn check(values: &Values, findings: &mut Findings) {
    let nodes: Vec<&Node> = REASONS.iter().filter_map(|path| values.get(path)).collect();
    if !on(values, "tracing.enabled")
        || nodes.len() < REASONS.len()
        || !nodes.iter().all(|n| off(n))
    {
        return;
    }
    let Some(at) = blamed(&nodes) else {
        return;
    };
    let path = REASONS
        .iter()
        .zip(&nodes)
        .find(|(_, node)| std::ptr::eq(**node, at));
    findings.push(
        RULE.at(path.map_or("thresholds", |(path, _)| path), at.place)
            .found("off, as the other two are")
            .expected("a time for at least one of them")
            .why("The collector takes every span and keeps none.")
            .fix("give one of them a time, or set tracing.enabled to false"),
    );
}

//! Queues are those of exporters that send over the network: without one there is none.

use super::RULE;
use crate::rules::look::on;
use crate::{Findings, Node, Values};

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let named = ["otlp", "otlphttp"].iter().any(|kind| {
        let all = values.get(&format!("tracing.exporters.{kind}"));
        all.is_some_and(|all| all.entries().next().is_some())
    });
    if named || on(values, "jaeger.enabled") || !on(values, "tracing.enabled") {
        return;
    }
    let given = |path: &&str| {
        let node = values.get(path).filter(|node| !node.is_default())?;
        let idle = node.as_bool() == Some(false) || node.as_str() == Some("");
        (!idle).then_some(node)
    };
    let paths = [
        "tracing.queue.size",
        "tracing.queue.drainSeconds",
        "tracing.storage.persistent",
    ];
    let first: Option<(&str, &Node)> = paths.iter().find_map(|path| Some((*path, given(path)?)));
    let Some((path, node)) = first else { return };
    findings.push(
        RULE.at(path, node.key_place())
            .found(format!(
                "{path}, and no exporter that sends over the network"
            ))
            .expected("a value that something reads")
            .why("Only such exporters have a queue. The value does nothing.")
            .fix("add the store in tracing.exporters.otlp or otlphttp, or remove it"),
    );
}

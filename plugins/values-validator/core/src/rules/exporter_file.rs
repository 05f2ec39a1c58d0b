//! The exporters' queues are on a volume at /var/lib/otelcol/queue. A file of kept traces there takes the room
//! of spans that wait for their store.
//!
//! The chart refuses it too.

use super::Rule;
use super::look::on;
use crate::{Findings, Severity, Values};

/// The folder of `tracing.exporters.file.path`.
pub const RULE: Rule = Rule {
    code: "exporter-file",
    severity: Severity::Error,
    title: text!("The file of kept traces is on the volume of the exporters' queues"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let path = "tracing.exporters.file.path";
    let Some(node) = values.get(path) else {
        return;
    };
    let folder = node.as_str().and_then(|file| file.rsplit_once('/'));
    let inside = folder.is_some_and(|(folder, _)| folder.starts_with("/var/lib/otelcol/queue"));
    if !inside || !on(values, "tracing.enabled") || !on(values, "tracing.exporters.file.enabled") {
        return;
    }
    findings.push(
        RULE.finds(
            path,
            &node.place,
            node.described(),
            text!("a folder outside /var/lib/otelcol/queue"),
            text!("The file would fill the volume on which spans wait for their store."),
        )
        .fix(text!("write /var/lib/otelcol/kept/kept.jsonl")),
    );
}

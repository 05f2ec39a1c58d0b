//! Kept traces go to the exporters. Without one, kept traces would be lost, and its
//! configuration is invalid.
//!
//! The chart refuses it too.

use super::Rule;
use super::look::on;
use crate::{Findings, Node, Severity, Value, Values};

/// `tracing.exporters` with nothing on.
pub const RULE: Rule = Rule {
    code: "exporters-none",
    severity: Severity::Error,
    title: text!("Tracing is on without an exporter"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let Some(exporters) = values.get("tracing.exporters") else {
        return;
    };
    if !matches!(exporters.value, Value::Map(_)) {
        return;
    }
    let named = ["otlp", "otlphttp"].iter().any(|kind| {
        exporters
            .child(kind)
            .is_some_and(|map| map.entries().next().is_some())
    });
    let others = ["debug", "file"]
        .iter()
        .any(|kind| on(values, &format!("tracing.exporters.{kind}.enabled")));
    let jaeger = on(values, "jaeger.enabled");
    if !on(values, "tracing.enabled") || named || others || jaeger {
        return;
    }
    // Only the debug exporter is on by default: without it there is none.
    let debug = exporters.get("debug.enabled");
    findings.push(
        RULE.finds("tracing.exporters", debug.map_or(exporters.place, |node: &Node| node.place), text!("none that is on"), text!("at least one of debug, otlp, otlphttp, file"), text!(
            "Kept traces would go nowhere, and the collector refuses such a pipeline."
        ))
        .fix(text!("add one, as tracing.exporters: {otlp: {<name>: {endpoint: http://<host>:4317}}} or debug: {enabled: true}; or set tracing.enabled to false")),
    );
}

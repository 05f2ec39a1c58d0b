//! OTLP over HTTP is sent to a URL, with its scheme. Without one the exporter fails at each attempt,
//! and kept traces pile up in its queue.
//!
//! The chart refuses it too.

use super::Rule;
use super::endpoint::endpoints;
use crate::finding::in_quotes;
use crate::{Findings, Severity, Values};

/// `tracing.exporters.otlphttp.*.endpoint`
pub const RULE: Rule = Rule {
    code: "exporter-scheme",
    severity: Severity::Error,
    title: text!("An HTTP exporter's endpoint has no scheme"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for end in endpoints(values)
        .iter()
        .filter(|end| end.kind == "otlphttp")
    {
        if end.scheme().is_some() || end.text.contains("${") {
            continue;
        }
        findings.push(
            RULE.finds(
                end.path.clone(),
                &end.node.place,
                in_quotes(end.text),
                text!("a URL: http://… or https://…"),
                text!("Every attempt to send fails, and kept traces pile up in the queue."),
            )
            .fix(format!(
                "write http://{} without TLS, https://{} with it",
                end.text, end.text
            )),
        );
    }
}

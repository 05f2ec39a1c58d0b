//! The HTTP exporter adds `/v1/traces` to its endpoint. An endpoint that has it already is asked for
//! `/v1/traces/v1/traces`, and the receiver says 404.

use super::Rule;
use super::endpoint::endpoints;
use crate::finding::in_quotes;
use crate::{Findings, Severity, Values};

/// The path of `tracing.exporters.otlphttp.*.endpoint`.
pub const RULE: Rule = Rule {
    code: "exporter-path",
    severity: Severity::Error,
    title: text!("An HTTP exporter's endpoint has the path that is added to it"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for end in endpoints(values)
        .iter()
        .filter(|end| end.kind == "otlphttp")
    {
        let path = end.url_path().trim_end_matches('/');
        let Some(base) = path.strip_suffix("/v1/traces") else {
            continue;
        };
        let stem = end.text.trim_end_matches('/');
        let new = format!("{}{base}", &stem[..stem.len() - path.len()]);
        findings.push(
            RULE.finds(
                end.path.clone(),
                &end.node.place,
                in_quotes(end.text),
                text!("the address alone"),
                text!("/v1/traces is added to it: the receiver answers 404, and nothing arrives."),
            )
            .quotes(end.node.place, &new),
        );
    }
}

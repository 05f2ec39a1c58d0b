//! Two exporters to one address send every kept trace twice.

use std::collections::BTreeMap;

use super::Rule;
use super::endpoint::endpoints;
use crate::{Findings, Severity, Values};

/// Endpoints of `tracing.exporters` against each other.
pub const RULE: Rule = Rule {
    code: "exporter-twice",
    severity: Severity::Warning,
    title: "Two exporters send to one address",
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let mut seen = BTreeMap::new();
    for end in endpoints(values) {
        let to = (
            end.host_and_port().to_owned(),
            end.exporter.child("headers").map(|h| {
                format!(
                    "{:?}",
                    h.entries()
                        .map(|(k, v)| (k, v.as_str()))
                        .collect::<Vec<_>>()
                )
            }),
        );
        let Some((first, place)) = seen.insert(to, (end.path.clone(), end.node.place)) else {
            continue;
        };
        findings.push(
            RULE.at(end.path.clone(), end.node.place)
                .found(format!("the address of {first}"))
                .expected("one exporter for each receiver")
                .why("Every kept trace is sent and stored twice.")
                .fix("leave one of them out")
                .related(place, "the first of them"),
        );
    }
}

//! Two exporters to one address send every kept trace twice.

#[cfg(feature = "full")]
mod receiver;

use super::Rule;
use super::endpoint::endpoints;
#[cfg(not(feature = "full"))]
use super::look;
use crate::sorted::Sorted;
use crate::{Findings, Severity, Values};

/// Endpoints of `tracing.exporters` against each other.
pub const RULE: Rule = Rule {
    code: "exporter-twice",
    severity: Severity::Warning,
    title: text!("Two exporters send to one address"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let mut seen = Sorted::default();
    for end in endpoints(values) {
        #[cfg(feature = "full")]
        if let Some(own) = receiver::own(values, &end) {
            findings.push(own);
            continue;
        }
        #[cfg(feature = "full")]
        let to = receiver::of(&end);
        #[cfg(not(feature = "full"))]
        let to = look::sends(end.host_and_port(), end.exporter);
        let Some((first, place)) = seen.insert(to, (end.path.clone(), end.node.place)) else {
            continue;
        };
        findings.push(
            RULE.finds(
                end.path.clone(),
                &end.node.place,
                format!("the address of {first}"),
                text!("one exporter for each receiver"),
                text!("Every kept trace is sent and stored twice."),
            )
            .fix(text!("leave one of them out"))
            .related(place, "the first of them"),
        );
    }
}

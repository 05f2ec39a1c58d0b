//! An added alert that has the name of one of the chart's, or of another added one, cannot be told from
//! it: by routes, silences, or the people who are paged.

use super::Rule;
use crate::sorted::Sorted;
use crate::{Findings, Severity, Values};

/// `rules.additionalAlerts[].alert` against each other and `rules.alerts`.
pub const RULE: Rule = Rule {
    code: "alert-names",
    severity: Severity::Error,
    title: text!("An added alert has the name of another"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let own = values
        .map("rules.alerts")
        .map(|(_, name, node)| (name, node.key_place()));
    let mut seen: Sorted<_> = own.collect();
    for (path, alert) in values.list("rules.additionalAlerts") {
        let Some(node) = alert.child("alert") else {
            continue;
        };
        let Some(name) = node.as_str() else {
            continue;
        };
        let Some(first) = seen.insert(name, node.place) else {
            continue;
        };
        findings.push(
            RULE.finds(
                format!("{path}.alert"),
                &node.place,
                format!("{name}, which is there already"),
                text!("a name of its own"),
                text!("Routes, silences and people go by the name."),
            )
            .fix(text!(
                "rename it; to change an alert of the chart, see rules.alerts"
            ))
            .related(first, "the other one"),
        );
    }
}

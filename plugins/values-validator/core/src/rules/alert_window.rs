//! A rate needs two samples in its range. A range shorter than two scrapes holds one or none, and the
//! rate has no result. Four scrapes leave room for a lost one. A number without a unit counts seconds.

use super::Rule;
use super::expressions::report;
use crate::promql::meaning::Topic;
use crate::{Findings, Severity, Values};

/// Ranges in `rules.additionalAlerts[].expr` against `metrics.scrape.interval`.
pub const RULE: Rule = Rule {
    code: "alert-window",
    severity: Severity::Error,
    title: text!("An added alert takes a rate over too few samples"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    report(&RULE, Topic::Window, values, findings);
}

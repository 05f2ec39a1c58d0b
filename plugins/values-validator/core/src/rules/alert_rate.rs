//! A counter only grows until the process restarts. An alert on its value never ends; what is meant
//! is `rate()` or `increase()`. A gauge goes up and down: `rate()` takes each fall for a restart. The
//! rate is taken before the sum: the sum of several counters falls when one server restarts.

use super::Rule;
use super::expressions::report;
use crate::promql::meaning::Topic;
use crate::{Findings, Severity, Values};

/// Counters and gauges in `rules.additionalAlerts[].expr`.
pub const RULE: Rule = Rule {
    code: "alert-rate",
    severity: Severity::Warning,
    title: text!("An added alert reads a counter without rate(), or a gauge with it"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    report(&RULE, Topic::Rate, values, findings);
}

//! Prometheus fires an alert for every series that its expression gives, whatever the value is. Without a
//! comparison that is every series; with `bool` it is too, as 0 is a value like 1.

use super::Rule;
use super::expressions::report;
use crate::promql::meaning::Topic;
use crate::{Findings, Severity, Values};

/// `rules.additionalAlerts[].expr` as a condition.
pub const RULE: Rule = Rule {
    code: "alert-condition",
    severity: Severity::Warning,
    title: text!("An added alert has no condition"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    report(&RULE, Topic::Condition, values, findings);
}

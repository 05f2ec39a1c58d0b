//! `histogram_quantile(φ, …)` reads buckets: series whose label `le` is their upper bound. `sum` without
//! `by (le)` drops it, and nothing is left to read. φ is between 0 and 1.

use super::Rule;
use super::expressions::report;
use crate::promql::meaning::Topic;
use crate::{Findings, Severity, Values};

/// `histogram_quantile` in `rules.additionalAlerts[].expr`.
pub const RULE: Rule = Rule {
    code: "alert-quantile",
    severity: Severity::Error,
    title: text!("An added alert takes a quantile of what has no buckets"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    report(&RULE, Topic::Quantile, values, findings);
}

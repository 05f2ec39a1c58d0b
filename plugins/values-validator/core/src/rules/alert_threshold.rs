//! A ratio goes from 0 to 1, whatever its name says (`vllm:kv_cache_usage_perc`); a quantile is at most
//! the histogram's largest bound; nothing that is counted is below 0. A comparison beyond that is never
//! true, or always.

use super::Rule;
use super::expressions::report;
use crate::promql::meaning::Topic;
use crate::{Findings, Severity, Values};

/// Comparisons in `rules.additionalAlerts[].expr`.
pub const RULE: Rule = Rule {
    code: "alert-threshold",
    severity: Severity::Error,
    title: text!("An added alert compares with a number that the value never crosses"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    report(&RULE, Topic::Threshold, values, findings);
}

//! In the mode `victoriametrics` vmalert evaluates the rules, and its MetricsQL takes more than PromQL: a range may be
//! left out, and there are further functions and operators
//! (https://docs.victoriametrics.com/victoriametrics/metricsql/).

use crate::Values;
use crate::rules::look::text;

/// Words of MetricsQL that PromQL does not have.
const WORDS: [&str; 6] = [
    "WITH",
    "with",
    "default",
    "if",
    "ifnot",
    "keep_metric_names",
];

/// Functions whose names are near those of PromQL.
const NEAR: [&str; 8] = [
    "any",
    "lag",
    "mode",
    "mode_over_time",
    "now",
    "rand",
    "sum2",
    "sum2_over_time",
];

/// Whether the fault is none there.
pub(super) fn takes(values: &Values, expr: &str, fault: &str) -> bool {
    if text(values, "metrics.mode") != "victoriametrics" {
        return false;
    }
    let mut words = expr.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    if fault.contains("takes a range vector") || words.any(|word| WORDS.contains(&word)) {
        return true;
    }
    fault
        .strip_prefix("the unknown function ")
        .is_some_and(|name| match name.split_once(';') {
            None => true,
            Some((name, _)) => NEAR.contains(&name),
        })
}

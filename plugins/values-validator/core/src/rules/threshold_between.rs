//! vLLM counts latencies in buckets. A p99 that lies between two bounds is interpolated: nothing is
//! known about where in the bucket the requests are. A threshold at a bound is exceeded exactly when
//! more than one request in a hundred took longer.
//!
//! The chart's own defaults are not reported.

use super::Rule;
use super::latency::{LATENCIES, sides};
use super::look::duration;
use crate::{Findings, Severity, Values};

/// `thresholds.*.alert` against the histogram's bounds.
pub const RULE: Rule = Rule {
    code: "threshold-between",
    severity: Severity::Info,
    title: text!("A threshold lies between two of the histogram's bounds"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for latency in LATENCIES {
        let path = format!("thresholds.{}.alert", latency.key);
        let Some(node) = values.get(&path).filter(|node| !node.is_default()) else {
            continue;
        };
        let Some(seconds) = node.as_seconds() else {
            continue;
        };
        let Some(near) = latency.neighbours(seconds) else {
            continue;
        };
        let (Some(below), Some(above)) = (near.below, near.above) else {
            continue;
        };
        if below.to_bits() == above.to_bits() {
            continue;
        }
        let (_, either) = sides(near, seconds);
        findings.push(
            RULE.at(path, &node.place)
                .found(format!(
                    "{}, between the bounds {} and {} of {}",
                    duration(seconds),
                    duration(below),
                    duration(above),
                    latency.family
                ))
                .expected(format!("a bound: {either}"))
                .why(format!(
                    "Requests of {} and of {} are in one bucket: the p99 is interpolated there.",
                    duration(below),
                    duration(above)
                ))
                .fix(format!("write {either} for an exact count")),
        );
    }
}

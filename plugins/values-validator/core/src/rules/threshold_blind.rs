//! A quantile of a histogram never exceeds its largest finite bound, whatever the requests took: a
//! threshold at or above it is never exceeded, and its alert never fires. Below the smallest bound
//! nothing is distinguished either: there the quantile is a guess between 0 and that bound.
//!
//! The chart refuses an `e2eLatency.alert` below the smallest bound too.

use super::Rule;
use super::latency::LATENCIES;
use super::look::duration;
use crate::{Findings, Node, Severity, Values};

/// `thresholds.*.alert` against the range of the histogram's bounds.
pub const RULE: Rule = Rule {
    code: "threshold-blind",
    severity: Severity::Error,
    title: text!("A threshold lies outside the histogram's buckets"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for latency in LATENCIES {
        let path = format!("thresholds.{}.alert", latency.key);
        let Some(node) = values.get(&path) else {
            continue;
        };
        let (Some(seconds), Some((least, most))) = (node.as_seconds(), latency.range()) else {
            continue;
        };
        let above = seconds >= most;
        if !above && seconds >= least {
            continue;
        }
        let (bound, why) = if above {
            let why = "The p99 is at most the largest bound, so the alert can never fire.";
            (most, why)
        } else {
            let why = "Below the smallest bound the p99 is a guess between 0 and it.";
            (least, why)
        };
        let which = if above { "largest" } else { "smallest" };
        findings.push(
            RULE.at(path, &node.place)
                .found(format!(
                    "{}, where the {which} bound of {} is {}",
                    duration(seconds),
                    latency.family,
                    duration(bound)
                ))
                .expected(format!(
                    "at least {}, and less than {}",
                    duration(least),
                    duration(most)
                ))
                .why(why)
                .fix(chosen(node, seconds, least, most)),
        );
    }
}

/// What to write: 200ms for 200s, where that can be told.
fn chosen(node: &Node, seconds: f64, least: f64, most: f64) -> String {
    let between = format!(
        "choose a time between {} and {}",
        duration(least),
        duration(most)
    );
    let thousandth = seconds / 1000.0;
    // Somebody who writes 3h means hours.
    if crate::FULL
        && node.as_str().is_some_and(|text| !text.contains(['m', 'h']))
        && (least..most).contains(&thousandth)
    {
        return format!(
            "write {}, if milliseconds are meant; else {between}",
            duration(thousandth)
        );
    }
    between
}

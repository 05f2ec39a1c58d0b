//! An objective counts the requests within its limit. vLLM counts in buckets, so the limit must be
//! the bound of one.
//!
//! The chart refuses it too.

use super::Rule;
use super::latency::{LATENCIES, sides};
use super::look::duration;
use crate::{Findings, Severity, Values};
use vllm_catalog::Neighbours;

/// `slos.*.limit` against the histogram's bounds.
pub const RULE: Rule = Rule {
    code: "slo-limit",
    severity: Severity::Error,
    title: text!("An objective's limit is not a bucket bound"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for latency in LATENCIES {
        let path = format!("slos.{}.limit", latency.key);
        let Some(node) = values.get(&path) else {
            continue;
        };
        let Some(seconds) = node.as_seconds() else {
            continue;
        };
        let Some(near) = latency.neighbours(seconds) else {
            continue;
        };
        if near.below.is_some() && near.below == near.above {
            continue;
        }
        let (bounds, either) = sides(near, seconds);
        let why = match (near.below, near.above) {
            (Some(_), None) => {
                "Above the largest bound nothing is counted but that it took longer."
            }
            (None, _) => "Below the smallest bound no request can be told from a slow one.",
            _ => "Values between two bounds cannot be counted.",
        };
        let finding = RULE
            .at(path, &node.place)
            .found(format!(
                "{}, no bound of {}",
                duration(seconds),
                latency.family
            ))
            .expected(format!("a bound; the nearest: {either}"))
            .why(why)
            .fix_write(&either);
        // Milliseconds were meant where they are a bound.
        let other = seconds / 1000.0;
        let bound = |near: Neighbours| near.below.is_some() && near.below == near.above;
        // One neighbour: no doubt which is meant.
        findings.push(match bounds[..] {
            [_] if near.above.is_none() && latency.neighbours(other).is_some_and(bound) => finding
                .fix(format!("write {}", duration(other)))
                .replace(node.place, duration(other)),
            [only] => finding.replace(node.place, duration(only)),
            _ => finding,
        });
    }
}

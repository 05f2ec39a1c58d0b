//! Prometheus gives up on a scrape after `timeout` and begins the next after `interval`: a longer timeout
//! makes no sense, and it refuses its configuration.
//!
//! The chart refuses it too.

use super::Rule;
use crate::node::blamed;
use crate::{Findings, Severity, Values};

/// `metrics.scrape.timeout` against `metrics.scrape.interval`.
pub const RULE: Rule = Rule {
    code: "scrape-timeout",
    severity: Severity::Error,
    title: text!("A scrape may take longer than the time between two"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let Some(interval) = values.get("metrics.scrape.interval") else {
        return;
    };
    let Some(timeout) = values.get("metrics.scrape.timeout") else {
        return;
    };
    let (Some(most), Some(given)) = (interval.as_seconds(), timeout.as_seconds()) else {
        return;
    };
    if given <= most {
        return;
    }
    let at = blamed(&[interval, timeout]).unwrap_or(timeout);
    let path = if std::ptr::eq(at, interval) {
        "metrics.scrape.interval"
    } else {
        "metrics.scrape.timeout"
    };
    findings.push(
        RULE.at(path, &at.place)
            .found(format!("timeout {given}s, interval {most}s"))
            .expected(text!("a timeout not above the interval"))
            .why(text!(
                "Prometheus refuses such a scrape configuration: nothing is scraped."
            ))
            .fix(text!("lower metrics.scrape.timeout, or scrape less often"))
            .related(interval.place, "the interval")
            .related(timeout.place, "the timeout"),
    );
}

//! Every rate of the rules is computed over `rules.window`. A rate needs two samples; with fewer
//! than four scrape intervals in the window, one lost scrape leaves a gap, and an alert that was
//! about to fire starts again.
//!
//! The chart refuses it too.

use super::Rule;
use super::look::{duration, seconds};
use crate::node::blamed;
use crate::{Findings, Severity, Values};

/// `rules.window` against `metrics.scrape.interval`.
pub const RULE: Rule = Rule {
    code: "rate-window",
    severity: Severity::Error,
    title: text!("rules.window is shorter than four scrapes"),
    check,
};

const SCRAPES: f64 = 4.0;

fn check(values: &Values, findings: &mut Findings) {
    let paths = ["rules.window", "metrics.scrape.interval"];
    let [Some(window), Some(interval)] = paths.map(|path| values.get(path)) else {
        return;
    };
    let [Some(has), Some(between)] = paths.map(|path| seconds(values, path)) else {
        return;
    };
    let least = SCRAPES * between;
    if has >= least {
        return;
    }
    let at = blamed(&[interval, window]).unwrap_or(window);
    let blames_window = std::ptr::eq(at, window);
    let finding = RULE
        .at(paths[usize::from(!blames_window)], &at.place)
        .found(format!(
            "a window of {}, scrapes every {}",
            duration(has),
            duration(between)
        ))
        .expected(format!(
            "rules.window of at least {} (four scrape intervals)",
            duration(least)
        ))
        .why(text!(
            "A lost scrape leaves gaps in every rate, and pending alerts start again."
        ))
        .fix(format!("set rules.window to {}", duration(least)))
        .related(window.place, "the window")
        .related(interval.place, "the scrape interval");
    findings.push(if blames_window {
        finding.replace(window.place, duration(least))
    } else {
        finding
    });
}

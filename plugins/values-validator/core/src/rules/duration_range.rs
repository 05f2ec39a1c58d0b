//! Prometheus, Alertmanager and the collector count time in 63 bits of nanoseconds: more than 292 years
//! are refused. A window of `0s` is none, and Prometheus refuses the whole file of rules with it.

#[cfg(feature = "full")]
mod checks;

use super::Rule;
use super::look::walk_given;
use crate::{Findings, Severity, Values};

/// Durations that are zero where they must not be, or beyond what is counted.
pub const RULE: Rule = Rule {
    code: "duration-range",
    severity: Severity::Error,
    title: text!("A duration is refused by the program that reads it"),
    check,
};

/// 2^63 nanoseconds, in seconds.
pub(crate) const MOST: f64 = 9_223_372_036.0;

/// Keys whose duration is a range or the time between two events; where it is none a window is empty.
const ABOVE_ZERO: [&str; 10] = [
    "window",
    "baseline",
    "memory",
    "interval",
    "timeout",
    "long",
    "short",
    "decisionWait",
    "pollingInterval",
    "retention",
];

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    checks::timeout(values, findings);
    walk_given(&values.root, "", &mut |path, key, node| {
        if node.is_default()
            || path.contains("nnotations")
            || path.contains("abels")
            || path.contains("config")
        {
            return;
        }
        let Some(seconds) = node.as_seconds() else {
            return;
        };
        if seconds > MOST {
            findings.push(
                RULE.finds(
                    path,
                    &node.place,
                    node.described(),
                    text!("at most 292 years"),
                    text!("The program that reads it refuses its whole configuration."),
                )
                .fix(text!("write the time that is meant")),
            );
        } else if seconds == 0.0 && ABOVE_ZERO.contains(&key) {
            findings.push(
                RULE.finds(path, &node.place, node.described(), text!("a duration above 0"), text!("Prometheus refuses the whole file of rules or configuration: no alert is left."))
                    .fix(text!("write a duration such as 5m, or remove the line for the default")),
            );
        }
    });
}

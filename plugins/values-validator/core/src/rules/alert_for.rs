//! Rules are evaluated every `rules.interval`. An alert whose `for` is shorter fires at the second
//! evaluation all the same, so the number promises what it cannot keep. `0s` is meant: it fires at
//! the first.

#[cfg(feature = "full")]
mod outlasts;

use super::Rule;
use super::look::{duration, seconds};
use crate::node::blamed;
use crate::{Findings, Severity, Values};

/// `rules.alerts.*.for` against `rules.interval`.
pub const RULE: Rule = Rule {
    code: "alert-for",
    severity: Severity::Warning,
    title: text!("An alert waits for less than the time between two evaluations"),
    check,
};

/// The shortest time that an alert waits.
fn least(values: &Values, time: f64) -> f64 {
    let all = values
        .map("rules.alerts")
        .filter_map(|(_, _, alert)| alert.child("for")?.as_seconds());
    all.filter(|time| *time > 0.0).fold(time, f64::min)
}

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    outlasts::check(values, findings);
    let (Some(interval), Some(between)) = (
        values.get("rules.interval"),
        seconds(values, "rules.interval"),
    ) else {
        return;
    };
    for (path, _, alert) in values.map("rules.alerts") {
        if let (Some(waits), Some(window)) = (alert.child("for"), alert.child("window"))
            && let (Some(time), Some(long)) = (waits.as_seconds(), window.as_seconds())
            && time > long
        {
            findings.push(
                RULE.finds(format!("{path}.for"), &waits.place, format!("for: {}, of a window of {}", duration(time), duration(long)), text!("less than the window"), text!(
                        "What happened once has left the window before the time is over: it must happen again and again."
                    ))
                    .fix(text!("write for: 1m, or remove it, or make the window longer"))
                    .related(window.place, "the window"),
            );
        }
        let Some(waits) = alert.child("for") else {
            continue;
        };
        let Some(time) = waits.as_seconds().filter(|t| *t > 0.0 && *t < between) else {
            continue;
        };
        let at = blamed(&[interval, waits]).unwrap_or(waits);
        // An interval that is too long is one mistake, however many alerts it is too long for.
        let late = std::ptr::eq(at, interval);
        // Nor is it another one that the window is too short for it.
        if late && seconds(values, "rules.window").is_some_and(|w| between > w) {
            return;
        }
        let finding = RULE
            .at(
                if late {
                    "rules.interval".into()
                } else {
                    format!("{path}.for")
                },
                &at.place,
            )
            .found(format!(
                "for: {}, evaluated every {}",
                duration(time),
                duration(between)
            ))
            .expected(format!("at least {}, or 0s", duration(between)))
            .why(text!(
                "The next evaluation comes only after a whole interval."
            ))
            .fix(if crate::FULL && late {
                format!(
                    "write {} or less, the shortest for of an alert",
                    duration(least(values, time))
                )
            } else {
                format!("write {}, or 0s to fire at once", duration(between))
            })
            .related(interval.place, "the interval of evaluations");
        findings.push(finding);
        if late {
            return;
        }
    }
}

//! Rules that are evaluated more rarely than their window is long do not look at what lies between;
//! those that are evaluated more often than vLLM is scraped read the same samples again.

use super::Rule;
use super::look::duration;
use crate::node::blamed;
use crate::{Findings, Severity, Values};

/// `rules.interval` against `rules.window` and `metrics.scrape.interval`.
pub const RULE: Rule = Rule {
    code: "evaluation-interval",
    severity: Severity::Warning,
    title: text!("Rules are evaluated too rarely, or more often than there are samples"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let Some(interval) = values.get("rules.interval") else {
        return;
    };
    let Some(every) = interval.as_seconds() else {
        return;
    };
    for (path, too_rare) in [("rules.window", true), ("metrics.scrape.interval", false)] {
        let Some(other) = values.get(path) else {
            continue;
        };
        let Some(time) = other.as_seconds() else {
            continue;
        };
        // A few times as often costs little and finds a sample sooner.
        if (too_rare && every <= time) || (!too_rare && 4.0 * every >= time) {
            continue;
        }
        let at = blamed(&[interval, other]).unwrap_or(interval);
        let at_path = if std::ptr::eq(at, interval) {
            "rules.interval"
        } else {
            path
        };
        let (expected, why) = if too_rare {
            (
                "at most",
                "What happens between two evaluations is in no window of any of them.",
            )
        } else {
            ("about", "The same samples are read again and again.")
        };
        findings.push(
            RULE.at(at_path, &at.place)
                .found(format!(
                    "evaluated every {}, {path} {}",
                    duration(every),
                    duration(time)
                ))
                .expected(format!(
                    "rules.interval of {expected} {path}, {}",
                    duration(time)
                ))
                .why(why)
                .fix(format!(
                    "set rules.interval to {}",
                    duration(if too_rare { time / 5.0 } else { time })
                ))
                .related(other.place, path),
        );
    }
}

//! An objective's alert looks at two windows: the long one says that enough of the budget is gone,
//! the short one that it still goes. A short window that is not shorter ends no alert, and one with
//! fewer than four scrapes has gaps.

use super::Rule;
use super::look::{duration, foreign_prometheus};
use crate::node::blamed;
use crate::{Findings, Node, Severity, Values};

/// `slos.windows.*.short` against `long` and the scrape interval.
pub const RULE: Rule = Rule {
    code: "slo-windows",
    severity: Severity::Warning,
    title: text!("An objective's short window is too long, or too short to have samples"),
    check,
};

/// The cure of a retention in minutes where months were meant, which Prometheus does not know.
#[cfg(feature = "full")]
fn in_days(finding: crate::Finding, kept: &Node) -> crate::Finding {
    let text = kept.as_str().unwrap_or_default();
    let count = text.strip_suffix('m').and_then(|count| count.parse().ok());
    let Some(count) = count.filter(|count| (1..=60u32).contains(count)) else {
        return finding;
    };
    let days = format!("{}d", 30 * count);
    let words = finding.fix.text.trim_start_matches("write ").to_owned();
    finding
        .fix(format!("write {days} if {count} months are meant, which Prometheus counts in days: m is minutes; else {words}"))
        .replace(kept.place, days)
}

fn check(values: &Values, findings: &mut Findings) {
    // What fits the longest window fits the others.
    let long_of = |window: &Node| window.child("long").and_then(Node::as_seconds);
    let longest = if crate::FULL {
        let all = values
            .map("slos.windows")
            .filter_map(|(_, _, window)| long_of(window));
        all.fold(0.0, f64::max)
    } else {
        0.0
    };
    for (path, _, window) in values.map("slos.windows") {
        let Some(short) = window.child("short") else {
            continue;
        };
        let (Some(has), Some(long)) = (
            short.as_seconds(),
            window.child("long").and_then(Node::as_seconds),
        ) else {
            continue;
        };
        let kept = values.get("prometheus.retention");
        if let Some(kept) = kept.filter(|_| !foreign_prometheus(values))
            && let Some(seconds) = kept.as_seconds().filter(|seconds| *seconds < long)
            && long >= longest
        {
            let finding = RULE
                .finds(
                    "prometheus.retention",
                    &kept.place,
                    format!(
                        "samples of {}, and a window of {}",
                        duration(seconds),
                        duration(long)
                    ),
                    text!("a retention above the longest window"),
                    text!("The alert counts only the samples that are left."),
                )
                .fix(format!("write {} or more", duration(2.0 * long)))
                .related(window.place, "the window");
            #[cfg(feature = "full")]
            let finding = in_days(finding, kept);
            findings.push(finding);
        }
        let path = format!("{path}.short");
        if has >= long {
            findings.push(
                RULE.finds(
                    path,
                    &short.place,
                    format!("short: {}, long: {}", duration(has), duration(long)),
                    text!("a short window of about a twelfth of the long one"),
                    text!("The alert goes on after the trouble has ended."),
                )
                .fix(if has > long {
                    format!("write short: {}, long: {}", duration(long), duration(has))
                } else {
                    format!("set short to {}", duration((long / 12.0).ceil()))
                }),
            );
            continue;
        }
        if let Some(every) = values.get("slos.interval")
            && every.as_seconds().is_some_and(|every| every > has)
        {
            let at = blamed(&[every, short]).unwrap_or(every);
            findings.push(
                RULE.finds(
                    if std::ptr::eq(at, every) {
                        "slos.interval".into()
                    } else {
                        path
                    },
                    &at.place,
                    format!(
                        "evaluated every {}, a window of {}",
                        every.as_str().unwrap_or(""),
                        duration(has)
                    ),
                    text!("an interval well below the shortest window"),
                    text!("Events between two evaluations are never counted."),
                )
                .fix(text!("set slos.interval to 1m"))
                .related(short.place, "the short window"),
            );
            continue;
        }
        let Some(interval) = values.get("metrics.scrape.interval") else {
            continue;
        };
        let least = 4.0 * interval.as_seconds().unwrap_or(0.0);
        if has < least {
            let at = blamed(&[interval, short]).unwrap_or(short);
            findings.push(
                RULE.at(path, &at.place)
                    .found(format!(
                        "{}, less than four scrape intervals",
                        duration(has)
                    ))
                    .expected(format!("at least {}", duration(least)))
                    .why(text!(
                        "A lost scrape leaves a gap, and the alert ends while the trouble goes on."
                    ))
                    .fix(format!("set short to {} or more", duration(least)))
                    .related(short.place, "the short window")
                    .related(interval.place, "the scrape interval"),
            );
        }
    }
}

//! Latencies of a kind have their magnitude: the time between two tokens is some milliseconds to a few
//! seconds, the time to the first token at least tens of milliseconds. A threshold far beyond it is often
//! milliseconds typed as seconds, or the other way round.

use super::Rule;
use super::latency::LATENCIES;
use super::look::duration;
use crate::{Findings, Severity, Values};

/// `thresholds.*` against the magnitude of what they limit.
pub const RULE: Rule = Rule {
    code: "threshold-unit",
    severity: Severity::Warning,
    title: text!("A threshold has the magnitude of another unit"),
    check,
};

/// Path, least and most seconds that somebody may mean.
const MEANT: [(&str, f64, f64); 6] = [
    ("thresholds.interTokenLatency.alert", 0.005, 15.0),
    ("thresholds.timeToFirstToken.alert", 0.1, 1200.0),
    ("thresholds.timeToFirstToken.keepTrace", 0.05, 1200.0),
    ("thresholds.e2eLatency.alert", 0.5, 7000.0),
    ("thresholds.e2eLatency.keepTrace", 0.3, 7000.0),
    ("slos.interTokenLatency.limit", 0.005, 15.0),
];

fn check(values: &Values, findings: &mut Findings) {
    for (path, least, most) in MEANT {
        let Some(node) = values.get(path).filter(|node| !node.is_default()) else {
            continue;
        };
        let Some(seconds) = node.as_seconds().filter(|s| *s > 0.0) else {
            continue;
        };
        // Outside the histogram's buckets another rule says it.
        let key = path.split('.').nth(1).unwrap_or("");
        let blind = path.ends_with(".alert")
            && LATENCIES.iter().any(|latency| {
                latency.key == key
                    && latency
                        .range()
                        .is_some_and(|(first, last)| seconds < first || seconds >= last)
            });
        if blind {
            continue;
        }
        // The bound that was meant is said already.
        if (findings.0.iter()).any(|f| f.code == "slo-limit" && f.path == path) {
            continue;
        }
        let meant = if seconds > most {
            seconds / 1000.0
        } else if seconds < least {
            seconds * 1000.0
        } else {
            continue;
        };
        findings.push(
            RULE.at(path, &node.place)
                .found(duration(seconds))
                .expected(format!("between {} and {}", duration(least), duration(most)))
                .why(if seconds > most {
                    "No server is so slow and alive: the alert never fires."
                } else {
                    "Every request takes longer: the alert fires all the time, and every trace is kept."
                })
                .fix(format!("write {}, if that is meant", duration(meant))),
        );
    }
}

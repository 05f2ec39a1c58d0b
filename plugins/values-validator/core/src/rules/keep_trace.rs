//! `alert` says what is too slow, `keepTrace` from where a request's trace is kept. Where traces are
//! kept only of slower requests than those that alert, whoever is alerted finds no trace to look at.

use super::Rule;
use super::latency::LATENCIES;
use super::look::{duration, on};
use crate::node::blamed;
use crate::{Findings, Severity, Values};

/// `thresholds.*.keepTrace` against `alert`.
pub const RULE: Rule = Rule {
    code: "keep-trace",
    severity: Severity::Warning,
    title: "Requests that raise the alert leave no trace",
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    if !on(values, "tracing.enabled") {
        return;
    }
    for latency in LATENCIES {
        let path = format!("thresholds.{}", latency.key);
        let both = ["keepTrace", "alert"].map(|key| values.get(&format!("{path}.{key}")));
        let [Some(keep), Some(alert)] = both else {
            continue;
        };
        let (Some(kept), Some(raised)) = (keep.as_seconds(), alert.as_seconds()) else {
            continue;
        };
        if kept <= raised {
            continue;
        }
        let at = blamed(&[alert, keep]).unwrap_or(keep);
        let key = if std::ptr::eq(at, keep) {
            "keepTrace"
        } else {
            "alert"
        };
        findings.push(
            RULE.at(format!("{path}.{key}"), at.place)
                .found(format!(
                    "keepTrace: {}, alert: {}",
                    duration(kept),
                    duration(raised)
                ))
                .expected("keepTrace not above alert")
                .why("Requests that raise the alert leave no trace to look at.")
                .fix(format!("set keepTrace to {}", duration(raised)))
                .related(alert.place, "the alert's threshold")
                .related(keep.place, "from where traces are kept"),
        );
    }
}

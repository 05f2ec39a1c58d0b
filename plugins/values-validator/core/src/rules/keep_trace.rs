//! `alert` says what is too slow, `keepTrace` from where a request's trace is kept. Where traces are
//! kept only of slower requests than those that alert, there is no trace of the requests that raised
//! the alert. A model's own `keepTrace` counts where the plugin decides; the alert is that of all models.
//! A limit for a part of a request that is above the one of the whole request keeps none either.

#[cfg(feature = "full")]
mod model;
#[cfg(feature = "full")]
mod whole;

use super::Rule;
use super::latency::LATENCIES;
use super::look::{duration, keep_traces, on};
use crate::node::blamed;
use crate::{Findings, Severity, Values};

/// `thresholds.*.keepTrace`, also of single models, against `alert`.
pub const RULE: Rule = Rule {
    code: "keep-trace",
    severity: Severity::Warning,
    title: text!("Requests that raise the alert leave no trace"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    if !on(values, "tracing.enabled") {
        return;
    }
    #[cfg(feature = "full")]
    {
        model::check(values, findings);
        whole::check(values, findings);
    }
    for latency in LATENCIES {
        // A key that the chart does not have there.
        if latency.key == "interTokenLatency" {
            continue;
        }
        let alert_path = format!("thresholds.{}.alert", latency.key);
        let Some(alert) = values.get(&alert_path) else {
            continue;
        };
        for (keep_path, keep) in keep_traces(values, latency.key) {
            let (Some(kept), Some(raised)) = (keep.as_seconds(), alert.as_seconds()) else {
                continue;
            };
            if kept <= raised {
                continue;
            }
            let at = blamed(&[alert, keep]).unwrap_or(keep);
            let path = if std::ptr::eq(at, keep) {
                &keep_path
            } else {
                &alert_path
            };
            findings.push(
                RULE.finds(
                    path,
                    &at.place,
                    format!("keepTrace: {}, alert: {}", duration(kept), duration(raised)),
                    text!("keepTrace not above alert"),
                    text!("Requests that raise the alert leave no trace to look at."),
                )
                .fix(format!("set {keep_path} to {}", duration(raised)))
                .related(alert.place, "the alert's threshold")
                .related(keep.place, "from where traces are kept"),
            );
        }
    }
}

//! Whether a collector kept the slow synthetic traces and dropped the fast one.
//!
//! Its tail_sampling has a policy of its own for marked traces: the marker and the release's real
//! policy. So the counter of that policy moves by synthetic traces alone, whatever else arrives.

use crate::exposition::{Sample, named};
use crate::input::Collector;
use crate::outcome::Look;

/// Start of the name of tail_sampling's counter by policy.
const COUNTER: &str = "otelcol_processor_tail_sampling_count_traces_sampled";

/// A policy's votes since the collector's start. A trace that is kept has one such vote; one that is
/// not has as many as its spans came in batches, where tail_sampling decides on arrival.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counts {
    /// Votes to keep.
    pub kept: f64,
    /// All votes, on live traces too.
    pub decided: f64,
    /// What other policies voted.
    pub elsewhere: f64,
}

/// Reads them from a metrics page; zero where the collector has decided on nothing yet.
#[must_use]
pub fn counts(page: &[Sample], policy: &str) -> Counts {
    let mut counts = Counts::default();
    for sample in named(page, COUNTER) {
        if sample.label("policy") != policy {
            counts.elsewhere += sample.value;
        } else {
            counts.decided += sample.value;
            if sample.label("sampled") == "true" {
                counts.kept += sample.value;
            }
        }
    }
    counts
}

/// Judges what moved between sending and the decision, for so many slow traces.
#[must_use]
pub fn kept(collector: &Collector, slow: usize, before: Counts, after: Counts) -> Look {
    let wait = collector.decision_wait_seconds;
    let kept = after.kept - before.kept;
    let decided = after.decided - before.decided;
    let expected = slow as f64;
    if decided < 0.0 {
        return Look::NotYet("the collector restarted during the check; see its log".to_owned());
    }
    if decided == 0.0 && after.elsewhere > before.elsewhere {
        return Look::NotYet(format!(
            "the collector has no policy `{}`: it runs another configuration than the chart's; a rollout that has not ended, or a ConfigMap changed by hand: `kubectl rollout restart` it, or `helm upgrade` again",
            collector.policy
        ));
    }
    if decided == 0.0 {
        return Look::NotYet(format!(
            "the collector took the spans and decided on none within {wait} s and 5 more; see its log for memory_limiter, and whether tracing.sampling.mode and decisionWait are what it runs with"
        ));
    }
    if kept == expected {
        return Look::Holds(format!("{slow} slow traces kept, the fast one dropped"));
    }
    if kept > expected {
        return Look::NotYet(format!(
            "{kept} synthetic traces kept, expected the {slow} slow ones: the fast one, exactly at the limits, was kept too; the collector runs with lower limits than {}",
            limits(collector)
        ));
    }
    let off = if collector.limits.values().all(Option::is_none) {
        "every thresholds.*.keepTrace is off, so the policy keeps nothing: set one, or tracing.enabled: false".to_owned()
    } else {
        format!(
            "the policy keeps too little: the collector runs with higher limits than {}, or its policy is not the chart's",
            limits(collector)
        )
    };
    Look::NotYet(format!("{kept} of {slow} slow traces kept; {off}"))
}

fn limits(collector: &Collector) -> String {
    let limits: Vec<String> = (collector.limits.iter())
        .filter_map(|(key, limit)| limit.map(|limit| format!("{key} {limit} s")))
        .collect();
    format!(
        "the chart's (thresholds.*.keepTrace: {})",
        limits.join(", ")
    )
}

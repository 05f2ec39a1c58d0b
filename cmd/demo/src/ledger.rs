//! What was seen so far: traces sent and which of them are slow, alerts that fired.

use std::collections::{BTreeMap, BTreeSet};

use fleet::truth::Truth;
use harness::http::Alert;
use harness::otlp;
use harness::traffic::{self, LIMITS};
use serde_json::Value;

/// Counted by the demo itself, apart from collector and Prometheus.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Traces sent.
    pub traces: u64,
    /// Those that must be kept, with the attribute that makes them slow.
    pub slow: BTreeMap<String, String>,
    /// Those of agents: their slow call came long after a fast one.
    pub late: BTreeSet<String>,
    /// Names of alerts that have fired.
    pub fired: BTreeSet<String>,
    /// Those that fire now.
    pub firing: BTreeSet<String>,
    /// Those that are pending now.
    pub pending: BTreeSet<String>,
    /// Those that fired for the healthy model.
    pub false_alarms: BTreeSet<String>,
    /// The policy's decisions by reason; `none` are those that were not kept.
    pub decisions: BTreeMap<String, u64>,
    /// Kept requests by what took most of their time.
    pub causes: BTreeMap<String, u64>,
    ids: BTreeSet<String>,
}

impl Ledger {
    /// Notes what became of a request of the fleet: its truth, not its span.
    pub fn note(&mut self, truth: &Truth) {
        let Some(id) = &truth.trace_id else {
            return;
        };
        self.traces += 1;
        let values = [truth.e2e, truth.time_to_first_token, truth.decode];
        for ((key, limit), value) in LIMITS.iter().zip(values) {
            if value.is_some_and(|value| value > *limit) {
                self.slow.insert(id.clone(), (*key).to_owned());
                return;
            }
        }
    }

    /// Notes an export that is no fleet's: what is slow is read from its spans.
    pub fn note_export(&mut self, export: &Value) {
        for (_, _, span) in otlp::spans(export) {
            let id = span["traceId"].as_str().unwrap_or_default().to_lowercase();
            self.traces += u64::from(self.ids.insert(id));
        }
        self.slow.extend(traffic::slow_traces([export], &LIMITS));
    }

    /// Notes the alerts of this moment; gives those that fire for the first time.
    pub fn note_alerts<'a>(&mut self, alerts: &'a [Alert], healthy: &str) -> Vec<&'a Alert> {
        (self.firing, self.pending) = (BTreeSet::new(), BTreeSet::new());
        let mut new = Vec::new();
        for alert in alerts {
            let name = alert.name().to_owned();
            if alert.state != "firing" {
                self.pending.insert(name);
                continue;
            }
            if alert.labels.get("model").is_some_and(|m| m == healthy) {
                self.false_alarms.insert(name.clone());
            }
            if self.fired.insert(name.clone()) {
                new.push(alert);
            }
            self.firing.insert(name);
        }
        new
    }

    /// Traces the policy decided on.
    #[must_use]
    pub fn decided(&self) -> u64 {
        self.decisions.values().sum()
    }

    /// `e2e_latency 31, …`, or `0`.
    #[must_use]
    pub fn kept_by_reason(&self) -> String {
        let kept = self.decisions.iter();
        counts(kept.filter(|(reason, count)| *reason != "none" && **count > 0))
    }

    /// `queue 20, decode 11`, or `0`.
    #[must_use]
    pub fn kept_by_cause(&self) -> String {
        counts(self.causes.iter())
    }

    /// Traces the policy did not keep.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.decisions.get("none").copied().unwrap_or(0)
    }
}

fn counts<'a>(named: impl Iterator<Item = (&'a String, &'a u64)>) -> String {
    let named: Vec<String> = named
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    if named.is_empty() {
        return "0".to_owned();
    }
    named.join(", ")
}

/// Names with commas between them, or `none`.
#[must_use]
pub fn list(names: &BTreeSet<String>) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.join(",")
}

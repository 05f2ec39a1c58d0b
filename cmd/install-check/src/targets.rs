//! Whether Prometheus scrapes vLLM, and whether vLLM has served anyone.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::input::{Entry, Prometheus};
use crate::outcome::Look;

/// Prometheus' answer to an instant query for a vector.
#[derive(Debug, Clone, Deserialize)]
pub struct Vector {
    /// Its samples.
    pub result: Vec<Sample>,
}

/// One sample of it.
#[derive(Debug, Clone, Deserialize)]
pub struct Sample {
    /// Labels.
    pub metric: BTreeMap<String, String>,
    /// Time, and the value as text.
    pub value: (f64, String),
}

impl Sample {
    fn number(&self) -> f64 {
        self.value.1.parse().unwrap_or(f64::NAN)
    }
}

/// Prometheus' answer to `/api/v1/targets`, as far as it is read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Targets {
    /// What it scrapes.
    pub active_targets: Vec<Target>,
}

/// A scraped target.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Its labels after relabelling.
    pub labels: BTreeMap<String, String>,
    /// Where it is scraped.
    pub scrape_url: String,
    /// Why the last scrape failed, or "".
    pub last_error: String,
}

/// The targets of the release's entries (collectors carry no label `model`); where something else
/// scrapes, the gauge itself, since its matchers need not fit `up`.
#[must_use]
pub fn up_query(asked: &Prometheus) -> String {
    if asked.scraped {
        format!("up{{{},model!=\"\"}}", asked.matchers)
    } else {
        format!("count({}{{{}}})", asked.running, asked.matchers)
    }
}

/// The release's finished requests.
#[must_use]
pub fn requests_query(asked: &Prometheus) -> String {
    format!("sum({}{{{}}})", asked.requests, asked.matchers)
}

/// Series that something else scrapes and that name no replica.
#[must_use]
pub fn nameless_query(asked: &Prometheus) -> String {
    let (running, matchers) = (&asked.running, &asked.matchers);
    format!("count({running}{{{matchers},pod=\"\"}} or {running}{{{matchers},namespace=\"\"}})")
}

/// What something else scrapes is there, and names its replicas.
#[must_use]
pub fn foreign(asked: &Prometheus, counted: &Vector, nameless: &Vector) -> Look {
    match (counted.result.first(), nameless.result.first()) {
        (Some(all), Some(sample)) => Look::NotYet(format!(
            "{} of {} series {}{{{}}} lack the label pod or namespace, so that rules and panels of a replica take them for one; relabel their scrape: {{sourceLabels: [__meta_kubernetes_pod_name], targetLabel: pod}}, and {{sourceLabels: [__meta_kubernetes_namespace], targetLabel: namespace}}",
            sample.number(),
            all.number(),
            asked.running,
            asked.matchers
        )),
        (Some(sample), None) => Look::Holds(format!(
            "{} series of vLLM with {}, scraped by something else",
            sample.number(),
            asked.matchers
        )),
        (None, _) => Look::NotYet(format!(
            "{} has no series {}{{{}}}; check metrics.matchers",
            asked.url, asked.running, asked.matchers
        )),
    }
}

/// Every entry has a target that is up. A single replica that is down is what alerts are for.
#[must_use]
pub fn up(release: &str, asked: &Prometheus, up: &Vector, targets: &Targets) -> Look {
    let mut seen = Vec::new();
    let mut wrong = Vec::new();
    for entry in &asked.entries {
        let of_entry: Vec<f64> = (up.result.iter())
            .filter(|sample| sample.metric.get("model") == Some(&entry.name))
            .map(Sample::number)
            .collect();
        let alive = of_entry.iter().filter(|value| **value > 0.0).count();
        match (alive, of_entry.len()) {
            (_, 0) => wrong.push(missing(asked, entry)),
            (0, all) => wrong.push(down(release, entry, all, targets)),
            (alive, all) => seen.push(format!("{} {alive} of {all} up", entry.name)),
        }
    }
    if wrong.is_empty() {
        Look::Holds(seen.join(", "))
    } else {
        Look::NotYet(wrong.join("; "))
    }
}

fn missing(asked: &Prometheus, entry: &Entry) -> String {
    let labels: Vec<String> = (entry.selector.iter())
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let operator = if asked.operator.is_some() {
        ", and the line `selected`"
    } else {
        ""
    };
    format!(
        "no target for the entry {}: no running pod with {} in {} is scraped by {}; check models[].selector and models[].namespaces{operator}",
        entry.name,
        labels.join(","),
        entry.namespaces.join(","),
        asked.url,
    )
}

fn down(release: &str, entry: &Entry, all: usize, targets: &Targets) -> String {
    let why = (targets.active_targets.iter())
        .find(|target| {
            target.labels.get("vllm_monitoring").map(String::as_str) == Some(release)
                && target.labels.get("model") == Some(&entry.name)
                && !target.last_error.is_empty()
        })
        .map(|target| format!(" ({}: {})", target.scrape_url, target.last_error))
        .unwrap_or_default();
    format!(
        "all {all} targets of the entry {} are down{why}; vLLM may still load its model, else check models[].port (now {})",
        entry.name, entry.port
    )
}

/// Whether anyone has been served. None so far is no failure.
#[must_use]
pub fn traffic(requests: &Vector) -> String {
    let finished: f64 = requests.result.iter().map(Sample::number).sum();
    if finished > 0.0 {
        format!("{finished:.0} requests finished")
    } else {
        "no traffic yet".to_owned()
    }
}

//! What the live view shows: what Prometheus and the collector say, nothing of the fleet's own.

use std::collections::BTreeMap;

use anyhow::Result;
use harness::http::{Alert, Prometheus, Sample};

/// A latency of a model against its threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Latency {
    /// What it is.
    pub name: &'static str,
    /// Seconds; `None` without traffic.
    pub p99: Option<f64>,
    /// Seconds.
    pub threshold: Option<f64>,
}

/// A replica.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pod {
    /// Its last scrape was answered.
    pub up: bool,
    /// Requests that wait.
    pub waiting: f64,
}

/// A model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Model {
    /// Replicas by name.
    pub pods: BTreeMap<String, Pod>,
    /// Requests a second that end.
    pub rate: f64,
    /// Requests that run.
    pub running: f64,
    /// Requests that wait.
    pub waiting: f64,
    /// KV cache in use, 0 to 1.
    pub kv_usage: f64,
    /// p99 of end to end, first token, between tokens.
    pub latencies: Vec<Latency>,
}

/// One moment.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// By name.
    pub models: BTreeMap<String, Model>,
    /// Pending and firing.
    pub alerts: Vec<Alert>,
}

const LATENCIES: [(&str, &str); 3] = [
    ("e2e", "e2e_request_latency_seconds"),
    ("first token", "time_to_first_token_seconds"),
    ("between tokens", "inter_token_latency_seconds"),
];

impl Snapshot {
    /// Asks Prometheus.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn take(api: &Prometheus) -> Result<Self> {
        let mut models: BTreeMap<String, Model> = BTreeMap::new();
        let mut each = |expression: &str, set: &dyn Fn(&mut Model, &Sample)| -> Result<()> {
            for sample in api.query(expression)? {
                let model = sample.label("model").to_owned();
                set(models.entry(model).or_default(), &sample);
            }
            Ok(())
        };
        each("up{job=~\"vllm/.+\"}", &|model, sample| {
            model
                .pods
                .entry(sample.label("pod").to_owned())
                .or_default()
                .up = sample.value > 0.0;
        })?;
        each("pod:vllm_num_requests_waiting:sum", &|model, sample| {
            model
                .pods
                .entry(sample.label("pod").to_owned())
                .or_default()
                .waiting = sample.value;
        })?;
        each(
            "sum by (model) (model:vllm_request_success:rate)",
            &|model, sample| {
                model.rate = sample.value;
            },
        )?;
        each(
            "sum by (model) (model:vllm_num_requests_running:sum)",
            &|model, sample| {
                model.running = sample.value;
            },
        )?;
        each(
            "sum by (model) (model:vllm_num_requests_waiting:sum)",
            &|model, sample| {
                model.waiting = sample.value;
            },
        )?;
        each(
            "avg by (model) (model:vllm_kv_cache_usage_perc:avg)",
            &|model, sample| {
                model.kv_usage = sample.value;
            },
        )?;
        for (name, metric) in LATENCIES {
            let threshold = api.query(&format!("release:vllm_{metric}:threshold"))?;
            let threshold = threshold.first().map(|sample| sample.value);
            let mut found = BTreeMap::new();
            for sample in api.query(&format!("max by (model) (model:vllm_{metric}:p99)"))? {
                found.insert(sample.label("model").to_owned(), sample.value);
            }
            for (model, state) in &mut models {
                state.latencies.push(Latency {
                    name,
                    p99: found.get(model).copied(),
                    threshold,
                });
            }
        }
        let mut alerts = api.alerts()?;
        alerts.sort_by_key(|alert| (alert.state.clone(), alert.name().to_owned()));
        alerts.dedup_by_key(|alert| {
            (
                alert.state.clone(),
                alert.name().to_owned(),
                alert.labels.get("model").cloned(),
            )
        });
        Ok(Self { models, alerts })
    }
}

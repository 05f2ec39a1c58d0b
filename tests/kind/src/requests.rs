//! Requests that a case sends to the collector, beside those of the simulated vLLM.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use harness::traffic::{LIMITS, Traffic, slow_traces};
use serde_json::{Value, json};

use crate::release::NAME;
use crate::room::Room;

/// How many are sent at once.
const SENT: usize = 240;

/// Labels of the collector's pods.
pub const COLLECTOR: &str = "app.kubernetes.io/component=collector";

/// Captured requests with new ids, every tenth of them changed.
pub struct Requests {
    /// A request's id and its export.
    pub all: Vec<(String, Value)>,
    /// Ids of the slow ones, which are to be kept.
    pub slow: BTreeSet<String>,
}

impl Requests {
    /// The same for the same seed.
    ///
    /// # Errors
    /// When the fixture cannot be read.
    pub fn new(seed: u64) -> Result<Self> {
        let fixture = harness::repo::root().join("tests/fixtures/vllm/0.32.0/traces.jsonl");
        let mut traffic = Traffic::new(&harness::otlp::read_lines(&fixture)?, seed)?;
        let mut all = Vec::new();
        for _ in 0..SENT {
            let trace = traffic.next()?;
            all.push((trace.id, trace.export));
        }
        let slow: BTreeSet<_> = slow_traces(all.iter().map(|(_, export)| export), &LIMITS)
            .into_keys()
            .collect();
        ensure!(
            !slow.is_empty() && slow.len() < SENT,
            "{} of {SENT} are slow",
            slow.len()
        );
        Ok(Self { all, slow })
    }

    /// Ids of all of them.
    #[must_use]
    pub fn ids(&self) -> BTreeSet<String> {
        self.all.iter().map(|(id, _)| id.clone()).collect()
    }
}

/// Sends captured requests to the collector: the ids of all and of the slow ones.
///
/// # Errors
/// When the collector does not take them.
pub async fn requests(room: &Room, seed: u64) -> Result<(BTreeSet<String>, BTreeSet<String>)> {
    let requests = Requests::new(seed)?;
    for (_, export) in &requests.all {
        send(room, &format!("services/{NAME}-collector"), export).await?;
    }
    Ok((requests.ids(), requests.slow))
}

/// Sends one export to the OTLP/HTTP port of a Service or a pod, as an instrumented caller does.
///
/// # Errors
/// When it is not taken.
pub async fn send(room: &Room, to: &str, export: &Value) -> Result<()> {
    let url = format!(
        "/api/v1/namespaces/{}/{to}:4318/proxy/v1/traces",
        room.namespace
    );
    let request = http::Request::post(url)
        .header("content-type", "application/json")
        .body(serde_json::to_vec(export)?)?;
    room.cluster.client.request_text(request).await?;
    Ok(())
}

/// A span of the caller's in the same trace.
///
/// # Errors
/// When the export holds no span.
pub fn caller(export: &Value) -> Result<Value> {
    let (resource, _, span) = harness::otlp::spans(export).next().context("no span")?;
    let mut span = span.clone();
    span["name"] = json!("caller");
    span["spanId"] = json!("00000000000000ff");
    span["attributes"] = json!([]);
    Ok(harness::otlp::request(
        resource,
        &json!({"name": "gateway"}),
        &span,
    ))
}

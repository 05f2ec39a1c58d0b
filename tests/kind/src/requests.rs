//! Requests that a case sends to the collector, beside those of the simulated vLLM.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use harness::traffic::{LIMITS, Traffic, slow_traces};
use serde_json::Value;

use crate::release::NAME;
use crate::room::Room;

/// How many are sent at once.
const SENT: usize = 240;

/// Labels of the collector's pods.
pub const COLLECTOR: &str = "app.kubernetes.io/component=collector";

/// Sends captured requests to the collector: the ids of all and of the slow ones.
///
/// # Errors
/// When the collector does not take them.
pub async fn requests(room: &Room, seed: u64) -> Result<(BTreeSet<String>, BTreeSet<String>)> {
    let fixture = harness::repo::root().join("tests/fixtures/vllm/0.32.0/traces.jsonl");
    let mut traffic = Traffic::new(&harness::otlp::read_lines(&fixture)?, seed)?;
    let mut exports = Vec::new();
    for _ in 0..SENT {
        exports.push(traffic.next()?);
    }
    let sent: BTreeSet<_> = exports.iter().map(|t| t.id.clone()).collect();
    let slow: BTreeSet<_> = slow_traces(exports.iter().map(|t| &t.export), &LIMITS)
        .into_keys()
        .collect();
    ensure!(
        !slow.is_empty() && slow.len() < SENT,
        "{} of {SENT} are slow",
        slow.len()
    );
    for trace in &exports {
        send(room, &trace.export).await?;
    }
    Ok((sent, slow))
}

/// Sends one export to the collector's OTLP/HTTP port, as an instrumented caller does.
///
/// # Errors
/// When the collector does not take it.
pub async fn send(room: &Room, export: &Value) -> Result<()> {
    let url = format!(
        "/api/v1/namespaces/{}/services/{NAME}-collector:4318/proxy/v1/traces",
        room.namespace
    );
    let request = http::Request::post(url)
        .header("content-type", "application/json")
        .body(serde_json::to_vec(export)?)?;
    room.cluster.client.request_text(request).await?;
    Ok(())
}

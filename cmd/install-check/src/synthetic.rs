//! The spans that are sent: requests as vLLM reports them, with the marker.
//!
//! One slow request for each rule that is on, slow by that rule alone and only just; one fast
//! request that sits exactly on every limit, which is not slow yet.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

use serde_json::{Value, json};

use crate::input::Collector;

/// Above a limit by this factor: little enough to find a limit that is not the chart's.
const JUST_ABOVE: f64 = 1.01;

/// Where every rule is off: a latency that any rule would find slow, one day.
const VERY_SLOW: f64 = 86_400.0;

/// Traces to send.
#[derive(Debug, Clone)]
pub struct Traces {
    /// Ids of those that must be kept, with the attribute that makes them slow.
    pub slow: Vec<(String, String)>,
    /// Id of the one that must not.
    pub fast: String,
    /// All of them, as OTLP/JSON.
    pub export: Value,
}

/// Makes traces with ids of their own that end at `now`, in unix nanoseconds.
#[must_use]
pub fn traces(collector: &Collector, now: u64) -> Traces {
    let mut spans = Vec::new();
    let calm: BTreeMap<&str, f64> = (collector.limits.iter())
        .map(|(key, limit)| (key.as_str(), limit.unwrap_or(0.0)))
        .collect();
    let mut add = |latencies: &BTreeMap<&str, f64>| {
        let id = trace_id();
        spans.push(span(collector, &id, latencies, now));
        id
    };
    let fast = add(&calm);
    let mut slow = Vec::new();
    for (key, limit) in &collector.limits {
        if let Some(limit) = limit {
            let mut latencies = calm.clone();
            latencies.insert(key, limit * JUST_ABOVE);
            slow.push((add(&latencies), key.clone()));
        }
    }
    if slow.is_empty() {
        let latencies = calm.keys().map(|key| (*key, VERY_SLOW)).collect();
        slow.push((add(&latencies), "every latency".to_owned()));
    }
    let export = json!({"resourceSpans": [{
        "resource": {"attributes": [text("service.name", "install-check")]},
        "scopeSpans": [{"scope": {"name": collector.scope}, "spans": spans}],
    }]});
    Traces { slow, fast, export }
}

fn span(collector: &Collector, id: &str, latencies: &BTreeMap<&str, f64>, now: u64) -> Value {
    let mut attributes: Vec<Value> = (latencies.iter())
        .map(|(key, seconds)| json!({"key": key, "value": {"doubleValue": seconds}}))
        .collect();
    attributes.push(json!({"key": collector.marker, "value": {"boolValue": true}}));
    attributes.push(text("gen_ai.request.id", "install-check"));
    json!({
        "traceId": id,
        "spanId": &id[..16],
        "name": collector.span,
        "kind": 2, // SERVER, as vLLM's
        "startTimeUnixNano": now.saturating_sub(1_000_000_000).to_string(),
        "endTimeUnixNano": now.to_string(),
        "attributes": attributes,
    })
}

fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

/// 32 hex digits. The standard library's hasher is seeded by the system; the first digit is not 0,
/// since some backends leave leading zeros out.
fn trace_id() -> String {
    let random = || RandomState::new().hash_one(0_u8);
    format!("{:016x}{:016x}", random() | 1 << 63, random())
}

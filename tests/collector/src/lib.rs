//! The sampling policy's .wasm through the real collector, started with what the chart renders; see
//! `tests/`. Here is what those tests share. All of it panics where it cannot go on.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::missing_panics_doc)]

pub mod balancer;
pub mod wire;

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use harness::collector::Collector;
use harness::render::{LIMITS_ALONE, Options, Rendered};
use harness::traffic::{LIMITS, Traffic, slow_traces};
use harness::{otlp, repo};
use serde_json::{Value, json};

/// How long anything may take; retries of the exporter wait up to 30 s.
pub const LIMIT: Duration = Duration::from_secs(90);

/// The value by which a trace is decided on once, after the wait, and not whenever spans arrive.
pub const WHOLE: &str = "tracing.sampling.mode=whole";

/// The chart with the plugin and limits alone, a file of kept traces, the given wait and more values.
#[must_use]
pub fn render(decision_wait: &str, more: &[String]) -> Rendered {
    let mut set = vec![
        "metrics.mode=standalone".to_owned(),
        "tracing.policy.engine=wasm".to_owned(),
        "tracing.collector.image.repository=otelcol-vllm".to_owned(),
        "tracing.exporters.debug.enabled=false".to_owned(),
        "tracing.exporters.file.enabled=true".to_owned(),
        format!("tracing.sampling.decisionWait={decision_wait}"),
    ];
    set.extend(LIMITS_ALONE.map(str::to_owned));
    set.extend_from_slice(more);
    Rendered::new(&Options {
        set,
        ..Options::default()
    })
    .expect("the chart renders")
}

/// Starts a collector in the directory, where one before it may have left its queue.
#[must_use]
pub fn start(dir: &Path, rendered: &Rendered, extra: &Value) -> Collector {
    let [metrics] = repo::free_ports::<1>().unwrap();
    Collector::start(dir, rendered, extra, (Ipv4Addr::LOCALHOST, metrics))
        .expect("the collector starts")
}

/// The spans that this version of vLLM sent.
#[must_use]
pub fn captured(version: &str) -> Vec<Value> {
    let dir = repo::root().join("tests/fixtures/vllm").join(version);
    otlp::read_lines(&dir.join("traces.jsonl")).expect("captured spans")
}

/// Captured spans, a tenth of them made slow in one of the three ways.
#[must_use]
pub fn planted(seed: u64, traces: usize) -> Vec<Value> {
    let mut traffic = Traffic::new(&captured("0.32.0"), seed).unwrap();
    (0..traces)
        .map(|_| traffic.next().unwrap().export)
        .collect()
}

/// A span of the caller's in the same trace.
#[must_use]
pub fn caller(export: &Value) -> Value {
    let (resource, _, span) = otlp::spans(export).next().unwrap();
    let mut span = span.clone();
    span["name"] = json!("caller");
    span["spanId"] = json!("00000000000000ff");
    span["attributes"] = json!([]);
    otlp::request(resource, &json!({"name": "gateway"}), &span)
}

/// So many slow traces of one small span.
#[must_use]
pub fn slow_spans(traces: usize) -> Vec<Value> {
    let traffic = captured("0.32.0");
    let of_a_request = |e: &&Value| otlp::spans(e).any(|(_, _, s)| s["name"] == "llm_request");
    let export = traffic.iter().find(of_a_request).unwrap();
    let (resource, scope, span) = otlp::spans(export).next().unwrap();
    let slow = |n: usize| {
        let mut span = span.clone();
        span["traceId"] = json!(format!("{:032x}", n + 1));
        for attribute in span["attributes"].as_array_mut().unwrap() {
            if attribute["key"] == "gen_ai.latency.e2e" {
                attribute["value"] = json!({"doubleValue": 300.0});
            }
        }
        span
    };
    let spans: Vec<Value> = (0..traces).map(slow).collect();
    spans
        .chunks(500)
        .map(|spans| json!({"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "spans": spans}]}]}))
        .collect()
}

/// Sends the exports to the collector.
pub fn send(collector: &Collector, exports: &[Value]) {
    let mut sender = otlp::Sender::connect(collector.otlp).unwrap();
    for export in exports {
        sender.send(export).unwrap();
    }
}

/// Ids of all traces.
pub fn ids(exports: &[Value]) -> BTreeSet<String> {
    exports
        .iter()
        .flat_map(otlp::spans)
        .map(|(_, _, span)| span["traceId"].as_str().unwrap_or_default().to_lowercase())
        .collect()
}

/// Ids of the traces that are slow by the chart's default limits.
#[must_use]
pub fn slow(exports: &[Value]) -> BTreeSet<String> {
    slow_traces(exports, &LIMITS).into_keys().collect()
}

/// Sum of the series of a metric of the collector's own whose labels include these.
#[must_use]
pub fn metric(collector: &Collector, name: &str, labels: &[(&str, &str)]) -> f64 {
    collector
        .own_metrics()
        .expect("the collector's own metrics")
        .iter()
        .filter(|s| s.name == name && labels.iter().all(|(k, v)| s.label(k) == *v))
        .map(|s| s.value)
        .sum()
}

/// Waits until the metric has come up to a value.
pub fn await_metric(collector: &mut Collector, name: &str, labels: &[(&str, &str)], least: f64) {
    let started = std::time::Instant::now();
    while metric(collector, name, labels) < least {
        collector.child.check().expect("the collector lives");
        let found = metric(collector, name, labels);
        assert!(
            started.elapsed() < LIMIT,
            "{name}{labels:?}: found {found}, expected {least} or more"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Waits until the collector has said this.
pub fn await_log(collector: &mut Collector, words: &str) {
    let started = std::time::Instant::now();
    while !collector.child.log().contains(words) {
        collector.child.check().expect("the collector lives");
        assert!(started.elapsed() < LIMIT, "{}", collector.child.log());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Waits until the policy has decided so often: once for a trace whose spans come together.
pub fn await_decisions(collector: &mut Collector, traces: usize) {
    let decisions = "otelcol_wasm_sampling_policy_decisions";
    await_metric(collector, decisions, &[], traces as f64);
}

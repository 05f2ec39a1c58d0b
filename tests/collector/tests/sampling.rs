//! What the real collector keeps of real and planted spans, with the configuration of the chart.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, Instant};

use harness::child::Child;
use harness::collector::{self, Collector};
use harness::render::{Options, Rendered};
use harness::traffic::{LIMITS, Traffic, slow_traces};
use harness::{otlp, repo};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(30);

/// The chart with the plugin, a file of kept traces and the given wait.
fn render(decision_wait: &str) -> Rendered {
    render_engine("wasm", decision_wait)
}

fn render_engine(engine: &str, decision_wait: &str) -> Rendered {
    Rendered::new(&Options {
        set: vec![
            "metrics.mode=standalone".to_owned(),
            format!("tracing.policy.engine={engine}"),
            "tracing.collector.image.repository=otelcol-vllm".to_owned(),
            "tracing.exporters.debug.enabled=false".to_owned(),
            "tracing.exporters.file.enabled=true".to_owned(),
            format!("tracing.sampling.decisionWait={decision_wait}"),
        ],
        ..Options::default()
    })
    .expect("the chart renders")
}

fn start(dir: &Path, decision_wait: &str, extra: &Value) -> Collector {
    let [metrics] = repo::free_ports::<1>().unwrap();
    let metrics = (Ipv4Addr::LOCALHOST, metrics);
    Collector::start(dir, &render(decision_wait), extra, metrics).expect("the collector starts")
}

fn captured(version: &str) -> Vec<Value> {
    let dir = repo::root().join("tests/fixtures/vllm").join(version);
    otlp::read_lines(&dir.join("traces.jsonl")).expect("captured spans")
}

fn ids(exports: &[Value]) -> BTreeSet<String> {
    exports
        .iter()
        .flat_map(otlp::spans)
        .map(|(_, _, span)| span["traceId"].as_str().unwrap_or_default().to_lowercase())
        .collect()
}

/// Waits until the policy has decided on so many traces.
fn await_decisions(collector: &mut Collector, traces: u64) {
    let started = Instant::now();
    loop {
        let decisions = collector.decisions().expect("the collector's own metrics");
        if decisions.values().sum::<u64>() >= traces {
            return;
        }
        collector.child.check().expect("the collector lives");
        assert!(
            started.elapsed() < LIMIT,
            "of {traces} traces: {decisions:?}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Sends the exports and gives what was kept at the end.
fn kept(exports: &[Value], extra: &Value) -> BTreeSet<String> {
    let dir = tempfile::tempdir().unwrap();
    let mut collector = start(dir.path(), "1s", extra);
    let mut sender = otlp::Sender::connect(collector.otlp).unwrap();
    for export in exports {
        sender.send(export).unwrap();
    }
    await_decisions(&mut collector, ids(exports).len() as u64);
    ids(&collector.stop().unwrap())
}

fn expected(exports: &[Value]) -> BTreeSet<String> {
    slow_traces(exports, &LIMITS).into_keys().collect()
}

fn planted() -> Vec<Value> {
    let mut traffic = Traffic::new(&captured("0.32.0"), 11).unwrap();
    (0..1200).map(|_| traffic.next().unwrap().export).collect()
}

#[test]
fn exactly_the_slow_traces_are_kept_by_one_shard() {
    let exports = planted();
    let shards = json!({"processors": {"tail_sampling": {"num_shards": 1}}});
    let kept = kept(&exports, &shards);
    assert!(!kept.is_empty());
    assert_eq!(kept, expected(&exports));
}

#[test]
fn exactly_the_slow_traces_are_kept_by_four_shards() {
    let exports = planted();
    let shards = json!({"processors": {"tail_sampling": {"num_shards": 4}}});
    assert_eq!(kept(&exports, &shards), expected(&exports));
}

#[test]
fn captured_spans_of_every_version_are_kept_by_the_same_rules() {
    let mut exports = Vec::new();
    for version in ["0.10.2", "0.20.2/fastapi-0.165.0", "0.32.0", "0.33.0"] {
        exports.extend(captured(version));
    }
    let kept = kept(&exports, &json!({}));
    assert!(!kept.is_empty());
    assert_eq!(kept, expected(&exports));
}

/// A collector without the plugin keeps the same traces, by the same thresholds.
#[test]
fn the_ottl_engine_keeps_the_same_traces() {
    let dir = tempfile::tempdir().unwrap();
    let [metrics] = repo::free_ports::<1>().unwrap();
    let mut collector = Collector::start(
        dir.path(),
        &render_engine("ottl", "1s"),
        &json!({}),
        (Ipv4Addr::LOCALHOST, metrics),
    )
    .unwrap();
    let mut exports = planted();
    exports.extend(captured("0.10.2"));
    let mut sender = otlp::Sender::connect(collector.otlp).unwrap();
    for export in &exports {
        sender.send(export).unwrap();
    }
    assert_eq!(ids(&collector.stop().unwrap()), expected(&exports));
}

/// A caller's span that arrives after the decision follows its trace, by the decision cache.
#[test]
fn a_late_span_follows_its_trace() {
    let dir = tempfile::tempdir().unwrap();
    let mut collector = start(dir.path(), "1s", &json!({}));
    let mut sender = otlp::Sender::connect(collector.otlp).unwrap();
    let exports = planted();
    for export in &exports {
        sender.send(export).unwrap();
    }
    let traces = ids(&exports).len() as u64;
    await_decisions(&mut collector, traces);
    let late: Vec<Value> = exports.iter().map(caller).collect();
    for export in &late {
        sender.send(export).unwrap();
    }
    let kept = collector.stop().unwrap();
    let callers: BTreeSet<String> = kept
        .iter()
        .flat_map(otlp::spans)
        .filter(|(_, _, span)| span["name"] == "caller")
        .map(|(_, _, span)| span["traceId"].as_str().unwrap_or_default().to_lowercase())
        .collect();
    assert_eq!(callers, expected(&exports));
}

/// A span of the caller's in the same trace.
fn caller(export: &Value) -> Value {
    let (resource, _, span) = otlp::spans(export).next().unwrap();
    let mut span = span.clone();
    span["name"] = json!("caller");
    span["spanId"] = json!("00000000000000ff");
    span["attributes"] = json!([]);
    otlp::request(resource, &json!({"name": "gateway"}), &span)
}

#[test]
fn sigterm_decides_what_still_waits() {
    let dir = tempfile::tempdir().unwrap();
    // Nothing is decided before the end: the wait is longer than the test.
    let mut collector = start(dir.path(), "10m", &json!({}));
    let mut sender = otlp::Sender::connect(collector.otlp).unwrap();
    let exports = planted();
    for export in &exports {
        sender.send(export).unwrap();
    }
    assert_eq!(ids(&collector.stop().unwrap()), expected(&exports));
}

/// Starts a collector that must refuse to start, and gives what it says.
fn refusal(extra: &Value) -> String {
    let dir = tempfile::tempdir().unwrap();
    let [grpc, http, health, metrics] = repo::free_ports::<4>().unwrap();
    let command = collector::command(
        dir.path(),
        &render("1s"),
        extra,
        [grpc, http, health],
        (Ipv4Addr::LOCALHOST, metrics),
    )
    .unwrap();
    let mut child = Child::start("collector", command, &dir.path().join("log")).unwrap();
    let status = child.wait_end(LIMIT).expect("the collector ends by itself");
    assert!(!status.success());
    child.log()
}

#[test]
fn another_plugin_than_the_pinned_one_is_named() {
    let pin = "0".repeat(64);
    let said = refusal(&json!({"extensions": {"wasm_sampling_policy": {"sha256": pin}}}));
    assert!(said.contains("sha256") && said.contains(&pin), "{said}");
}

#[test]
fn a_missing_plugin_is_named() {
    let said = refusal(
        &json!({"extensions": {"wasm_sampling_policy": {"path": "/nowhere/policy.wasm.gz"}}}),
    );
    assert!(said.contains("/nowhere/policy.wasm.gz"), "{said}");
}

#[test]
fn settings_that_the_policy_refuses_are_named_by_field() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("bad.json");
    std::fs::write(&file, r#"{"e2e_latncy": "2m"}"#).unwrap();
    let said = refusal(&json!({"extensions": {"wasm_sampling_policy": {"settings_file": file}}}));
    assert!(
        said.contains("e2e_latncy") && said.contains("did you mean e2e_latency?"),
        "{said}"
    );
}

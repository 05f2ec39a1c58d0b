//! What the real collector keeps of real and planted spans, with the configuration of the chart.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use collector_tests::{
    LIMIT, WHOLE, await_decisions, caller, captured, ids, render, send, slow, start,
};
use harness::child::Child;
use harness::collector::{self, Collector};
use harness::{otlp, repo};
use serde_json::{Value, json};

/// Sends the exports and gives what was kept at the end.
fn kept(exports: &[Value], extra: &Value) -> BTreeSet<String> {
    let dir = tempfile::tempdir().unwrap();
    let mut collector = start(dir.path(), &render("1s", &[]), extra);
    send(&collector, exports);
    await_decisions(&mut collector, ids(exports).len());
    ids(&collector.stop().unwrap())
}

fn planted() -> Vec<Value> {
    collector_tests::planted(11, 1200)
}

#[test]
fn exactly_the_slow_traces_are_kept_by_one_shard() {
    let exports = planted();
    let shards = json!({"processors": {"tail_sampling": {"num_shards": 1}}});
    let kept = kept(&exports, &shards);
    assert!(!kept.is_empty());
    assert_eq!(kept, slow(&exports));
}

#[test]
fn exactly_the_slow_traces_are_kept_by_four_shards() {
    let exports = planted();
    let shards = json!({"processors": {"tail_sampling": {"num_shards": 4}}});
    assert_eq!(kept(&exports, &shards), slow(&exports));
}

#[test]
fn captured_spans_of_every_version_are_kept_by_the_same_rules() {
    let mut exports = Vec::new();
    for capture in captures::traced().unwrap() {
        exports.extend(captured(&capture.name()));
    }
    let kept = kept(&exports, &json!({}));
    assert!(!kept.is_empty());
    assert_eq!(kept, slow(&exports));
}

/// A collector without the plugin keeps the same traces, by the same thresholds; its bound on what is kept
/// in a second is far above them.
#[test]
fn the_ottl_engine_keeps_the_same_traces() {
    let dir = tempfile::tempdir().unwrap();
    let [metrics] = repo::free_ports::<1>().unwrap();
    let values = [
        "tracing.policy.engine=ottl",
        "tracing.policy.budget.enabled=true",
    ];
    let mut collector = Collector::start(
        dir.path(),
        &render("1s", &values.map(str::to_owned)),
        &json!({}),
        (Ipv4Addr::LOCALHOST, metrics),
    )
    .unwrap();
    let mut exports = planted();
    exports.extend(captured("0.10.2"));
    send(&collector, &exports);
    assert_eq!(ids(&collector.stop().unwrap()), slow(&exports));
}

/// A caller's span that arrives after the decision follows its trace, by the decision cache.
#[test]
fn a_late_span_follows_its_trace() {
    let dir = tempfile::tempdir().unwrap();
    let mut collector = start(dir.path(), &render("1s", &[]), &json!({}));
    let exports = planted();
    send(&collector, &exports);
    let traces = ids(&exports).len();
    await_decisions(&mut collector, traces);
    let late: Vec<Value> = exports.iter().map(caller).collect();
    send(&collector, &late);
    let kept = collector.stop().unwrap();
    let callers: BTreeSet<String> = kept
        .iter()
        .flat_map(otlp::spans)
        .filter(|(_, _, span)| span["name"] == "caller")
        .map(|(_, _, span)| span["traceId"].as_str().unwrap_or_default().to_lowercase())
        .collect();
    assert_eq!(callers, slow(&exports));
}

#[test]
fn sigterm_decides_what_still_waits() {
    let dir = tempfile::tempdir().unwrap();
    // Nothing is decided before the end: the wait is longer than the test.
    let mut collector = start(dir.path(), &render("10m", &[WHOLE.to_owned()]), &json!({}));
    let exports = planted();
    send(&collector, &exports);
    assert_eq!(ids(&collector.stop().unwrap()), slow(&exports));
}

/// Starts a collector that must refuse to start, and gives what it says.
fn refusal(extra: &Value) -> String {
    let dir = tempfile::tempdir().unwrap();
    let [grpc, http, health, metrics] = repo::free_ports::<4>().unwrap();
    let command = collector::command(
        dir.path(),
        &render("1s", &[]),
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

fn latency(span: &Value, key: &str) -> f64 {
    let key = format!("gen_ai.latency.{key}");
    let attributes = span["attributes"].as_array().unwrap().iter();
    let mut found = attributes.filter(|attribute| attribute["key"] == key);
    found.next().map_or(0.0, |attribute| {
        attribute["value"]["doubleValue"].as_f64().unwrap()
    })
}

fn said(span: &Value, key: &str) -> Value {
    let key = format!("vllm.sampling.{key}");
    let attributes = span["attributes"].as_array().unwrap().iter();
    let mut found = attributes.filter(|attribute| attribute["key"] == key);
    let value = found.next().and_then(|a| a["value"].as_object().cloned());
    value
        .and_then(|value| value.into_values().next())
        .unwrap_or_default()
}

/// The capture of vLLM 0.20.2 has requests of 10.3 s before the first token, of which 3.1 s are neither queue
/// nor prefill. One more spends most of it there, as when the API server or its tokenizer is the bottleneck.
#[test]
fn the_largest_part_of_the_time_to_first_token_is_named_as_the_cause() {
    let mut exports = captured("0.20.2");
    let of_a_request = |e: &&Value| otlp::spans(e).any(|(_, _, s)| s["name"] == "llm_request");
    let export = exports.iter().find(of_a_request).unwrap();
    let (resource, scope, span) = otlp::spans(export)
        .find(|(_, _, s)| s["name"] == "llm_request")
        .unwrap();
    let mut planted = span.clone();
    planted["traceId"] = json!("0000000000000000000000000000f007");
    let parts = [
        ("time_to_first_token", 10.5),
        ("time_in_queue", 2.0),
        ("time_in_model_prefill", 0.5),
        ("e2e", 11.0),
    ];
    for attribute in planted["attributes"].as_array_mut().unwrap() {
        for (key, seconds) in parts {
            if attribute["key"] == format!("gen_ai.latency.{key}") {
                attribute["value"] = json!({"doubleValue": seconds});
            }
        }
    }
    let frontend = otlp::request(resource, scope, &planted);
    // Without the attributes of its parts nobody knows where the time went.
    let says_less = |id: u32, missing: &[&str]| {
        let mut span = planted.clone();
        span["traceId"] = json!(format!("{id:032x}"));
        let attributes = span["attributes"].as_array_mut().unwrap();
        attributes.retain(|a| {
            missing
                .iter()
                .all(|key| a["key"] != format!("gen_ai.latency.{key}"))
        });
        otlp::request(resource, scope, &span)
    };
    let parts = ["time_in_queue", "time_in_model_prefill"];
    let without = [
        says_less(0xf008, &parts),
        says_less(0xf009, &parts[..1]),
        says_less(0xf00a, &parts[1..]),
    ];
    exports.push(frontend);
    exports.extend(without.iter().cloned());

    let dir = tempfile::tempdir().unwrap();
    let immediate = ["tracing.sampling.mode=immediate".to_owned()];
    let mut collector = start(dir.path(), &render("1s", &immediate), &json!({}));
    send(&collector, &exports);
    let kept = collector.stop().unwrap();
    let (mut queued_and_waiting, mut unknown, mut causes) = (0, 0, BTreeSet::new());
    for (_, _, span) in kept.iter().flat_map(otlp::spans) {
        if said(span, "reason") != "time_to_first_token" {
            continue;
        }
        let id = span["traceId"].as_str().unwrap().to_owned();
        if ids(&without).contains(&id) {
            assert_eq!(said(span, "cause"), Value::Null, "{span}");
            unknown += 1;
            continue;
        }
        let first = latency(span, "time_to_first_token");
        let (queue, prefill) = (
            latency(span, "time_in_queue"),
            latency(span, "time_in_model_prefill"),
        );
        let frontend = first - queue - prefill;
        let expected = if queue >= prefill && queue >= frontend {
            "queue"
        } else if prefill >= frontend {
            "prefill"
        } else {
            "frontend"
        };
        assert_eq!(said(span, "cause"), expected, "{span}");
        assert_eq!(said(span, "value"), first, "{span}");
        queued_and_waiting += usize::from((3.0..3.3).contains(&frontend) && queue > 7.0);
        causes.insert(expected);
        if span["traceId"] == planted["traceId"] {
            assert_eq!(expected, "frontend");
        }
    }
    assert_eq!(queued_and_waiting, 3, "those of the capture");
    assert_eq!(unknown, without.len());
    assert_eq!(causes, BTreeSet::from(["frontend", "queue"]));
}

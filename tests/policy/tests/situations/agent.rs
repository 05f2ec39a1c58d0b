//! An agent's trace: forty calls one after the other, of which the thirty-seventh is slow.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fastrand::Rng;
use harness::otlp;
use serde_json::{Value, json};

use super::length::length;
use super::{rendered, request_of, stamp, start};

const CALLS: usize = 40;
const SLOW: usize = 37;

/// Counts spans that came after the decision on their trace.
const DROPPED: &str = "otelcol_processor_tail_sampling_early_releases_from_cache_decision";

/// The calls in their order, then the agent's own span.
fn trace(rng: &mut Rng) -> Vec<Value> {
    let ids = (rng.u128(1..), rng.u64(1..));
    let placed = |mut export: Value, root: bool| {
        let span = &mut export["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        span["traceId"] = json!(format!("{:032x}", ids.0));
        let field = if root { "spanId" } else { "parentSpanId" };
        span[field] = json!(format!("{:016x}", ids.1));
        export
    };
    let mut all: Vec<Value> = (1..=CALLS)
        .map(|n| {
            let times = match n {
                SLOW => [44.0, 45.0, 1.0],
                _ => [0.01, 0.3, 1.0],
            };
            placed(request_of(rng, "70b", times, 100), false)
        })
        .collect();
    let resource =
        json!({"attributes": [{"key": "service.name", "value": {"stringValue": "agent"}}]});
    let span = json!({"name": "invoke_agent", "kind": 1, "startTimeUnixNano": "1", "endTimeUnixNano": "2"});
    all.push(placed(
        otlp::request(&resource, &json!({"name": "agent"}), &span),
        true,
    ));
    all
}

#[test]
fn of_an_agents_trace_the_slow_call_and_all_after_it_are_kept_and_whole_loses_them() {
    let (of, mut rng) = (length(), Rng::with_seed(13));
    let trace = trace(&mut rng);
    let wait = format!("tracing.sampling.decisionWait={}s", of.wait.as_secs());
    let mut collectors = ["immediate", "whole"].map(|mode| {
        let mode = format!("tracing.sampling.mode={mode}");
        let values = [&wait, &mode, "tracing.policy.baseline.enabled=false"];
        let dir = tempfile::tempdir().expect("a folder");
        let collector = start(dir.path(), &rendered(&values));
        let sender = otlp::Sender::connect(collector.otlp).expect("a receiver");
        (collector, sender, dir)
    });
    let since = Instant::now();
    for (n, export) in trace.iter().enumerate() {
        std::thread::sleep((of.call * n as u32).saturating_sub(since.elapsed()));
        for (_, sender, _) in &mut collectors {
            sender.send(export).expect("taken");
        }
    }
    let [(mut immediate, ..), (mut whole, ..)] = collectors;

    let samples = whole.own_metrics().expect("metrics");
    let dropped = samples
        .iter()
        .filter(|s| s.name == DROPPED && s.label("sampled") == "false");
    assert!(dropped.map(|s| s.value).sum::<f64>() >= 4.0, "{samples:?}");
    let status = whole.child.terminate(super::super::LIMIT).expect("it ends");
    assert!(status.success(), "{status}");
    // The exporter makes the file with the first trace.
    assert!(!whole.kept.exists(), "with whole");

    let exports = immediate.stop().expect("what was kept");
    let kept: BTreeMap<&str, &Value> = exports
        .iter()
        .flat_map(otlp::spans)
        .filter_map(|(.., span)| Some((span["spanId"].as_str()?, span)))
        .collect();
    let mut first = None;
    for (n, export) in (1..).zip(&trace) {
        let (.., sent) = otlp::spans(export).next().expect("a span");
        let found = kept.get(sent["spanId"].as_str().unwrap_or_default());
        if found.is_some() && first.is_none() {
            first = Some(n);
        }
        assert!(found.is_some() || n < SLOW, "span {n} is missing");
        let Some(span) = found else { continue };
        let reason = stamp(span, "reason");
        let attributes = span["attributes"].as_array();
        let late = attributes
            .into_iter()
            .flatten()
            .any(|a| a["key"] == "vllm.sampling.late" && a["value"]["boolValue"] == true);
        let expected = if n == SLOW {
            ("time_to_first_token", true)
        } else {
            ("", false)
        };
        assert_eq!((reason.as_str(), late), expected, "span {n}");
    }
    // Before the slow call only what waited: the wait, and the second within which its end is noticed.
    let waits = (of.wait + Duration::from_secs(2)).as_secs_f64() / of.call.as_secs_f64();
    let earliest = SLOW as f64 - waits - 1.0;
    assert!(
        first.is_some_and(|n| n as f64 >= earliest),
        "{first:?}: {earliest}"
    );
}

//! The checks of the collectors, against the real one.

#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use harness::collector::Collector;
use harness::otlp;
use harness::render::LIMITS_ALONE;
use harness::traffic::Traffic;
use serde_json::json;
use support::{
    WASM, ask, at_collector, collector, line, lines, lines_by, render, serve, without_prometheus,
};

/// Lines of the collectors of a release `chart`, where the collector runs as `running` says.
fn asked(chart: &[&str], running: &[&str], timeout: u64) -> (bool, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let collector = collector(dir.path(), &render(running), &json!({}));
    ask(&without_prometheus(chart), &collector, timeout)
}

#[test]
fn a_healthy_collector_passes_beside_live_traffic() {
    let dir = tempfile::tempdir().unwrap();
    let collector = collector(dir.path(), &render(&[WASM]), &json!({}));
    let over = AtomicBool::new(false);
    let (well, lines) = std::thread::scope(|scope| {
        scope.spawn(|| {
            let captured = harness::repo::root().join("tests/fixtures/vllm/0.32.0/traces.jsonl");
            let captured = otlp::read_lines(&captured).unwrap();
            let mut traffic = Traffic::new(&captured, 5).unwrap();
            let mut sender = otlp::Sender::connect(collector.otlp).unwrap();
            while !over.load(Ordering::Relaxed) {
                sender.send(&traffic.next().unwrap().export).unwrap();
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        let found = ask(&without_prometheus(&[WASM]), &collector, 20);
        over.store(true, Ordering::Relaxed);
        found
    });
    assert!(well, "{lines:#?}");
    assert_eq!(
        line(&lines, "sampling"),
        "pass: sampling 127.0.0.1: 3 slow traces kept, the fast one dropped"
    );
    let sha256 = collector.plugin_sha256().unwrap();
    let plugin = line(&lines, "plugin");
    assert!(
        plugin.starts_with("pass: plugin 127.0.0.1: ") && plugin.ends_with(&sha256),
        "{plugin}"
    );
}

#[test]
fn kept_synthetic_spans_carry_the_marker() {
    let dir = tempfile::tempdir().unwrap();
    // Alone, so that the fast one is not kept for comparison.
    let set = [&[WASM], &LIMITS_ALONE[..]].concat();
    let mut collector = collector(dir.path(), &render(&set), &json!({}));
    let (well, lines) = ask(&without_prometheus(&[WASM]), &collector, 20);
    assert!(well, "{lines:#?}");
    let kept = collector.stop().unwrap();
    let spans: Vec<_> = kept.iter().flat_map(otlp::spans).collect();
    assert_eq!(spans.len(), 3);
    for (_, _, span) in spans {
        let marker = json!({"key": "vllm_monitoring.synthetic", "value": {"boolValue": true}});
        assert!(
            span["attributes"].as_array().unwrap().contains(&marker),
            "{span}"
        );
    }
}

#[test]
fn the_stock_engine_passes_and_is_named() {
    let (well, lines) = asked(&[], &[], 20);
    assert!(well, "{lines:#?}");
    assert!(line(&lines, "sampling").starts_with("pass: "), "{lines:#?}");
    assert_eq!(
        line(&lines, "plugin"),
        "not run: plugin: the engine ottl decides, by the same thresholds; for the plugin set tracing.collector.image.repository to an image of otelcol-vllm"
    );
}

#[test]
fn another_plugin_than_the_charts_fails() {
    let dir = tempfile::tempdir().unwrap();
    let collector = collector(dir.path(), &render(&[WASM]), &json!({}));
    let mut input = without_prometheus(&[WASM]);
    input["collector"]["sha256"] = json!("0".repeat(64));
    let (well, lines) = ask(&input, &collector, 8);
    assert!(!well);
    let plugin = line(&lines, "plugin");
    for words in [
        "FAIL: ",
        &format!(
            "runs the plugin with sha256 {}",
            collector.plugin_sha256().unwrap()
        ),
        &format!("the chart's is {}", "0".repeat(64)),
        "kubectl rollout restart",
    ] {
        assert!(plugin.contains(words), "{plugin}");
    }
}

#[test]
fn a_collector_without_the_plugin_fails_where_the_chart_has_it() {
    let (well, lines) = asked(&[WASM], &[], 8);
    assert!(!well);
    let plugin = line(&lines, "plugin");
    assert!(
        plugin.contains("reports no plugin") && plugin.contains("otelcol-vllm"),
        "{plugin}"
    );
}

/// Two collectors behind one name; the second runs with another limit.
#[test]
fn every_collector_is_asked() {
    let ips = ["127.0.0.1", "127.0.0.2"].map(|ip| ip.parse::<Ipv4Addr>().unwrap());
    let dirs = ips.map(|_| tempfile::tempdir().unwrap());
    let first = collector(dirs[0].path(), &render(&[]), &json!({}));
    let places = json!({"receivers": {"otlp": {"protocols": {
        "http": {"endpoint": format!("{}:{}", ips[1], first.otlp_http)},
    }}}});
    let _second = Collector::start(
        dirs[1].path(),
        &render(&["thresholds.decodeTime.keepTrace=61s"]),
        &places,
        (ips[1], first.metrics.1),
    )
    .unwrap();
    let mut input = without_prometheus(&["tracing.collector.replicas=2"]);
    at_collector(&mut input, &first);
    let both = |_: &str| Ok(ips.into_iter().map(IpAddr::from).collect());
    let (well, lines) = lines_by(&input, 10, &both);
    assert!(!well);
    assert!(
        line(&lines, "sampling 127.0.0.1").starts_with("pass: "),
        "{lines:#?}"
    );
    let second = line(&lines, "sampling 127.0.0.2");
    assert!(second.contains("2 of 3 slow traces kept"), "{second}");
}

#[test]
fn missing_collectors_are_counted() {
    let mut input = without_prometheus(&[WASM]);
    input["collector"]["host"] = json!("127.0.0.1");
    input["collector"]["replicas"] = json!(2);
    let (well, found) = lines(&input, 2);
    assert!(!well);
    let sampling = line(&found, "sampling");
    assert!(
        sampling.contains("1 of 2 collectors are ready behind 127.0.0.1"),
        "{sampling}"
    );
    assert_eq!(line(&found, "plugin"), "not run: plugin: see sampling");
}

#[test]
fn a_collector_that_does_not_answer_is_named() {
    let [port] = harness::repo::free_ports::<1>().unwrap();
    let mut input = without_prometheus(&[WASM]);
    input["collector"]["host"] = json!("127.0.0.1");
    input["collector"]["metricsPort"] = json!(port);
    let (well, found) = lines(&input, 2);
    assert!(!well);
    let sampling = line(&found, "sampling");
    assert!(
        sampling.contains(&format!("127.0.0.1:{port}/metrics does not answer")),
        "{sampling}"
    );
}

#[test]
fn a_release_without_tracing_asks_no_collector() {
    let (_, found) = lines(&without_prometheus(&["tracing.enabled=false"]), 2);
    assert_eq!(
        line(&found, "sampling"),
        "not run: sampling: tracing.enabled is false"
    );
}

#[test]
fn the_far_end_must_have_the_slow_traces() {
    let dir = tempfile::tempdir().unwrap();
    let collector = collector(dir.path(), &render(&[]), &json!({}));
    let file = collector.kept.clone();
    // A store of traces: what the collector has written can be looked up by id.
    let full = serve(move |path| {
        let id = path.rsplit('/').next().unwrap_or_default();
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        (if kept.contains(id) { 200 } else { 404 }, String::new())
    });
    let empty = serve(|_| (404, String::new()));
    let broken = serve(|_| (500, String::new()));
    for (port, said) in [
        (
            full,
            "pass: sampling 127.0.0.1: 3 slow traces kept, the fast one dropped",
        ),
        (
            empty,
            "helmTest.traceURL does not have it; check tracing.exporters",
        ),
        (
            broken,
            "answers 500, expected 200 or 404; check helmTest.traceURL",
        ),
    ] {
        let url = format!("helmTest.traceURL=http://127.0.0.1:{port}/api/traces/{{traceID}}");
        let (_, lines) = ask(&without_prometheus(&[&url]), &collector, 10);
        let sampling = line(&lines, "sampling");
        assert!(sampling.contains(said), "{sampling}");
    }
}

/// The plugin keeps the first fast trace of a model as its baseline, also where it does not write the reason onto
/// the span; the policy of the test drops it.
#[test]
fn a_fast_trace_at_the_far_end_that_was_kept_as_baseline_is_no_fault() {
    for stamp in ["tracing.policy.stamp=true", "tracing.policy.stamp=false"] {
        let dir = tempfile::tempdir().unwrap();
        let collector = collector(dir.path(), &render(&[WASM, stamp]), &json!({}));
        let file = collector.kept.clone();
        let kept = file.clone();
        let store = serve(move |path| {
            let id = path.rsplit('/').next().unwrap_or_default();
            let kept = std::fs::read_to_string(&file).unwrap_or_default();
            let line = kept.lines().find(|line| line.contains(id));
            (
                if line.is_some() { 200 } else { 404 },
                line.unwrap_or_default().to_owned(),
            )
        });
        let url = format!("helmTest.traceURL=http://127.0.0.1:{store}/api/traces/{{traceID}}");
        let input = without_prometheus(&[WASM, stamp, &url]);
        let (_, lines) = ask(&input, &collector, 10);
        let sampling = line(&lines, "sampling");
        assert!(
            sampling.starts_with("pass: sampling"),
            "{stamp}: {sampling}"
        );
        let kept = std::fs::read_to_string(kept).unwrap();
        let shown = kept.contains("\"baseline\"");
        assert_eq!(shown, stamp.ends_with("true"), "{stamp}: {kept}");
        // Three slow ones and the fast one.
        let spans = kept.matches("\"spanId\"").count();
        assert_eq!(spans, 4, "{stamp}: {kept}");
    }
}

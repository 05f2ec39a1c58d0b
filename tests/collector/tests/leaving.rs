//! What leaves the collector: no prompts and no users, to its log what the seed greps for, and
//! metrics of all requests whatever is kept.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::time::{Duration, Instant};

use collector_tests::{LIMIT, await_decisions, ids, planted, render, send, slow, start};
use harness::{http, otlp, repo};
use serde_json::{Value, json};

/// Attributes that instrumented callers send, and words of a user in each.
fn private() -> Vec<Value> {
    let attribute = |key: &str| json!({"key": key, "value": {"stringValue": "my secret words"}});
    [
        "user.id",
        "enduser.id",
        "gen_ai.request.user",
        "gen_ai.prompt",
        "gen_ai.prompt.0.content",
        "gen_ai.completion",
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.system_instructions",
        "llm.prompts",
        "input.value",
        "output.value",
        "traceloop.entity.input",
        "http.request.body",
        "http.request.header.authorization",
    ]
    .map(attribute)
    .into()
}

/// The exports, with private words on resource, span and event.
fn talkative() -> Vec<Value> {
    planted(61, 100)
        .iter()
        .map(|export| {
            let (resource, scope, span) = otlp::spans(export).next().unwrap();
            let (mut resource, mut span) = (resource.clone(), span.clone());
            span["events"] =
                json!([{"name": "gen_ai.content", "timeUnixNano": "1", "attributes": private()}]);
            for of in [&mut resource, &mut span] {
                of["attributes"].as_array_mut().unwrap().extend(private());
            }
            otlp::request(&resource, scope, &span)
        })
        .collect()
}

/// What is kept of them, as text.
fn kept(values: &[String]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let mut collector = start(dir.path(), &render("10m", values), &json!({}));
    let exports = talkative();
    send(&collector, &exports);
    let kept = collector.stop().unwrap();
    assert_eq!(ids(&kept), slow(&exports));
    serde_json::to_string(&kept).unwrap()
}

#[test]
fn prompts_and_users_do_not_leave_and_request_ids_do() {
    let text = kept(&[]);
    assert!(!text.contains("secret words"), "{text}");
    // Near misses of the expressions.
    for key in [
        "gen_ai.request.id",
        "gen_ai.usage.prompt_tokens",
        "gen_ai.latency.e2e",
    ] {
        assert!(text.contains(key), "{key}");
    }
}

#[test]
fn what_is_asked_for_leaves() {
    let text = kept(&["tracing.redaction.enabled=false".to_owned()]);
    assert!(text.contains("gen_ai.prompt") && text.contains("secret words"));
}

/// `kubectl logs … | grep gen_ai.request.id`
#[test]
fn the_log_names_kept_requests() {
    let dir = tempfile::tempdir().unwrap();
    let values = ["tracing.exporters.debug.enabled=true".to_owned()];
    let mut collector = start(dir.path(), &render("10m", &values), &json!({}));
    let exports = planted(62, 100);
    send(&collector, &exports);
    collector.stop().unwrap();
    let log = collector.child.log();
    let lines = log.lines().filter(|l| l.contains("gen_ai.request.id"));
    assert_eq!(lines.count(), slow(&exports).len());
}

#[test]
fn span_metrics_count_every_request_and_no_test_that_is_one() {
    let dir = tempfile::tempdir().unwrap();
    let [port] = repo::free_ports::<1>().unwrap();
    let values = ["tracing.spanMetrics.enabled=true".to_owned()];
    let extra = json!({
        "exporters": {"prometheus/spans": {"endpoint": format!("127.0.0.1:{port}")}},
        "connectors": {"spanmetrics": {"metrics_flush_interval": "200ms"}},
    });
    let mut collector = start(dir.path(), &render("1s", &values), &extra);
    let exports = planted(63, 200);
    send(&collector, &exports);
    let marker = json!({"key": "vllm_monitoring.synthetic", "value": {"boolValue": true}});
    let tests: Vec<Value> = planted(64, 20)
        .iter()
        .map(|export| {
            let (resource, scope, span) = otlp::spans(export).next().unwrap();
            let mut span = span.clone();
            let attributes = span["attributes"].as_array_mut().unwrap();
            attributes.push(marker.clone());
            otlp::request(resource, scope, &span)
        })
        .collect();
    // The marker on a request of a model hides nothing.
    send(&collector, &tests);
    let service = json!({"key": "service.name", "value": {"stringValue": "install-check"}});
    let own: Vec<Value> = tests
        .iter()
        .map(|export| {
            let (_, scope, span) = otlp::spans(export).next().unwrap();
            otlp::request(&json!({"attributes": [service]}), scope, span)
        })
        .collect();
    send(&collector, &own);
    await_decisions(&mut collector, exports.len() + tests.len());

    // Some exports are no requests.
    let spans = exports.iter().chain(&tests).flat_map(otlp::spans);
    let requests = spans.filter(|(_, _, s)| s["name"] == "llm_request").count() as f64;
    let started = Instant::now();
    loop {
        let page = http::get(&format!("http://127.0.0.1:{port}/metrics")).unwrap();
        let samples = http::parse_metrics(&page).unwrap();
        let sum = |name: &str| -> f64 {
            let of = samples.iter().filter(|s| s.name == name);
            of.map(|s| s.value).sum()
        };
        let calls = sum("vllm_spans_calls_total");
        assert!(calls <= requests, "{page}");
        if calls == requests {
            assert_eq!(sum("vllm_spans_duration_seconds_count"), calls, "{page}");
            assert!(!page.contains("chatcmpl"), "{page}");
            break;
        }
        assert!(started.elapsed() < LIMIT, "{page}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

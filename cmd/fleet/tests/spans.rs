//! Spans against captured ones: keys, order, types, kind, flags, scope, resource.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;

use fleet::model::{Config, Traffic};
use fleet::replica::{Replica, Settings, With};
use harness::{otlp, repo};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::ResourceSpans;
use serde_json::{Value, json};

fn captured() -> Vec<Value> {
    otlp::read_lines(&repo::root().join("tests/fixtures/vllm/0.33.0/traces.jsonl")).unwrap()
}

fn sent(resource_spans: Vec<ResourceSpans>) -> Value {
    serde_json::to_value(ExportTraceServiceRequest { resource_spans }).unwrap()
}

fn replica() -> Replica {
    let settings = Settings {
        models: vec!["qwen3-235b".to_owned()],
        name: "pod".to_owned(),
        config: Config::default(),
        engines: 1,
        traffic: Traffic::default(),
        seed: 3,
        warm_up: 0.0,
        tracing: true,
        environment: Vec::new(),
    };
    Replica::new(settings, 0.0, 1_795_508_400.0)
}

/// Keys with the types of their values, in order.
fn typed(attributes: &Value) -> Value {
    let list = attributes.as_array().unwrap();
    let pair = |a: &Value| json!([a["key"], a["value"].as_object().unwrap().keys().next()]);
    list.iter().map(pair).collect()
}

/// All of a span that is no number of its own.
fn shape((resource, scope, span): otlp::Placed<'_>) -> String {
    let status = span["status"].as_object().is_none_or(|s| {
        s.get("code").is_none_or(|code| *code == 0)
            && s.get("message").is_none_or(|message| message == "")
    });
    json!([
        typed(&resource["attributes"]),
        scope["name"],
        span["name"],
        span["kind"],
        typed(&span["attributes"]),
        status,
    ])
    .to_string()
}

#[test]
fn request_spans_have_the_keys_order_and_types_of_captured_ones() {
    let captured = captured();
    let of_requests = |export: &Value| -> BTreeSet<String> {
        let spans = otlp::spans(export).filter(|(_, _, span)| span["name"] == "llm_request");
        spans.map(shape).collect()
    };
    let theirs: BTreeSet<String> = captured.iter().flat_map(of_requests).collect();
    let output = replica().advance(600.0, 1_795_509_000.0, 1.0);
    let ours = of_requests(&sent(output.spans));
    // With a temperature, and without where it is 0.
    assert_eq!(ours.len(), 2);
    for shape in &ours {
        assert!(theirs.contains(shape), "{shape}\nis none of\n{theirs:#?}");
    }
}

#[test]
fn start_up_spans_are_the_captured_ones_with_other_ids_and_times() {
    let captured = captured();
    let tree = |exports: &[Value]| -> BTreeSet<String> {
        let spans: Vec<otlp::Placed<'_>> = exports
            .iter()
            .flat_map(otlp::spans)
            .filter(|(_, _, span)| span["name"] != "llm_request")
            .collect();
        let parent = |span: &Value| -> Value {
            let found = spans
                .iter()
                .find(|(_, _, p)| p["spanId"] == span["parentSpanId"]);
            found.map_or(Value::Null, |(_, _, p)| p["name"].clone())
        };
        let time =
            |span: &Value, key: &str| -> u64 { span[key].as_str().unwrap().parse().unwrap() };
        let line = |placed: &otlp::Placed<'_>| {
            let span = placed.2;
            let took = time(span, "endTimeUnixNano") - time(span, "startTimeUnixNano");
            format!(
                "{} under {} for {took} flags {}",
                shape(*placed),
                parent(span),
                span["flags"]
            )
        };
        spans.iter().map(line).collect()
    };
    let (mut one, wall) = (replica(), 1_795_508_400.0);
    let ours = [sent(one.start_up_spans(wall))];
    assert_eq!(tree(&ours), tree(&captured));
    let ids = |exports: &[Value], key: &str| -> BTreeSet<String> {
        let spans = exports.iter().flat_map(otlp::spans);
        spans.map(|(_, _, span)| span[key].to_string()).collect()
    };
    assert_eq!(ids(&ours, "traceId").len(), 1);
    assert!(ids(&ours, "spanId").is_disjoint(&ids(&captured, "spanId")));
    let again = [sent(one.restart(10.0, wall + 10.0, With::Nothing))];
    assert!(ids(&ours, "traceId").is_disjoint(&ids(&again, "traceId")));
}

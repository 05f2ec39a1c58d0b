//! Every captured span against the catalogue, and spans spoilt on purpose.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test helper fails by panicking, as its test would"
)]

mod support;

use support::{capture, captures, traces};
use vllm_catalog::{Name, Role, Source, Version, spans};

#[test]
fn every_captured_span_says_what_the_catalogue_says_and_no_more() {
    for capture in captures() {
        let outcome = traces::compare(&capture.read("traces.jsonl"), capture.version);
        assert!(
            outcome.differences.is_empty(),
            "{}:\n{}",
            capture.name(),
            outcome.differences.join("\n")
        );
        let has = |role| outcome.roles.contains(&role);
        assert!(has(Role::Request), "{}: no request", capture.name());
        assert_eq!(
            has(Role::StartUp),
            capture.version > Version::new(0, 10, 2),
            "{}: start-up spans",
            capture.name()
        );
        assert_eq!(
            has(Role::FastApi),
            capture.fastapi_spans,
            "{}: FastAPI spans",
            capture.name()
        );
    }
}

#[test]
fn every_span_said_to_be_captured_was_captured_and_no_other() {
    let names: Vec<String> = captures()
        .iter()
        .flat_map(|capture| {
            traces::compare(&capture.read("traces.jsonl"), capture.version)
                .names
                .into_keys()
        })
        .collect();
    for span in spans::SPANS {
        let seen = names.iter().any(|name| span.name.is(name));
        assert_eq!(seen, span.source == Source::Captured, "{:?}", span.name);
    }
}

#[test]
fn a_sampling_parameter_is_absent_where_it_is_zero() {
    let capture = capture("0.32.0");
    let text = capture.read("traces.jsonl");
    let requests = text.matches("\"llm_request\"").count();
    let temperatures = text.matches("gen_ai.request.temperature").count();
    assert!(
        0 < temperatures && temperatures < requests,
        "{temperatures} of {requests}"
    );
}

#[test]
fn fastapis_server_spans_are_known_by_method_and_route() {
    let name = Name::MethodAndRoute;
    assert!(name.is("POST /v1/completions") && name.is("GET /metrics"));
    for other in [
        "llm_request",
        "Worker init",
        "Loading (CPU)",
        "post /v1",
        "POST",
        " /v1",
        "POST v1",
    ] {
        assert!(!name.is(other), "{other}");
    }
}

/// The stream of 0.32.0 with one thing in it changed.
fn spoilt(from: &str, to: &str) -> Vec<String> {
    let capture = capture("0.32.0");
    let text = capture.read("traces.jsonl");
    assert!(text.contains(from), "the stream does not say {from:?}");
    traces::compare(&text.replace(from, to), capture.version).differences
}

fn assert_told(found: &[String], expected: &str) {
    assert!(
        found.iter().any(|line| line.contains(expected)),
        "expected {expected:?}, first of {}: {:?}",
        found.len(),
        found.first()
    );
}

#[test]
fn a_span_of_another_name_or_scope_is_told() {
    assert_told(
        &spoilt("\"name\":\"llm_request\"", "\"name\":\"llm_req\""),
        "span \"llm_req\" of \"vllm.tracing.otel\" is not known",
    );
    assert_told(
        &spoilt("vllm.tracing.otel", "vllm.llm_engine"),
        "of \"vllm.llm_engine\" is not known in 0.32.0",
    );
}

#[test]
fn a_span_of_another_kind_is_told() {
    assert_told(
        &spoilt("\"kind\":2", "\"kind\":3"),
        "found kind 3, expected 2",
    );
}

#[test]
fn an_attribute_of_another_key_is_told_and_so_is_the_one_that_is_missing() {
    let found = spoilt("gen_ai.latency.e2e", "gen_ai.latency.total");
    assert_told(&found, "attribute \"gen_ai.latency.total\" is not known");
    assert_told(&found, "attribute \"gen_ai.latency.e2e\" is absent");
}

#[test]
fn an_attribute_of_another_otlp_type_is_told() {
    assert_told(
        &spoilt(
            "\"gen_ai.usage.prompt_tokens\",\"value\":{\"intValue\"",
            "\"gen_ai.usage.prompt_tokens\",\"value\":{\"doubleValue\"",
        ),
        "attribute \"gen_ai.usage.prompt_tokens\": found {\"doubleValue\"",
    );
    assert_told(&spoilt("doubleValue", "intValue"), "expected doubleValue");
}

#[test]
fn an_unknown_resource_attribute_is_told() {
    assert_told(
        &spoilt("vllm.process_id", "vllm.pid"),
        "attribute \"vllm.pid\" is not known",
    );
}

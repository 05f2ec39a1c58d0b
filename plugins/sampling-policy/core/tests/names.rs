//! The names that the policy asks for are those that vLLM sends, and no others of its spans match.

#![allow(clippy::expect_used)] // in helpers, where clippy sees no test

use sampling_policy_core::rules::{RULES, SCOPES, SPAN_NAME};
use sampling_policy_core::settings::{self, Settings};
use sampling_policy_core::{MODEL, describe};
use vllm_catalog::spans::{REQUEST_SCOPES, REQUEST_SPAN, SPANS, TRACING_SINCE};
use vllm_catalog::{AttributePresence, OtlpType, Role, Span, Unit, Version, span};

/// The request span as a release sends it.
fn request_span(scope: &str, version: Version) -> &'static Span {
    span(SPAN_NAME, scope, version).expect("the catalogue knows the span")
}

#[test]
fn the_policy_matches_the_request_span_in_every_scope_it_ever_had() {
    assert_eq!(SPAN_NAME, REQUEST_SPAN);
    let known: Vec<&str> = REQUEST_SCOPES.iter().map(|scope| scope.name).collect();
    assert_eq!(SCOPES.as_slice(), known);
}

#[test]
fn every_limit_is_held_against_an_attribute_that_is_always_there_in_seconds() {
    for span in [
        request_span("vllm.llm_engine", TRACING_SINCE),
        request_span("vllm.tracing.otel", Version::NEWEST),
    ] {
        for rule in RULES {
            let attribute = span
                .attributes
                .iter()
                .find(|attribute| attribute.key == rule.attribute)
                .expect("the catalogue knows the attribute");
            assert_eq!(attribute.otlp_type, OtlpType::Double, "{}", rule.attribute);
            assert_eq!(attribute.unit, Some(Unit::Seconds), "{}", rule.attribute);
            assert_eq!(
                attribute.presence,
                AttributePresence::Always,
                "{}",
                rule.attribute
            );
        }
    }
}

#[test]
fn no_start_up_span_and_no_span_of_fastapi_has_the_name_and_the_scope() {
    let matching: Vec<Role> = SPANS
        .iter()
        .filter(|span| {
            let in_scope = |scope: &&str| span.in_scope(scope, Version::NEWEST);
            span.name.is(SPAN_NAME) && SCOPES.iter().any(in_scope)
        })
        .map(|span| span.role)
        .collect();
    assert_eq!(matching, [Role::Request]);
}

fn described(document: &str) -> serde_json::Value {
    let settings = settings::parse(document.as_bytes()).expect("settings");
    serde_json::from_str(&describe(&settings)).expect("JSON")
}

#[test]
fn with_limits_alone_the_description_asks_for_five_numbers_of_spans_above_a_limit() {
    let mut described = described("{}");
    let gauges = described
        .as_object_mut()
        .expect("an object")
        .remove("gauges");
    assert_eq!(gauges.expect("gauges").as_array().map(Vec::len), Some(4));
    assert_eq!(
        described,
        serde_json::json!({
            "abi": 2,
            "name": "vllm-sampling-policy",
            "version": env!("CARGO_PKG_VERSION"),
            "trace": [],
            "groups": [{
                "names": ["llm_request"],
                "scopes": ["vllm.tracing.otel", "vllm.llm_engine"],
                "when": {
                    "status": [],
                    "numbers": {},
                    "present": [],
                    "above": {
                        "gen_ai.latency.e2e": 120,
                        "gen_ai.latency.time_to_first_token": 10,
                        "gen_ai.latency.time_in_model_decode": 60,
                    },
                },
            }],
            "empty": "not_sampled",
            "span": {
                "fields": [],
                "numbers": [
                    "gen_ai.latency.e2e",
                    "gen_ai.latency.time_to_first_token",
                    "gen_ai.latency.time_in_model_decode",
                    "gen_ai.latency.time_in_queue",
                    "gen_ai.latency.time_in_model_prefill"
                ],
                "present": [],
            },
            "resource": {"strings": []},
            "reasons": [
                "error", "e2e_latency", "time_to_first_token", "decode_time",
                "slow_first_token", "slow_output", "baseline"
            ],
            "causes": ["queue", "prefill", "frontend", "decode"],
        })
    );
}

#[test]
fn a_limit_that_is_off_is_no_condition() {
    let off = described(r#"{"e2e_latency":"off","decode_time":"off"}"#);
    let above = serde_json::json!({"gen_ai.latency.time_to_first_token": 10});
    assert_eq!(off["groups"][0]["when"]["above"], above);
    let off = described(r#"{"e2e_latency":"off","time_to_first_token":"off","decode_time":"off"}"#);
    assert_eq!(off["groups"][0].get("when"), None);
}

#[test]
fn a_policy_that_looks_at_every_request_is_asked_about_every_trace() {
    for document in [
        r#"{"errors":{}}"#,
        r#"{"slowest":{}}"#,
        r#"{"baseline":{}}"#,
        r#"{"budget":{}}"#,
        r#"{"models":{"a":{"e2e_latency":"1s"}}}"#,
    ] {
        let described = described(document);
        assert_eq!(described.get("empty"), None, "{document}");
        assert_eq!(described["groups"][0].get("when"), None, "{document}");
    }
}

#[test]
fn with_errors_a_second_group_has_the_spans_that_failed() {
    let described = described(r#"{"errors":{"status_codes":[429,499,"5xx"]}}"#);
    assert_eq!(
        described["groups"][1],
        serde_json::json!({
            "at_most": 1,
            "when": {
                "status": [2],
                "numbers": {
                    "http.response.status_code": [[429, 429], [499, 599]],
                    "http.status_code": [[429, 429], [499, 599]],
                },
                "present": ["error.type"],
            },
        })
    );
    assert_eq!(described["span"]["fields"], serde_json::json!(["status"]));
    assert_eq!(
        described["resource"]["strings"][0],
        serde_json::json!(MODEL)
    );
}

#[test]
fn reasons_causes_and_gauges_do_not_depend_on_the_settings() {
    let (few, all) = (
        described("{}"),
        described(r#"{"errors":{},"slowest":{},"baseline":{},"budget":{}}"#),
    );
    for key in ["name", "version", "reasons", "causes", "gauges"] {
        assert_eq!(few[key], all[key], "{key}");
    }
    assert_ne!(few["groups"], all["groups"]);
}

#[test]
fn every_number_of_a_request_is_one_that_vllm_always_sends() {
    let settings = Settings::DEFAULT;
    let described: serde_json::Value = serde_json::from_str(&describe(&settings)).expect("JSON");
    let numbers = described["span"]["numbers"].as_array().expect("a list");
    let span = request_span("vllm.tracing.otel", Version::NEWEST);
    let tokens = [
        "gen_ai.usage.prompt_tokens",
        "gen_ai.usage.completion_tokens",
    ];
    for key in numbers.iter().filter_map(|key| key.as_str()).chain(tokens) {
        let attribute = span
            .attributes
            .iter()
            .find(|attribute| attribute.key == key);
        let attribute = attribute.expect("the catalogue knows the attribute");
        assert_eq!(attribute.presence, AttributePresence::Always, "{key}");
    }
}

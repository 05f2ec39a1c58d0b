//! The names that the policy asks for are those that vLLM sends, and no others of its spans match.

#![allow(clippy::expect_used)] // in helpers, where clippy sees no test

use sampling_policy_core::describe;
use sampling_policy_core::rules::{RULES, SCOPES, SPAN_NAME};
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

#[test]
fn the_description_asks_for_these_names_and_nothing_else() {
    let described: serde_json::Value = serde_json::from_str(&describe()).expect("JSON");
    assert_eq!(
        described,
        serde_json::json!({
            "abi": 1,
            "name": "vllm-sampling-policy",
            "version": env!("CARGO_PKG_VERSION"),
            "trace": [],
            "span": {
                "names": ["llm_request"],
                "scopes": ["vllm.tracing.otel", "vllm.llm_engine"],
                "fields": [],
                "numbers": [
                    "gen_ai.latency.e2e",
                    "gen_ai.latency.time_to_first_token",
                    "gen_ai.latency.time_in_model_decode"
                ],
                "strings": []
            },
            "resource": {"numbers": [], "strings": []},
            "reasons": ["e2e_latency", "time_to_first_token", "decode_time"]
        })
    );
}

//! What the operator may write, and what an operator is told.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use sampling_policy_core::rules::{Limits, OFF};
use sampling_policy_core::settings::{parse, to_json};

fn mistakes(json: &str) -> Vec<String> {
    parse(json.as_bytes()).expect_err("refused").0
}

#[test]
fn an_empty_document_means_the_defaults() {
    assert_eq!(parse(b"{}"), Ok(Limits([120.0, 10.0, 60.0])));
}

#[test]
fn each_rule_has_its_own_limit_or_is_off() {
    let json = br#"{"e2e_latency":"1m30s","time_to_first_token":"off","decode_time":false}"#;
    assert_eq!(parse(json), Ok(Limits([90.0, OFF, OFF])));
}

#[test]
fn the_settings_in_force_are_a_document_of_the_same_meaning() {
    let limits = Limits([0.25, OFF, 60.0]);
    assert_eq!(parse(to_json(&limits).as_bytes()), Ok(limits));
}

#[test]
fn every_mistake_is_named_at_once() {
    let found = mistakes(r#"{"e2e_latency":120,"ttft":"10s","decode_time":"1 minute"}"#);
    assert_eq!(found.len(), 3, "{found:?}");
    for (mistake, names) in found.iter().zip([
        ["settings.e2e_latency", "120", "duration"],
        ["ttft", "time_to_first_token", "expected"],
        ["settings.decode_time", "1 minute", "duration"],
    ]) {
        for name in names {
            assert!(mistake.contains(name), "{mistake:?} does not say {name:?}");
        }
    }
}

#[test]
fn a_slip_of_the_pen_is_recognised() {
    let found = mistakes(r#"{"e2e_latncy":"2m"}"#);
    assert!(found[0].contains("did you mean e2e_latency?"), "{found:?}");
}

#[test]
fn zero_true_and_a_key_twice_are_refused() {
    for json in [
        r#"{"decode_time":"0s"}"#,
        r#"{"decode_time":true}"#,
        r#"{"decode_time":null}"#,
        r#"{"decode_time":"1m","decode_time":"2m"}"#,
    ] {
        assert_eq!(mistakes(json).len(), 1, "{json}");
    }
}

#[test]
fn what_is_no_object_is_refused() {
    for json in ["", "[]", "null", "{", "\"2m\"", "{} {}", "\u{0}"] {
        assert!(
            mistakes(json)[0].contains("expected one JSON object"),
            "{json:?}"
        );
    }
}

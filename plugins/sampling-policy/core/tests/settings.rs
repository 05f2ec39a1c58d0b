//! What the operator may write, and what an operator is told.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use sampling_policy_core::rules::{Limits, OFF};
use sampling_policy_core::settings::{Baseline, Budget, Errors, Settings, Slowest, parse, to_json};

fn of(limits: [f64; 3]) -> Settings {
    Settings {
        limits: Limits(limits),
        ..Settings::DEFAULT
    }
}

fn mistakes(json: &str) -> Vec<String> {
    parse(json.as_bytes()).expect_err("refused").0
}

#[test]
fn an_empty_document_means_the_defaults() {
    assert_eq!(parse(b"{}"), Ok(of([120.0, 10.0, 60.0])));
}

#[test]
fn each_rule_has_its_own_limit_or_is_off() {
    let json = br#"{"e2e_latency":"1m30s","time_to_first_token":"off","decode_time":false}"#;
    assert_eq!(parse(json), Ok(of([90.0, OFF, OFF])));
}

#[test]
fn a_section_that_is_there_is_on_with_its_defaults() {
    let json = br#"{"errors":{},"slowest":{},"baseline":{},"budget":{}}"#;
    let expected = Settings {
        errors: Some(Errors::DEFAULT),
        slowest: Some(Slowest::DEFAULT),
        baseline: Some(Baseline::DEFAULT),
        budget: Some(Budget::DEFAULT),
        ..Settings::DEFAULT
    };
    assert_eq!(parse(json), Ok(expected));
    let off = br#"{"errors":"off","slowest":false,"baseline":"off","budget":false,"models":{}}"#;
    assert_eq!(parse(off), Ok(Settings::DEFAULT));
}

#[test]
fn a_model_has_the_limits_of_all_but_for_those_of_its_own() {
    let json = br#"{"models":{"a/b":{"time_to_first_token":"2s"},"c":{}},"e2e_latency":"off"}"#;
    let models = parse(json).expect("settings").models;
    let expected = [("a/b", [OFF, 2.0, 60.0]), ("c", [OFF, 10.0, 60.0])];
    assert_eq!(
        models,
        expected.map(|(name, limits)| (name.to_owned(), Limits(limits)))
    );
}

#[test]
fn status_codes_are_numbers_or_a_whole_kind() {
    let json = br#"{"errors":{"status_codes":[429,"5xx"]}}"#;
    let errors = parse(json).expect("settings").errors.expect("on");
    for (code, listed) in [
        (428.0, false),
        (429.0, true),
        (499.0, false),
        (500.0, true),
        (599.0, true),
        (600.0, false),
        (0.0, false),
        (-500.0, false),
        (1e300, false),
        (f64::NAN, false),
    ] {
        assert_eq!(errors.has(code), listed, "{code}");
    }
}

#[test]
fn the_settings_in_force_are_a_document_of_the_same_meaning() {
    let all = br#"{"e2e_latency":"250ms","time_to_first_token":"off",
        "errors":{"status_codes":[404,"5xx"]},
        "slowest":{"share":"2.5%","measures":["time_per_output_token"],"at_least":1.5,"memory":"2h","minimum":50},
        "baseline":{"share":"0.01%","per_model_per_hour":0},
        "budget":{"traces_per_minute":90,"burst":"10s"},
        "models":{"a \"b\"":{"decode_time":"1s"}}}"#;
    for json in [&b"{}"[..], all] {
        let settings = parse(json).expect("settings");
        assert_eq!(parse(to_json(&settings).as_bytes()), Ok(settings));
    }
}

#[test]
fn a_mistake_in_a_section_has_its_place_and_what_is_expected() {
    for (json, place, expected) in [
        (
            r#"{"slowest":{"share":1}}"#,
            "settings.slowest.share",
            "percentage",
        ),
        (
            r#"{"slowest":{"share":"0%"}}"#,
            "settings.slowest.share",
            "0.01%",
        ),
        (
            r#"{"slowest":{"measures":["ttft"]}}"#,
            "settings.slowest.measures",
            "time_per_output_token",
        ),
        (
            r#"{"slowest":{"measures":[]}}"#,
            "settings.slowest.measures",
            "time_per_output_token",
        ),
        (
            r#"{"slowest":{"memory":"10s"}}"#,
            "settings.slowest.memory",
            "60s",
        ),
        (
            r#"{"slowest":{"atLeast":2}}"#,
            "settings.slowest",
            "at_least",
        ),
        (r#"{"slowest":true}"#, "settings.slowest", "off"),
        (
            r#"{"errors":{"status_codes":[200]}}"#,
            "settings.errors.status_codes",
            "5xx",
        ),
        (
            r#"{"errors":{"status_codes":429}}"#,
            "settings.errors.status_codes",
            "list",
        ),
        (
            r#"{"baseline":{"share":"200%"}}"#,
            "settings.baseline.share",
            "100%",
        ),
        (
            r#"{"baseline":{"per_model_per_hour":"6"}}"#,
            "settings.baseline.per_model_per_hour",
            "number",
        ),
        (
            r#"{"budget":{"burst":"100ms"}}"#,
            "settings.budget.burst",
            "1s",
        ),
        (
            r#"{"budget":{"burst":"1m","burst":"2m"}}"#,
            "settings.budget.burst",
            "once",
        ),
        (r#"{"models":{"":{}}}"#, "settings.models", "name"),
        (
            r#"{"models":{"a":{"ttft":"1s"}}}"#,
            "settings.models.a",
            "time_to_first_token",
        ),
        (
            r#"{"models":{"a":{"decode_time":1}}}"#,
            "settings.models.a.decode_time",
            "duration",
        ),
        (r#"{"models":[]}"#, "settings.models", "object"),
    ] {
        let found = mistakes(json);
        assert_eq!(found.len(), 1, "{json}: {found:?}");
        assert!(
            found[0].starts_with(&format!("{place}: found ")),
            "{json}: {found:?}"
        );
        assert!(found[0].contains(expected), "{json}: {found:?}");
    }
}

#[test]
fn more_models_than_are_told_apart_are_refused() {
    let models: Vec<String> = (0..65).map(|n| format!(r#""m{n}":{{}}"#)).collect();
    let found = mistakes(&format!(r#"{{"models":{{{}}}}}"#, models.join(",")));
    assert!(
        found[0].contains("65 models; expected at most 64"),
        "{found:?}"
    );
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

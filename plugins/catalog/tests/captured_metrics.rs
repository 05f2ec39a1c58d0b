//! Every captured `/metrics` body against the catalogue, and bodies spoilt on purpose.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test helper fails by panicking, as its test would"
)]

mod support;

use std::collections::BTreeMap;

use support::{Capture, MAX_MODEL_LEN, capture, captures, exposition, metrics};
use vllm_catalog::{FAMILIES, Presence, Source, families_at};

fn server(capture: &Capture) -> metrics::Server {
    metrics::Server {
        version: capture.version,
        max_model_len: MAX_MODEL_LEN,
        optional: capture.optional,
    }
}

fn differences(text: &str, capture: &Capture) -> Vec<String> {
    let body =
        exposition::parse(text).unwrap_or_else(|error| panic!("{}: {error}", capture.name()));
    metrics::differences(&body, &server(capture))
}

#[test]
fn every_captured_body_says_what_the_catalogue_says_and_no_more() {
    for capture in captures() {
        let bodies = capture.bodies();
        assert!(!bodies.is_empty(), "{}: no metrics-*.txt", capture.name());
        for (name, text) in bodies {
            let found = differences(&text, &capture);
            assert!(
                found.is_empty(),
                "{}/{name}:\n{}",
                capture.name(),
                found.join("\n")
            );
        }
    }
}

#[test]
fn families_txt_lists_exactly_the_families_of_vllm_in_the_bodies() {
    for capture in captures() {
        let listed: BTreeMap<String, String> = capture
            .read("families.txt")
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
            .collect();
        let (_, text) = capture.bodies().remove(0);
        let body = exposition::parse(&text).expect("a body");
        let seen: BTreeMap<String, String> = body
            .types
            .into_iter()
            .filter(|(name, _)| name.starts_with("vllm:") && !name.ends_with("_created"))
            .collect();
        assert_eq!(listed, seen, "{}", capture.name());
    }
}

#[test]
fn every_family_said_to_be_captured_was_captured() {
    let seen: Vec<String> = captures()
        .iter()
        .flat_map(Capture::bodies)
        .flat_map(|(_, text)| exposition::parse(&text).expect("a body").types.into_keys())
        .collect();
    for family in FAMILIES {
        assert_eq!(
            family.source == Source::Captured,
            seen.iter().any(|name| name == family.name),
            "{}",
            family.name
        );
    }
}

#[test]
fn the_ranges_agree_with_the_table_of_names_in_the_sources() {
    let table =
        std::fs::read_to_string(::captures::fixtures().join("families-by-version-source.tsv"))
            .expect("the table");
    let mut lines = table
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let versions = lines.next().expect("a header");
    let rows: BTreeMap<&str, Vec<&str>> = lines.map(|row| (row[0], row)).collect();
    for (column, version) in versions.iter().enumerate().skip(1) {
        let version = version.parse().expect("a version");
        for (name, row) in &rows {
            let family = families_at(version).find(|family| family.name == *name);
            assert_eq!(
                family.map_or("-", |family| family.kind.as_str()),
                row[column],
                "{name} in {version}"
            );
        }
    }
    for family in FAMILIES
        .iter()
        .filter(|family| family.presence == Presence::Always)
    {
        assert!(
            rows.contains_key(family.name),
            "{} is in no source examined",
            family.name
        );
    }
}

/// A capture's first body, with one thing in it changed.
fn spoilt(name: &str, from: &str, to: &str) -> Vec<String> {
    let capture = capture(name);
    let (_, text) = capture.bodies().remove(0);
    assert!(text.contains(from), "{name} does not say {from:?}");
    differences(&text.replace(from, to), &capture)
}

fn assert_told(found: &[String], expected: &str) {
    assert!(
        found.iter().any(|line| line.contains(expected)),
        "expected {expected:?} in:\n{}",
        found.join("\n")
    );
}

#[test]
fn a_family_of_another_name_is_told() {
    let found = spoilt(
        "0.32.0",
        "vllm:kv_cache_usage_perc",
        "vllm:kv_cache_usage_ratio",
    );
    assert_told(
        &found,
        "family vllm:kv_cache_usage_ratio is not known in 0.32.0",
    );
    assert_told(&found, "family vllm:kv_cache_usage_perc is absent");
}

#[test]
fn a_family_of_another_release_is_told() {
    let older = capture("0.10.2");
    let (_, text) = older.bodies().remove(0);
    let newer = Capture {
        version: vllm_catalog::Version::new(0, 32, 0),
        ..older
    };
    let found = differences(&text, &newer);
    assert_told(
        &found,
        "family vllm:gpu_cache_usage_perc is not known in 0.32.0",
    );
    assert_told(&found, "family vllm:admission_rejections_total is absent");
    assert_told(&found, "no series with finished_reason=\"error\"");
}

#[test]
fn a_family_of_another_type_is_told() {
    let found = spoilt(
        "0.32.0",
        "# TYPE vllm:num_requests_waiting gauge",
        "# TYPE vllm:num_requests_waiting counter",
    );
    assert_eq!(
        found,
        ["family vllm:num_requests_waiting: found type counter, expected gauge"]
    );
}

#[test]
fn a_label_too_many_or_too_few_is_told() {
    let found = spoilt(
        "0.32.0",
        "vllm:num_requests_running{engine=\"0\",",
        "vllm:num_requests_running{",
    );
    assert_told(
        &found,
        "vllm:num_requests_running: found labels {\"model_name\"}",
    );
    let found = spoilt(
        "0.32.0",
        "vllm:num_requests_running{",
        "vllm:num_requests_running{pod=\"a\",",
    );
    assert_told(&found, "found labels {\"engine\", \"model_name\", \"pod\"}");
}

#[test]
fn a_label_value_that_is_not_known_is_told_and_so_is_the_one_it_took_the_place_of() {
    let found = spoilt(
        "0.32.0",
        "finished_reason=\"stop\"",
        "finished_reason=\"bored\"",
    );
    assert_told(
        &found,
        "finished_reason=\"bored\" is not among the known values",
    );
    assert_told(&found, "no series with finished_reason=\"stop\"");
    let found = spoilt(
        "0.32.0",
        "vllm:num_requests_running{engine=\"0\"",
        "vllm:num_requests_running{engine=\"a\"",
    );
    assert_told(&found, "engine=\"a\" is not among the known values");
}

#[test]
fn another_bucket_bound_is_told_and_so_is_its_other_spelling() {
    for to in ["le=\"120\"", "le=\"100.0\""] {
        let found = spoilt("0.32.0", "le=\"120.0\"", to);
        assert_told(&found, "family vllm:e2e_request_latency_seconds [");
    }
}

#[test]
fn an_optional_family_on_a_server_without_its_flag_is_told() {
    let optional = capture("0.33.0/optional");
    let (_, text) = optional.bodies().remove(0);
    let plain = Capture {
        optional: false,
        ..optional
    };
    assert_told(
        &differences(&text, &plain),
        "family vllm:kv_block_lifetime_seconds is there, expected only with a flag",
    );
}

#[test]
fn a_body_that_is_cut_off_or_garbled_is_refused_with_its_line() {
    for text in [
        "vllm:x{a=\"b\"",
        "vllm:x{a=\"b} 1",
        "vllm:x{a=\"b\"c=\"d\"} 1",
        "vllm:x one",
        "# TYPE vllm:x",
    ] {
        let error = exposition::parse(text).expect_err(text);
        assert!(error.starts_with("line 1: "), "{error}");
    }
}

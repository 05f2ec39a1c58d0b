//! `/metrics` against real bodies: families, order, HELP, TYPE, series, labels, bounds, text form.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::fs;

use fleet::http_stats::Call;
use fleet::model::{Config, Traffic};
use fleet::numbers::python;
use fleet::replica::{Replica, Settings, With};
use harness::repo;

const MODEL: &str = "qwen3-235b";

fn real(body: &str) -> String {
    fs::read_to_string(repo::root().join("tests/fixtures/vllm").join(body)).unwrap()
}

/// A server of the captured one's size, after `seconds` of traffic.
fn body(engines: usize, seconds: f64, draft_tokens: u32) -> String {
    let mut replica = Replica::new(
        Settings {
            models: vec![MODEL.to_owned()],
            name: "pod".to_owned(),
            config: Config {
                max_model_len: 2048,
                block_size: 32,
                num_gpu_blocks: 80,
                max_num_seqs: 4,
                draft_tokens,
                ..Config::default()
            },
            engines,
            traffic: Traffic::default(),
            seed: 7,
            warm_up: 0.0,
            tracing: true,
            environment: Vec::new(),
        },
        0.0,
        1_795_508_480.125,
    );
    let call = Call {
        handler: "/v1/models",
        method: "GET",
        status: "2xx",
        seconds: 0.001,
        request_bytes: 0,
        response_bytes: 450,
    };
    replica.http.count(&call, 1_795_508_481.0);
    if seconds > 0.0 {
        replica.advance(seconds, 1_795_508_480.125 + seconds, 1.0);
    }
    replica.metrics(1_795_508_480.125 + seconds)
}

/// A line without its number; of `cache_config_info`, whose values are the server's own, the names only.
fn shape(line: &str) -> String {
    if line.starts_with('#') {
        return line.to_owned();
    }
    let (series, number) = line.rsplit_once(' ').unwrap();
    let value: f64 = number.parse().unwrap();
    assert_eq!(python(value), number, "text form of {line}");
    if series.starts_with("vllm:cache_config_info") {
        let names: Vec<&str> = series
            .split("\",")
            .map(|pair| pair.split('=').next().unwrap())
            .collect();
        return names.join(",");
    }
    series.to_owned()
}

fn shapes(body: &str, of: impl Fn(&str) -> bool) -> Vec<String> {
    body.lines().filter(|line| of(line)).map(shape).collect()
}

/// Not the HTTP layer's, whose series depend on what was asked.
fn of_vllm(line: &str) -> bool {
    !line.contains("http_")
}

/// Name and label names of the HTTP layer's series.
fn http_names(body: &str) -> BTreeSet<String> {
    let lines = body.lines().filter(|line| !of_vllm(line));
    lines
        .map(|line| match line.starts_with('#') {
            true => line.to_owned(),
            false => {
                let series = line.rsplit_once(' ').unwrap().0;
                let mut parts = series.split('"');
                let mut names = String::new();
                while let Some(part) = parts.next() {
                    names.push_str(part);
                    let value = parts.next().unwrap_or_default();
                    if names.ends_with("le=") {
                        names.push_str(value);
                    }
                }
                names
            }
        })
        .collect()
}

#[test]
fn an_idle_server_shows_line_for_line_what_the_real_one_showed() {
    let (ours, theirs) = (body(1, 0.0, 0), real("0.33.0/metrics-idle.txt"));
    assert_eq!(shapes(&ours, |_| true), shapes(&theirs, |_| true));
}

#[test]
fn a_loaded_server_shows_the_series_of_the_real_one() {
    let ours = body(1, 300.0, 0);
    for name in [
        "0.33.0/metrics-loaded-1.txt",
        "0.33.0/metrics-preempting.txt",
    ] {
        let theirs = real(name);
        assert_eq!(shapes(&ours, of_vllm), shapes(&theirs, of_vllm), "{name}");
        assert_eq!(http_names(&ours), http_names(&theirs), "{name}");
    }
}

#[test]
fn speculative_decoding_adds_the_families_of_the_real_one() {
    let optional = |line: &str| {
        let there = |part| line.contains(part);
        of_vllm(line) && !there("vllm:kv_block_") && !there("vllm:corrupted_")
    };
    let (ours, theirs) = (body(1, 60.0, 3), real("0.33.0/optional/metrics-busy.txt"));
    assert_eq!(shapes(&ours, of_vllm), shapes(&theirs, optional));
    assert!(!body(1, 60.0, 0).contains("spec_decode"));
}

#[test]
fn adapters_add_the_family_of_the_real_server_in_its_place() {
    let of_adapters = |body: &str| -> Vec<String> {
        let lines = body.lines();
        let mut lines = lines.skip_while(|line| !line.contains("vllm:lora_requests_info"));
        let mut found: Vec<String> = Vec::new();
        for line in lines.by_ref() {
            let ours = line.contains("vllm:lora_requests_info");
            // The names of its labels; and what follows.
            let text = line.split('"').step_by(2).collect::<String>();
            let text = text
                .split_once("} ")
                .map_or(text.clone(), |(name, _)| name.to_owned());
            if !ours || !found.contains(&text) {
                found.push(text);
            }
            if !ours {
                break;
            }
        }
        found
    };
    let mut replica = Replica::new(
        Settings {
            models: vec![MODEL.to_owned()],
            name: "pod".to_owned(),
            config: Config::default(),
            engines: 1,
            traffic: Traffic::default(),
            seed: 7,
            warm_up: 0.0,
            tracing: true,
            environment: Vec::new(),
        },
        0.0,
        1_795_508_480.125,
    );
    replica.restart(0.0, 1_795_508_480.125, With::Lora);
    for second in 1..60 {
        let second = f64::from(second);
        replica.advance(second, 1_795_508_480.125 + second, 1.0);
    }
    let ours = replica.metrics(1_795_508_540.125);
    assert_eq!(
        of_adapters(&ours),
        of_adapters(&real("0.33.0/optional/metrics-lora-queue-limit.txt"))
    );
}

/// What is known of data parallel servers: one port, an `engine` each, no creation times and no
/// process collectors; before the first request no series of four gauges.
#[test]
fn a_data_parallel_server_has_every_engine_and_no_process_series() {
    let gone = |line: &str| {
        let name = line
            .trim_start_matches("# HELP ")
            .trim_start_matches("# TYPE ");
        let name = name.split(['{', ' ']).next().unwrap();
        name.starts_with("python_") || name.starts_with("process_") || name.ends_with("_created")
    };
    let theirs = real("0.33.0/metrics-loaded-1.txt");
    let mut expected = BTreeSet::new();
    for shape in shapes(&theirs, |line| of_vllm(line) && !gone(line)) {
        expected.insert(shape.replace("engine=\"0\"", "engine=\"1\""));
        expected.insert(shape);
    }
    let ours: BTreeSet<String> = shapes(&body(2, 300.0, 0), of_vllm).into_iter().collect();
    assert_eq!(ours, expected);

    let idle = body(2, 0.0, 0);
    for name in vllm_catalog::NO_SERIES_BEFORE_FIRST_REQUEST {
        assert!(idle.contains(&format!("# TYPE {name} gauge")), "{name}");
        assert!(!idle.contains(&format!("\n{name}{{")), "{name}");
    }
    assert!(idle.contains("\nvllm:num_preemptions_total{engine=\"1\""));
}

#[test]
fn a_strange_model_name_is_escaped() {
    let layout = fleet::exposition::Layout::new("a\"b\\c", &Config::default(), 1, 0.0);
    let stats = fleet::model::Stats::new(32_768);
    let body = layout.render(
        &[&stats],
        &fleet::http_stats::HttpStats::default(),
        None,
        0.0,
    );
    assert!(body.contains("model_name=\"a\\\"b\\\\c\"} 0.0\n"));
}

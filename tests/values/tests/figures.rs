//! Figures that rules go by, against where they come from.

use harness::render::{Options, Rendered};
use harness::repo;
use serde_yaml::Value;
use values_validator_core::rules::collector_memory::{RATE, USABLE};

#[test]
fn the_collector_refuses_from_the_share_of_its_memory_that_the_rule_takes() {
    let rendered = Rendered::new(&Options::default()).unwrap();
    let config: Value = serde_yaml::from_str(&rendered.collector().unwrap().unwrap()).unwrap();
    let limiter = &config["processors"]["memory_limiter"];
    let percent = |key: &str| limiter[key].as_f64().unwrap();
    let share = (percent("limit_percentage") - percent("spike_limit_percentage")) / 100.0;
    assert!((share - USABLE).abs() < 1e-9, "{share}");
}

#[test]
fn a_replica_ends_as_many_requests_as_the_captured_one_did() {
    let file = repo::root().join("tests/fixtures/vllm/0.32.0/requests.jsonl");
    let lines = std::fs::read_to_string(file).unwrap();
    let mut ends: Vec<f64> = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|request| request["outcome"] == "ok")
        .filter_map(|request| request["t_end"].as_f64())
        .collect();
    ends.sort_by(f64::total_cmp);
    let rate = ends.len() as f64 / (ends.last().unwrap() - ends.first().unwrap());
    assert!((rate / RATE - 1.0).abs() < 0.1, "{rate} requests a second");
}

//! How long a working engine counts no step while it has requests in flight: what the window of
//! VllmEngineStalled must be longer than. The runbook states both measurements.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::fs;

use fleet::model::{Config, Distribution, End, Engine, Request, Traffic};
use harness::repo;
use rules_tests::captured::Captured;
use serde_yaml::Value;

/// Seconds between two captured bodies.
const STEP: usize = 5;

/// The longest time, in seconds, over which requests run in every scrape and no step is counted.
fn longest_pause(captured: &Captured) -> usize {
    let values = |metric: &str| -> Vec<Option<f64>> {
        let found = captured.series.iter().find(|(series, _)| {
            series
                .strip_prefix(metric)
                .is_some_and(|rest| rest.starts_with('{'))
        });
        let values = found.map(|(_, values)| values.as_slice()).unwrap_or(&[]);
        let number = |value: &Option<String>| value.as_deref().and_then(|text| text.parse().ok());
        values.iter().map(number).collect()
    };
    let running = values("vllm:num_requests_running");
    let steps = values("vllm:iteration_tokens_total_count");
    let mut longest = 0;
    let mut since = 0;
    for at in 1..running.len().min(steps.len()) {
        let busy = running[at - 1] > Some(0.0) && running[at] > Some(0.0);
        if !busy || steps[at] != steps[at - 1] {
            since = at;
        }
        longest = longest.max((at - since) * STEP);
    }
    longest
}

/// The same of an engine that reads a prompt of 32,000 tokens in one step, at 2,000 tokens a second: a
/// tenth of the speed that the model assumes, without chunked prefill.
fn longest_prefill() -> f64 {
    let config = Config {
        max_num_batched_tokens: 32_768,
        step_per_prefill_token: 0.000_5,
        prefix_caching: false,
        ..Config::default()
    };
    let nobody = Traffic {
        requests_per_second: 0.0,
        ..Traffic::default()
    };
    let mut engine = Engine::new(config, nobody, 1, 0.0);
    engine.submit(Request {
        id: 1,
        arrival: 0.0,
        prompt: 32_000,
        output: 100,
        end: End::Length,
        leaves_after: None,
        max_tokens: 100,
        temperature: 1.0,
        top_p: 1.0,
        n: 1,
        prefix: None,
        chat: false,
        client: None,
    });
    let (mut longest, mut since, mut counted) = (0.0_f64, 0.0, 0);
    for tenth in 1..600 {
        let at = f64::from(tenth) / 10.0;
        engine.advance(at);
        let stats = engine.stats();
        let steps = stats.histogram(Distribution::IterationTokens).count();
        if stats.running == 0 || steps != counted {
            since = at;
            counted = steps;
        }
        longest = longest.max(at - since);
    }
    assert!(counted > 1, "the prompt was not read");
    longest
}

#[test]
fn the_window_is_longer_than_any_pause_of_a_working_engine_and_the_runbook_says_how_much() {
    let releases = captures::releases().unwrap();
    let captured = releases
        .iter()
        .map(|release| longest_pause(&Captured::read(&release.path("")).unwrap()));
    let captured = captured.max().unwrap();
    let simulated = longest_prefill();
    let page = fs::read_to_string(repo::root().join("docs/runbooks/VllmEngineStalled.md")).unwrap();
    let said = format!(
        "{captured} s in the captured servers (scraped every {STEP} s) and {simulated:.0} s in the simulated fleet"
    );
    assert!(page.contains(&said), "not in the runbook: {said}");

    let values = fs::read_to_string(repo::root().join("chart/values.yaml")).unwrap();
    let values: Value = serde_yaml::from_str(&values).unwrap();
    let window = values["rules"]["alerts"]["VllmEngineStalled"]["window"].as_str();
    assert_eq!(window, Some("2m"));
    let least = (captured as f64).max(simulated);
    assert!(4.0 * least < 120.0, "{least} s, and a window of 2m");
}

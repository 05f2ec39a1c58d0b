//! The model: the same seed gives the same fleet, and metrics, spans and truth tell one story.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use fleet::model::{
    Behaviour, Config, Counter, Distribution, Engine, Event, Outcome, Scenario, Traffic,
};
use fleet::replica::{Output, Replica, Settings};
use fleet::truth::Truth;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;

fn outcomes(engine: &mut Engine) -> Vec<Outcome> {
    let events = engine.take_events();
    events
        .into_iter()
        .filter_map(|event| match event {
            Event::Ended(outcome) => Some(*outcome),
            Event::Tokens { .. } => None,
        })
        .collect()
}

/// Ten virtual minutes with a rush in the middle, in steps of `step` seconds.
fn ten_minutes(seed: u64, step: f64) -> (Engine, Vec<Outcome>) {
    let mut engine = Engine::new(Config::default(), Traffic::default(), seed, 0.0);
    let mut at = 0.0;
    while at < 600.0 {
        if at == 240.0 {
            engine.switch(at, Scenario::Rush.behaviour(), Traffic::default());
        }
        if at == 300.0 {
            engine.switch(at, Behaviour::default(), Traffic::default());
        }
        at += step;
        engine.advance(at);
    }
    let ended = outcomes(&mut engine);
    (engine, ended)
}

#[test]
fn the_same_seed_gives_the_same_requests_however_often_time_is_looked_at() {
    let (fine, fine_ended) = ten_minutes(7, 0.25);
    let (coarse, coarse_ended) = ten_minutes(7, 60.0);
    assert!(fine_ended.len() > 600);
    assert_eq!(fine_ended, coarse_ended);
    assert_eq!(fine.stats(), coarse.stats());
    let (_, others) = ten_minutes(8, 60.0);
    assert_ne!(fine_ended, others);
}

#[test]
fn blocks_are_all_given_back_when_everything_has_ended() {
    for scenario in [
        Scenario::Steady,
        Scenario::PreemptionStorm,
        Scenario::KvPressure,
    ] {
        let mut engine = Engine::new(Config::default(), Traffic::default(), 3, 0.0);
        engine.switch(0.0, scenario.behaviour(), Traffic::default());
        engine.advance(120.0);
        let silent = Traffic {
            requests_per_second: 0.0,
            ..Traffic::default()
        };
        engine.switch(120.0, Behaviour::default(), silent);
        engine.advance(20_000.0);
        let stats = engine.stats();
        assert_eq!((stats.running, stats.waiting), (0, 0), "{scenario:?}");
        assert_eq!(stats.kv_usage, 0.0, "{scenario:?}");
    }
}

#[test]
fn a_long_prompt_is_prefilled_in_chunks_between_which_others_decode() {
    let config = Config {
        max_num_batched_tokens: 512,
        ..Config::default()
    };
    let silent = Traffic {
        requests_per_second: 0.0,
        ..Traffic::default()
    };
    let (_, mut drawn) = ten_minutes(1, 60.0);
    let mut request = drawn.remove(0).request;
    (
        request.arrival,
        request.n,
        request.prefix,
        request.leaves_after,
    ) = (0.0, 1, None, None);
    let mut long = request.clone();
    (request.prompt, request.output) = (10, 400);
    (long.prompt, long.output, long.arrival) = (8192, 2, 1.0);
    let mut engine = Engine::new(config, silent, 1, 0.0);
    engine.submit(request);
    engine.advance(1.0);
    engine.submit(long);
    engine.advance(60.0);
    let steps = engine.stats().histogram(Distribution::IterationTokens);
    let full = steps
        .bounds
        .iter()
        .position(|bound| *bound == 512.0)
        .unwrap();
    assert!(steps.counts[full] >= 15, "{:?}", steps.counts);
    assert_eq!(
        steps.counts[full + 1..].iter().sum::<u64>(),
        0,
        "no step is larger than the budget"
    );
    let ended = outcomes(&mut engine);
    assert_eq!(ended.len(), 2);
    let prefill = ended
        .iter()
        .find(|o| o.request.prompt == 8192)
        .unwrap()
        .times
        .unwrap()
        .prefill;
    assert!(prefill > 0.4, "{prefill}");
}

#[test]
fn a_shared_prefix_is_computed_once() {
    let cached = |prefix_caching| {
        let config = Config {
            prefix_caching,
            ..Config::default()
        };
        let mut engine = Engine::new(config, Traffic::default(), 5, 0.0);
        engine.advance(300.0);
        engine.stats().counter(Counter::PrefixHits)
    };
    assert!(cached(true) > 5000.0);
    assert_eq!(cached(false), 0.0);
}

fn replica() -> Replica {
    let settings = Settings {
        models: vec!["qwen3-235b".to_owned()],
        name: "qwen3-235b-0".to_owned(),
        config: Config::default(),
        engines: 1,
        traffic: Traffic {
            requests_per_second: 2.0,
            abort_share: 0.1,
            ..Traffic::default()
        },
        seed: 11,
        warm_up: 0.0,
        tracing: true,
        environment: Vec::new(),
    };
    Replica::new(settings, 0.0, 1_700_000_000.0)
}

fn spans(output: &Output) -> Vec<&Span> {
    let scopes = output.spans.iter().flat_map(|r| &r.scope_spans);
    scopes.flat_map(|s| &s.spans).collect()
}

fn number(span: &Span, key: &str) -> f64 {
    let attribute = span.attributes.iter().find(|a| a.key == key).expect(key);
    match attribute.value.as_ref().and_then(|v| v.value.as_ref()) {
        Some(Value::DoubleValue(number)) => *number,
        Some(Value::IntValue(number)) => *number as f64,
        other => unreachable!("{key}: {other:?}"),
    }
}

#[test]
fn histograms_spans_and_truth_agree_exactly() {
    let mut replica = replica();
    let output = replica.advance(900.0, 1_700_000_900.0, 1.0);
    let spans = spans(&output);
    let stats = replica.stats()[0];
    let measured: Vec<&Truth> = output.truth.iter().filter(|t| t.e2e.is_some()).collect();
    let aborted = output
        .truth
        .iter()
        .filter(|t| t.outcome == "aborted")
        .count();
    assert!(
        measured.len() > 1500 && aborted > 100,
        "{} {aborted}",
        measured.len()
    );
    assert_eq!(spans.len(), measured.len());
    for (key, distribution) in [
        ("gen_ai.latency.e2e", Distribution::E2e),
        ("gen_ai.latency.time_in_queue", Distribution::Queue),
        (
            "gen_ai.latency.time_in_model_prefill",
            Distribution::Prefill,
        ),
        ("gen_ai.latency.time_in_model_decode", Distribution::Decode),
        (
            "gen_ai.latency.time_in_model_inference",
            Distribution::Inference,
        ),
        ("gen_ai.usage.prompt_tokens", Distribution::PromptTokens),
        (
            "gen_ai.usage.completion_tokens",
            Distribution::GenerationTokens,
        ),
        ("gen_ai.request.max_tokens", Distribution::MaxTokens),
    ] {
        let histogram = stats.histogram(distribution);
        let sum: f64 = spans.iter().map(|span| number(span, key)).sum();
        assert_eq!(histogram.count(), spans.len() as u64, "{key}");
        assert!(
            (histogram.sum - sum).abs() < 1e-6 * sum.max(1.0),
            "{key}: {} {sum}",
            histogram.sum
        );
    }
    for (span, truth) in spans.iter().zip(&measured) {
        assert_eq!(Some(number(span, "gen_ai.latency.e2e")), truth.e2e);
        let length = (span.end_time_unix_nano - span.start_time_unix_nano) as f64 / 1e9;
        assert!((length - truth.e2e.unwrap()).abs() < 1e-3);
    }
    // First tokens are counted of those too that left later.
    let first = stats.histogram(Distribution::TimeToFirstToken).count();
    assert!(first > spans.len() as u64, "{first}");
    let ended: f64 = [Counter::Stop, Counter::Length, Counter::Error]
        .map(|c| stats.counter(c))
        .iter()
        .sum();
    assert_eq!(ended, spans.len() as f64);
}

#[test]
fn times_add_up_as_a_real_servers_do() {
    let mut replica = replica();
    let output = replica.advance(900.0, 1_700_000_900.0, 1.0);
    for span in spans(&output) {
        let of = |key: &str| number(span, &format!("gen_ai.latency.{key}"));
        let (prefill, decode) = (of("time_in_model_prefill"), of("time_in_model_decode"));
        assert!((prefill + decode - of("time_in_model_inference")).abs() < 1e-9);
        assert!(of("time_in_queue") >= 0.0 && prefill > 0.0);
        assert!(of("time_to_first_token") >= of("time_in_queue") + prefill);
        assert!(of("e2e") >= of("time_to_first_token") + decode - 1e-9);
    }
}

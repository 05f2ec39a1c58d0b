//! Situations that the policy is made for, through the real collector. Which traces must be kept is known by how
//! they were made. `learnt.rs` and `budget.rs` have the same without a collector, over hours. `make situations` runs
//! those that depend on the clock at full length.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fastrand::Rng;
use harness::collector::Collector;
use harness::otlp::{self, Message};
use policy_tests::calls::normal;
use serde_json::{Value, json};

use super::{rendered, request_of, stamp, start};

mod agent;
mod incident;
mod length;
mod storm;

const PREFIX: &str = "otelcol_wasm_sampling_policy_";

/// Seconds until the clock's next minute, at which limits are learnt.
fn until_the_next_minute() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    60.0 - now.expect("a clock after 1970").as_secs_f64() % 60.0
}

fn wait(seconds: f64) {
    std::thread::sleep(Duration::from_secs_f64(seconds));
}

fn id(export: &Value) -> String {
    let (.., span) = otlp::spans(export).next().expect("a span");
    span["traceId"].as_str().unwrap_or_default().to_owned()
}

/// A span of each trace that a collector wrote, by the trace's id.
fn by_trace(exports: &[Value]) -> BTreeMap<String, &Value> {
    let spans = exports.iter().flat_map(otlp::spans);
    let id = |span: &Value| span["traceId"].as_str().unwrap_or_default().to_owned();
    spans.map(|(.., span)| (id(span), span)).collect()
}

/// Sends them, a hundred in an export.
fn send(sender: &mut otlp::Sender, exports: &[Value]) {
    for some in exports.chunks(100) {
        let mut message = Message::default();
        for export in some {
            let mut one = otlp::to_message(export).expect("a message");
            message.resource_spans.append(&mut one.resource_spans);
        }
        sender.send_message(message).expect("taken");
    }
}

/// A normal request of each kind of traffic: a small model, a large one, and one with long prompts.
fn usual(rng: &mut Rng, model: &str) -> Value {
    let (median, prompt) = match model {
        "8b" => (0.15, 100),
        "235b" => (3.0, 100),
        _ => (20.0, 100_000),
    };
    let first_token = median * (0.2 * normal(rng)).exp();
    let decode = (0.1 * normal(rng)).exp();
    request_of(rng, model, [0.01, first_token, decode], prompt)
}

/// Gauges of what was learnt, by their labels. A reading shows the state before the last trace that came after the
/// reading before it.
fn learnt(
    collector: &Collector,
    sender: &mut otlp::Sender,
    rng: &mut Rng,
) -> BTreeMap<String, String> {
    for model in ["8b", "235b", "100k", "8b"] {
        send(sender, &[usual(rng, model)]);
        collector.own_metrics().expect("metrics");
    }
    let samples = collector.own_metrics().expect("metrics");
    let limits = samples
        .iter()
        .filter(|s| s.name == format!("{PREFIX}learned_limit") && s.label("policy") != "deciding");
    let labels = ["model", "measure", "prompt_tokens"];
    limits
        .map(|s| (labels.map(|l| s.label(l)).join(" "), s.value.to_string()))
        .collect()
}

fn reloads(collector: &Collector, outcome: &str) -> f64 {
    let samples = collector.own_metrics().expect("metrics");
    let of = samples
        .iter()
        .filter(|s| s.name == format!("{PREFIX}settings_reloads") && s.label("outcome") == outcome);
    of.map(|s| s.value).sum()
}

/// Until the collector has taken or refused the settings that were written.
fn await_reload(collector: &mut Collector, outcome: &str, times: f64) {
    let since = Instant::now();
    while reloads(collector, outcome) < times {
        assert!(since.elapsed() < super::LIMIT, "no settings are {outcome}");
        wait(0.1);
    }
}

/// Requests that are made to be told apart, by what they are; none is above any limit that is set.
fn made(rng: &mut Rng) -> BTreeMap<&'static str, Vec<Value>> {
    let mut made: BTreeMap<&'static str, Vec<Value>> = BTreeMap::new();
    for n in 0..1500 {
        for model in ["8b", "235b"] {
            let request = usual(rng, model);
            made.entry("usual").or_default().push(request);
        }
        if n % 3 == 0 {
            made.entry("long").or_default().push(usual(rng, "100k"));
        }
        if n % 100 == 0 {
            for (what, model, median) in [("8b", "8b", 0.15), ("235b", "235b", 3.0)] {
                let times = [8.0 * median - 0.1, 8.0 * median, 1.0];
                let slow = request_of(rng, model, times, 100);
                made.entry(what).or_default().push(slow);
            }
            let stalled = request_of(rng, "8b", [0.01, 0.15, 6.0], 100);
            made.entry("stalled").or_default().push(stalled);
        }
        // Slow as they are, nothing was learnt of their model.
        if n < 290 {
            let first = request_of(rng, "new", [0.01, 0.1 * f64::from(n % 90), 1.0], 100);
            made.entry("new").or_default().push(first);
        }
    }
    made
}

/// One collector from its cold start on: what it learns is in force from the next minute on, so that this takes up to
/// 75 seconds, in which it sleeps.
#[test]
fn learnt_limits_keep_each_models_slowest_and_survive_settings() {
    let values = [
        "thresholds.e2eLatency.keepTrace=off",
        "thresholds.timeToFirstToken.keepTrace=off",
        "thresholds.decodeTime.keepTrace=off",
        "tracing.policy.baseline.enabled=false",
        "tracing.policy.budget.tracesPerMinute=600",
        "tracing.policy.budget.burst=2s",
    ];
    let rendered = rendered(&values);
    let dir = tempfile::tempdir().expect("a folder");
    let mut collector = start(dir.path(), &rendered);
    let mut sender = otlp::Sender::connect(collector.otlp).expect("a receiver");
    let mut rng = Rng::with_seed(11);
    if until_the_next_minute() < 10.0 {
        wait(until_the_next_minute() + 0.1);
    }

    // What is usual, and slow ones among the first: nothing is learnt yet.
    let mut cold: Vec<Value> = (0..1500)
        .flat_map(|_| ["8b", "235b", "100k"])
        .map(|model| usual(&mut rng, model))
        .collect();
    cold[7] = request_of(&mut rng, "8b", [0.01, 90.0, 1.0], 100);
    send(&mut sender, &cold);
    assert_eq!(learnt(&collector, &mut sender, &mut rng), BTreeMap::new());

    wait(until_the_next_minute() + 0.1);
    let before = learnt(&collector, &mut sender, &mut rng);
    assert_eq!(before.len(), 6, "{before:?}");

    // Other settings, then bad ones: neither takes what was learnt.
    let file = dir.path().join("settings.json");
    let text = fs::read_to_string(&file).expect("settings");
    let mut settings: Value = serde_json::from_str(&text).expect("settings");
    settings["budget"] = json!(false);
    fs::write(&file, settings.to_string()).expect("written");
    await_reload(&mut collector, "applied", 1.0);
    fs::write(&file, text.replace("slowest", "slowst")).expect("written");
    await_reload(&mut collector, "refused", 1.0);
    assert_eq!(learnt(&collector, &mut sender, &mut rng), before);

    let made = made(&mut rng);
    let mut all: Vec<Value> = made.values().flatten().cloned().collect();
    rng.shuffle(&mut all);
    send(&mut sender, &all);
    let exports = collector.stop().expect("what was kept");
    let kept = by_trace(&exports);
    let said = |what: &str, key: &str| -> Vec<String> {
        let ids = made[what].iter().map(id);
        ids.filter_map(|id| kept.get(&id))
            .map(|span| stamp(span, key))
            .collect()
    };

    for export in &cold {
        assert!(!kept.contains_key(&id(export)), "before anything is learnt");
    }
    for (what, reason, cause) in [
        ("8b", "slow_first_token", "queue"),
        ("235b", "slow_first_token", "queue"),
        ("stalled", "slow_output", "decode"),
    ] {
        let sent = made[what].len();
        let with = |key: &str, text: &str| said(what, key).iter().filter(|t| *t == text).count();
        assert!(
            with("reason", reason) * 100 >= sent * 95,
            "{what}: {:?}",
            said(what, "reason")
        );
        assert!(
            with("cause", cause) * 100 >= sent * 90,
            "{what}: {:?}",
            said(what, "cause")
        );
    }
    let long = said("long", "reason").len();
    assert!(
        long * 1000 <= made["long"].len() * 12,
        "{long} with long prompts"
    );
    assert_eq!(said("new", "reason"), Vec::<String>::new(), "a cold model");
    let usual = said("usual", "reason").len();
    assert!(usual * 50 <= made["usual"].len(), "{usual} that are usual");

    let ids: BTreeSet<&String> = kept.keys().collect();
    assert!(ids.len() < 400, "{}", ids.len());
}

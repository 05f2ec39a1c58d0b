//! The budget: what it promises, in storms of every class, and that counts stay estimable.

#![allow(clippy::expect_used, clippy::panic)] // in helpers, where clippy sees no test

use std::collections::{BTreeMap, VecDeque};

use fastrand::Rng;
use policy_tests::calls::{Call, Host, MINUTE, SECOND, START, failed, normal};
use sampling_policy_core::answer::Answer;

const ALL: &str = r#"{"errors":{},"slowest":{},"baseline":{"share":"0.5%","per_model_per_hour":6},
    "budget":{"traces_per_minute":120,"burst":"1m"}}"#;

/// Places of the reasons, the most important first.
const CLASSES: [(&str, usize); 7] = [
    ("error", 0),
    ("e2e_latency", 1),
    ("time_to_first_token", 1),
    ("decode_time", 1),
    ("slow_first_token", 2),
    ("slow_output", 2),
    ("baseline", 3),
];

fn class(reason: &str) -> usize {
    let found = CLASSES.iter().find(|(name, _)| *name == reason);
    found.map_or(usize::MAX, |(_, class)| *class)
}

/// What was decided when, for which model.
struct Log {
    host: Host,
    decided: Vec<(u64, String, String, Answer)>,
}

impl Log {
    fn new(document: &str) -> Self {
        let host = Host::new(document);
        Self {
            host,
            decided: Vec::new(),
        }
    }

    fn decide(&mut self, model: &str, trace: &[vllm_policy::trace::Span]) -> Answer {
        let answer = self.host.decide(trace);
        let reason = self.host.reason(&answer).to_owned();
        if !reason.is_empty() {
            self.decided
                .push((self.host.now, model.to_owned(), reason, answer));
        }
        answer
    }

    fn call(&mut self, call: &Call<'_>) -> Answer {
        self.decide(call.model, &[call.span()])
    }

    fn kept(&self) -> impl Iterator<Item = &(u64, String, String, Answer)> {
        self.decided
            .iter()
            .filter(|(.., answer)| answer.decision == 1)
    }

    /// The decisions that were certain for being the first of model and reason in five minutes.
    fn first_of_their_kind(&self) -> Vec<bool> {
        let mut last: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        let firsts = self.decided.iter().map(|(now, model, reason, answer)| {
            let key = (model.as_str(), reason.as_str());
            let due = last.get(&key).is_none_or(|last| now - last >= 5 * MINUTE);
            if due && answer.decision == 1 {
                last.insert(key, *now);
            }
            due
        });
        firsts.collect()
    }

    /// The invariants that hold whatever comes.
    fn judge(&self, per_second: f64, burst: f64) {
        let firsts = self.first_of_their_kind();
        // The first of each kind is kept; baseline has a rule of its own beside it.
        for ((_, model, reason, answer), first) in self.decided.iter().zip(&firsts) {
            assert!(
                !first || answer.decision == 1,
                "the first {reason} of {model} was limited"
            );
        }
        // In any time t no more than rate t + burst, and the first of each kind.
        let mut kept: VecDeque<u64> = VecDeque::new();
        let mut tokens = burst;
        let mut last = START;
        for ((now, _, reason, answer), first) in self.decided.iter().zip(&firsts) {
            tokens = (tokens + (now - last) as f64 / SECOND as f64 * per_second).min(burst);
            last = *now;
            if answer.decision == 1 && !first {
                kept.push_back(*now);
                tokens -= 1.0;
                assert!(tokens >= -1e-6, "{reason} above the budget");
            } else if *first {
                tokens = (tokens - 1.0).max(0.0);
            }
        }
        // At one moment no lower class is kept while a higher one is limited.
        for moment in self.decided.chunk_by(|a, b| a.0 == b.0) {
            let from = self.decided.partition_point(|(now, ..)| *now < moment[0].0);
            let of = |(at, (.., reason, answer)): (usize, &(u64, String, String, Answer))| {
                (class(reason), answer.decision == 1, firsts[from + at])
            };
            let decided: Vec<_> = moment.iter().enumerate().map(of).collect();
            let limited = decided
                .iter()
                .filter(|(_, kept, _)| !kept)
                .map(|(class, ..)| *class);
            if let Some(highest) = limited.min() {
                let lower = |(class, kept, first): &&(usize, bool, bool)| {
                    *kept && !*first && *class > highest
                };
                assert_eq!(
                    decided.iter().find(lower),
                    None,
                    "class {highest} was limited"
                );
            }
        }
    }

    /// Adjusted counts of a reason, added up; how many there were; how many were kept.
    fn counts(&self, of: &str) -> (f64, usize, usize) {
        let of_reason = || self.decided.iter().filter(|(_, _, reason, _)| reason == of);
        let kept = of_reason().filter(|(.., answer)| answer.decision == 1);
        let estimated = kept.clone().map(|(.., answer)| answer.adjusted_count).sum();
        (estimated, of_reason().count(), kept.count())
    }
}

/// A few models at ordinary load for a minute, all at the times of one clock.
fn minute(
    log: &mut Log,
    rng: &mut Rng,
    models: &[&str],
    extra: &mut dyn FnMut(&mut Log, &mut Rng),
) {
    for _ in 0..600 {
        log.host.now += SECOND / 10;
        let model = models[rng.usize(..models.len())];
        let first_token = 0.2 * (0.4 * normal(rng)).exp();
        log.call(&Call {
            model,
            first_token,
            prefill: first_token,
            ..Call::default()
        });
        extra(log, rng);
    }
}

#[test]
fn no_storm_breaks_the_budget_or_the_order_of_classes() {
    for seed in 0..6 {
        let (mut log, mut rng) = (Log::new(ALL), Rng::with_seed(seed));
        let models = ["a", "b", "c"];
        for _ in 0..30 {
            // None, or some of the classes a hundred times too often.
            let storm = [rng.u8(..3) == 0, rng.u8(..3) == 0, rng.u8(..3) == 0];
            minute(&mut log, &mut rng, &models, &mut |log, rng| {
                for _ in 0..rng.usize(..12) {
                    let model = models[rng.usize(..3)];
                    if storm[0] {
                        log.decide("", &[failed(503)]);
                    }
                    if storm[1] {
                        log.call(&Call {
                            model,
                            first_token: 11.0,
                            queue: 10.0,
                            ..Call::default()
                        });
                    }
                    if storm[2] {
                        log.call(&Call {
                            model,
                            first_token: 4.0,
                            queue: 3.0,
                            ..Call::default()
                        });
                    }
                }
            });
        }
        log.judge(2.0, 120.0);
        let kept = log.kept().count();
        assert!(kept > 400 && kept < 30 * 120 + 120 + 90, "{kept}");
    }
}

#[test]
fn a_gateway_s_storm_of_5xx_leaves_its_count_and_the_first_trace_of_every_other_kind() {
    let (mut log, mut rng) = (Log::new(ALL), Rng::with_seed(3));
    for _ in 0..20 {
        minute(&mut log, &mut rng, &["a", "b"], &mut |_, _| ());
    }
    let (before, start) = (log.decided.len(), log.host.now);
    for n in 0..2 {
        minute(&mut log, &mut rng, &["a", "b"], &mut |log, _| {
            for _ in 0..30 {
                log.decide("", &[failed(503)]);
            }
            if n == 1 && log.host.now % (5 * SECOND) == 0 {
                log.call(&Call {
                    model: "c",
                    first_token: 12.0,
                    ..Call::default()
                });
            }
        });
    }
    let storm = Log {
        host: log.host,
        decided: log.decided.split_off(before),
    };
    let (estimated, came, kept) = storm.counts("error");
    assert_eq!(came, 2 * 600 * 30);
    assert!(kept <= 2 * 120 + 120, "{kept}");
    assert!(
        (estimated / came as f64 - 1.0).abs() < 0.1,
        "{estimated} of {came}"
    );
    let first = storm
        .kept()
        .find(|(_, model, reason, _)| model == "c" && reason == "time_to_first_token");
    assert!(first.is_some(), "the first of the other model");
    assert!(storm.kept().all(|(now, ..)| *now > start));
    // What failed comes first: of the rest only the first of each kind is kept.
    assert!(
        storm
            .kept()
            .filter(|(_, _, reason, _)| reason != "error")
            .count()
            < 12
    );
}

#[test]
fn a_thinned_reason_s_adjusted_counts_add_up_to_the_truth() {
    let mut off = Vec::new();
    for seed in 0..8 {
        let (mut log, mut rng) = (Log::new(ALL), Rng::with_seed(100 + seed));
        for _ in 0..20 {
            minute(&mut log, &mut rng, &["a"], &mut |log, _| {
                log.call(&Call {
                    first_token: 11.0,
                    queue: 10.0,
                    ..Call::default()
                });
            });
        }
        let (estimated, came, kept) = log.counts("time_to_first_token");
        // About kept / (1 - p) independent draws: three standard deviations.
        let deviation = came as f64 / (kept as f64).sqrt();
        assert!(
            (estimated - came as f64).abs() < 3.0 * deviation,
            "{estimated} of {came}, {kept} kept"
        );
        off.push(estimated / came as f64 - 1.0);
    }
    let mean = off.iter().sum::<f64>() / off.len() as f64;
    assert!(mean.abs() < 0.02, "biased: {off:?}");
}

#[test]
fn an_incident_keeps_the_budget_in_every_minute_and_baseline_comes_back() {
    let (mut log, mut rng) = (Log::new(ALL), Rng::with_seed(4));
    let queue = |log: &mut Log, model: &'static str, waited: f64| {
        log.call(&Call {
            model,
            first_token: 0.2 + waited,
            queue: waited,
            ..Call::default()
        });
    };
    for _ in 0..30 {
        minute(&mut log, &mut rng, &["a", "b"], &mut |_, _| ());
    }
    let start = log.host.now;
    for _ in 0..20 {
        minute(&mut log, &mut rng, &["b"], &mut |log, rng| {
            let waited = 2.0 + 6.0 * rng.f64();
            queue(log, "a", waited);
        });
    }
    let end = log.host.now;
    for _ in 0..10 {
        minute(&mut log, &mut rng, &["a", "b"], &mut |_, _| ());
    }
    let within = |from: u64, to: u64| log.kept().filter(move |(now, ..)| (from..to).contains(now));
    let first = within(start, start + MINUTE);
    assert!(
        first
            .filter(|(_, _, reason, _)| reason == "slow_first_token")
            .count()
            > 20
    );
    for minute in 0..20 {
        let kept = within(start + minute * MINUTE, start + (minute + 1) * MINUTE).count();
        let burst = if minute == 0 { 120 } else { 12 };
        assert!(kept <= 120 + burst, "minute {minute}: {kept}");
    }
    let slow: Vec<_> = within(start, end)
        .filter(|(_, model, reason, _)| model == "a" && reason == "slow_first_token")
        .collect();
    let queued = slow
        .iter()
        .filter(|(.., answer)| log.host.cause(answer) == "queue")
        .count();
    assert!(queued * 10 >= slow.len() * 9, "{queued} of {}", slow.len());
    let baseline = within(end, end + 5 * MINUTE).filter(|(_, _, reason, _)| reason == "baseline");
    assert!(baseline.count() > 0);
}

#[test]
fn collectors_share_the_budget_and_a_small_share_still_keeps_something() {
    let kept = |collectors: u32, document: &str| {
        let (mut log, mut rng) = (Log::new(document), Rng::with_seed(5));
        log.host.collectors = collectors;
        for _ in 0..10 {
            minute(&mut log, &mut rng, &["a"], &mut |log, _| {
                log.decide("", &[failed(500)]);
            });
        }
        log.judge(
            2.0 / f64::from(collectors),
            (120.0 / f64::from(collectors)).max(1.0),
        );
        log.counts("error").2
    };
    let (one, three) = (kept(1, ALL), kept(3, ALL));
    assert!(
        (0.28..0.40).contains(&(three as f64 / one as f64)),
        "{three} of {one}"
    );
    // Nothing is left but the first of its kind, every five minutes.
    assert!(kept(500, ALL) >= 2);
}

#[test]
fn baseline_is_the_same_set_of_ids_on_every_collector_and_has_a_floor_for_each_model() {
    let document = r#"{"baseline":{"share":"2%","per_model_per_hour":0}}"#;
    let (mut one, mut other) = (Host::new(document), Host::new(document));
    let mut rng = Rng::with_seed(6);
    let (mut kept, mut counts) = (0, 0.0);
    for _ in 0..20_000 {
        let (id, trace) = (rng.u128(..).to_be_bytes(), [Call::default().span()]);
        let answer = one.decide_on(id, &trace);
        other.now += rng.u64(..SECOND);
        let again = other.decide_on(id, &trace);
        assert_eq!(answer.decision, again.decision);
        kept += answer.decision;
        counts += answer.adjusted_count;
    }
    assert!((320..480).contains(&kept), "{kept}");
    assert!((counts - f64::from(kept) * 50.0).abs() < 1e-6);

    let mut host = Host::new(r#"{"baseline":{"share":"0%","per_model_per_hour":6}}"#);
    let mut kept = BTreeMap::new();
    for n in 0..3 * 3600 {
        host.now += SECOND;
        for (model, every) in [("busy", 1), ("rare", 60)] {
            if n % every == 0 {
                let answer = host.call(&Call {
                    model,
                    ..Call::default()
                });
                *kept.entry(model).or_insert(0) += answer.decision;
                assert_eq!(answer.adjusted_count, f64::from(answer.decision));
            }
        }
    }
    for (model, kept) in kept {
        assert!((17..=19).contains(&kept), "{model}: {kept}");
    }
}

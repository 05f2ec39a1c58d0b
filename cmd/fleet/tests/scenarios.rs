//! Every scenario moves the numbers it is there to move, and its end lets them go back.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::sync::Arc;

use fleet::clock::unix_now;
use fleet::model::{Config, Counter, Distribution, Histogram, Scenario, Stats, Traffic};
use fleet::replica::Settings;
use fleet::truth::Truth;
use fleet::world::{Switch, World, lock};

/// Virtual seconds a second: time passes by skips alone, however long the machine takes between two.
const FROZEN: f64 = 1e-300;

/// Four warmed-up replicas of one model.
fn world() -> Arc<World> {
    world_of(1)
}

/// The same, with so many data-parallel engines each.
fn world_of(engines: usize) -> Arc<World> {
    let server = |index: u64| Settings {
        models: vec!["qwen3-235b".to_owned()],
        name: format!("qwen3-235b-{index}"),
        config: Config::default(),
        engines,
        traffic: Traffic::default(),
        seed: 100 + index,
        warm_up: 300.0,
        tracing: true,
        environment: Vec::new(),
    };
    World::new(
        (0..4).map(|index| (server(index), None)).collect(),
        FROZEN,
        None,
        None,
    )
}

/// Switches, and lets `seconds` pass at once. Gives the truth of what ended meanwhile.
fn play(world: &World, scenario: Scenario, seconds: f64) -> Vec<Truth> {
    let (_, from) = world.truth(u64::MAX);
    let switch = Switch {
        scenario: Some(scenario.as_str().to_owned()),
        skip: Some(seconds),
        ..Switch::default()
    };
    world.switch(&switch).unwrap();
    world.truth(from).0
}

/// A number of every replica, added up.
fn sum(world: &World, of: impl Fn(&Stats) -> f64) -> f64 {
    let members = world.members.iter();
    members.map(|m| of(lock(&m.replica).stats()[0])).sum()
}

fn counter(world: &World, which: Counter) -> f64 {
    sum(world, |stats| stats.counter(which))
}

fn up(world: &World) -> usize {
    world
        .members
        .iter()
        .filter(|m| lock(&m.replica).is_up())
        .count()
}

/// Share of observations above `limit`, a bound, since `before`.
fn above(world: &World, before: &[Histogram], which: Distribution, limit: f64) -> f64 {
    let (mut all, mut over) = (0, 0);
    for (member, before) in world.members.iter().zip(before) {
        let replica = lock(&member.replica);
        let now = replica.stats()[0].histogram(which);
        for (index, (now, before)) in now.counts.iter().zip(&before.counts).enumerate() {
            let new = now - before;
            all += new;
            if index > 0
                && now >= before
                && before_bound(&replica.stats()[0].histogram(which).bounds, index) >= limit
            {
                over += new;
            }
        }
    }
    over as f64 / f64::max(1.0, all as f64)
}

/// The bound under a bucket.
fn before_bound(bounds: &[f64], index: usize) -> f64 {
    bounds[index - 1]
}

fn histograms(world: &World, which: Distribution) -> Vec<Histogram> {
    let members = world.members.iter();
    members
        .map(|m| lock(&m.replica).stats()[0].histogram(which).clone())
        .collect()
}

#[test]
fn steady_serves_well_and_has_a_few_slow_requests_at_once() {
    let world = world();
    let truth = play(&world, Scenario::Steady, 120.0);
    let slow = truth.iter().filter(|t| t.e2e > Some(120.0)).count();
    assert!(
        slow > 0 && slow * 20 < truth.len(),
        "{slow} of {}",
        truth.len()
    );
    assert_eq!(counter(&world, Counter::Preemptions), 0.0);
    assert!(sum(&world, |s| s.waiting as f64) < 20.0 && sum(&world, |s| s.kv_usage) < 2.0);
    let first = histograms(&world, Distribution::TimeToFirstToken);
    play(&world, Scenario::Steady, 60.0);
    assert!(above(&world, &first, Distribution::TimeToFirstToken, 1.0) < 0.01);
}

#[test]
fn a_rush_makes_requests_wait_and_its_end_empties_the_queues() {
    let world = world();
    let before = histograms(&world, Distribution::TimeToFirstToken);
    play(&world, Scenario::Rush, 180.0);
    assert!(sum(&world, |s| s.waiting as f64) > 400.0);
    assert!(above(&world, &before, Distribution::TimeToFirstToken, 10.0) > 0.2);
    play(&world, Scenario::Steady, 900.0);
    assert!(sum(&world, |s| s.waiting as f64) < 20.0);
}

#[test]
fn kv_pressure_holds_the_cache_nearly_full_without_a_storm() {
    let world = world();
    play(&world, Scenario::KvPressure, 200.0);
    let before = counter(&world, Counter::Preemptions);
    let fullest = sum(&world, |s| s.kv_usage) / 4.0;
    assert!(fullest > 0.9, "{fullest}");
    play(&world, Scenario::KvPressure, 60.0);
    let preempted = (counter(&world, Counter::Preemptions) - before) / (4.0 * 60.0);
    assert!(preempted < 0.5, "{preempted} a second");
    play(&world, Scenario::Steady, 900.0);
    assert!(sum(&world, |s| s.kv_usage) / 4.0 < 0.5);
}

#[test]
fn a_preemption_storm_throws_requests_out_again_and_again() {
    let world = world();
    play(&world, Scenario::PreemptionStorm, 180.0);
    let before = counter(&world, Counter::Preemptions);
    let truth = play(&world, Scenario::PreemptionStorm, 60.0);
    let preempted = (counter(&world, Counter::Preemptions) - before) / (4.0 * 60.0);
    assert!(preempted > 1.0, "{preempted} a second");
    assert!(truth.iter().any(|t| t.preemptions > 0));
}

#[test]
fn slow_decode_takes_a_second_a_token() {
    let world = world();
    play(&world, Scenario::SlowDecode, 10.0);
    let before = histograms(&world, Distribution::InterToken);
    play(&world, Scenario::SlowDecode, 60.0);
    assert!(above(&world, &before, Distribution::InterToken, 0.75) > 0.9);
}

#[test]
fn a_stalled_engine_stands_still_and_its_server_stays_up() {
    let world = world();
    play(&world, Scenario::StalledEngine, 1.0);
    let tokens = counter(&world, Counter::GenerationTokens);
    let running = sum(&world, |s| s.running as f64);
    let first = histograms(&world, Distribution::TimeToFirstToken);
    assert!(play(&world, Scenario::StalledEngine, 90.0).is_empty());
    assert_eq!(counter(&world, Counter::GenerationTokens), tokens);
    assert_eq!(
        sum(&world, |s| s.running as f64),
        running,
        "gauges keep their last values"
    );
    assert_eq!(up(&world), 4);
    play(&world, Scenario::Steady, 60.0);
    assert!(counter(&world, Counter::GenerationTokens) > tokens);
    assert!(
        above(&world, &first, Distribution::TimeToFirstToken, 40.0) > 0.2,
        "who came meanwhile waited"
    );
}

/// As the server behind tests/fixtures/vllm/0.33.0/metrics-frozen-idle.txt.
#[test]
fn an_engine_that_hangs_at_an_idle_moment_shows_nothing_but_posts_of_clients_that_gave_up() {
    let world = world();
    let posts = |world: &World| -> f64 {
        let body = lock(&world.members[0].replica).metrics(unix_now());
        let counted = body.lines().filter(|line| {
            line.starts_with("http_requests_total{")
                && line.contains("method=\"POST\",status=\"2xx\"")
        });
        counted
            .map(|line| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap())
            .sum()
    };
    play(&world, Scenario::FrozenIdle, 1.0);
    let tokens = counter(&world, Counter::GenerationTokens);
    let first = |world: &World| {
        let firsts = histograms(world, Distribution::TimeToFirstToken);
        firsts.iter().flat_map(|h| h.counts.clone()).sum::<u64>()
    };
    let (ended, seen) = (posts(&world), first(&world));
    let truth = play(&world, Scenario::FrozenIdle, 900.0);
    assert!(truth.len() > 100 && truth.iter().all(|t| t.outcome == "aborted"));
    assert_eq!(sum(&world, |s| (s.running + s.waiting) as f64), 0.0);
    assert_eq!(counter(&world, Counter::GenerationTokens), tokens);
    assert_eq!(first(&world), seen);
    let gave_up = posts(&world) - ended;
    let of_the_first = truth.iter().filter(|t| t.replica == "qwen3-235b-0").count() as f64;
    assert!(gave_up > 100.0, "{gave_up} of {of_the_first}");
    assert_eq!(up(&world), 4);
    play(&world, Scenario::Steady, 120.0);
    assert!(counter(&world, Counter::GenerationTokens) > tokens);
}

/// Tokens generated by each engine of the first server, and its gauges: running, waiting.
fn engines(world: &World) -> Vec<(f64, usize, usize)> {
    let replica = lock(&world.members[0].replica);
    let stats = replica.stats().into_iter();
    stats
        .map(|s| (s.counter(Counter::GenerationTokens), s.running, s.waiting))
        .collect()
}

#[test]
fn of_two_engines_one_freezes_at_work_or_at_an_idle_moment_and_the_other_goes_on() {
    let world = world_of(2);
    let was = engines(&world);
    play(&world, Scenario::EngineFrozen, 60.0);
    let now = engines(&world);
    assert!(now[0].0 > was[0].0, "{now:?}");
    assert!(now[1].1 > 0, "requests in hand: {now:?}");
    play(&world, Scenario::EngineFrozen, 600.0);
    assert_eq!(engines(&world)[1], now[1]);
    assert_eq!(up(&world), 4);

    play(&world, Scenario::Steady, 300.0);
    let resumed = engines(&world);
    assert!(resumed[1].0 > now[1].0);
    play(&world, Scenario::EngineFrozenIdle, 600.0);
    let idle = engines(&world);
    assert!(idle[0].0 > resumed[0].0 && idle[0].1 > 0);
    assert_eq!((idle[1].1, idle[1].2), (0, 0));
    let body = lock(&world.members[0].replica).metrics(unix_now());
    assert!(
        body.contains("vllm:num_requests_running{engine=\"1\",model_name=\"qwen3-235b\"} 0.0\n")
    );
}

/// As the live server: 260 series of a pod in two minutes.
#[test]
fn adapters_bring_a_series_for_each_combination_which_stays() {
    let world = world();
    let combinations = |world: &World| {
        let body = lock(&world.members[0].replica).metrics(unix_now());
        let lines = body.lines();
        lines
            .filter(|line| line.starts_with("vllm:lora_requests_info{"))
            .count()
    };
    assert_eq!(combinations(&world), 0);
    for _ in 0..40 {
        play(&world, Scenario::Lora, 3.0);
    }
    let some = combinations(&world);
    assert!((20..=41).contains(&some), "{some}");
    for _ in 0..40 {
        play(&world, Scenario::Lora, 3.0);
    }
    assert!(combinations(&world) > some);
    play(&world, Scenario::Steady, 1.0);
    assert_eq!(combinations(&world), 0);
}

/// The captured body has what the scenario is modelled on.
#[test]
fn the_captured_frozen_server_has_idle_gauges_and_more_posts_than_ends() {
    let body = harness::repo::root().join("tests/fixtures/vllm/0.33.0/metrics-frozen-idle.txt");
    let body = std::fs::read_to_string(body).unwrap();
    let total = |start: &str, with: &str| -> f64 {
        let of = body
            .lines()
            .filter(|l| l.starts_with(start) && l.contains(with));
        of.map(|l| l.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap())
            .sum()
    };
    assert_eq!(total("vllm:num_requests_running{", ""), 0.0);
    assert_eq!(total("vllm:num_requests_waiting{", ""), 0.0);
    let posts = total("http_requests_total{", "method=\"POST\",status=\"2xx\"");
    let ends = total("vllm:request_success_total{", "");
    assert_eq!(
        (posts, ends),
        (36.0, 28.0),
        "six gave up, two more were in hand"
    );
}

#[test]
fn a_lost_replicas_requests_go_to_the_others() {
    let world = world();
    let quiet = play(&world, Scenario::Steady, 300.0).len();
    let truth = play(&world, Scenario::ReplicaLoss, 300.0);
    assert_eq!(up(&world), 3);
    assert!(truth.iter().all(|t| t.replica != "qwen3-235b-0"));
    assert!(truth.len() * 5 > quiet * 4, "{} of {quiet}", truth.len());
    play(&world, Scenario::Steady, 1.0);
    assert_eq!(up(&world), 4);
}

#[test]
fn in_an_outage_nothing_lives_and_afterwards_counters_begin_anew() {
    let world = world();
    let before = counter(&world, Counter::GenerationTokens);
    assert!(play(&world, Scenario::TotalOutage, 60.0).is_empty());
    assert_eq!(up(&world), 0);
    play(&world, Scenario::Steady, 10.0);
    assert_eq!(up(&world), 4);
    assert!(counter(&world, Counter::GenerationTokens) < before / 4.0);
}

#[test]
fn a_restart_resets_counters_and_changes_the_start_time() {
    let world = world();
    let started = |world: &World| {
        let body = lock(&world.members[0].replica).metrics(unix_now());
        let line = body
            .lines()
            .find(|line| line.starts_with("process_start_time_seconds "));
        line.unwrap().to_owned()
    };
    let (before, was) = (counter(&world, Counter::GenerationTokens), started(&world));
    play(&world, Scenario::Restart, 10.0);
    assert!(counter(&world, Counter::GenerationTokens) < before / 4.0);
    assert_ne!(started(&world), was);
}

#[test]
fn with_tracing_off_requests_have_no_span() {
    let world = world();
    let truth = play(&world, Scenario::TracingOff, 60.0);
    assert!(truth.len() > 100 && truth.iter().all(|t| t.trace_id.is_none()));
    let truth = play(&world, Scenario::Steady, 60.0);
    assert!(
        truth
            .iter()
            .filter(|t| t.e2e.is_some())
            .all(|t| t.trace_id.is_some())
    );
}

#[test]
fn an_error_burst_fails_a_third_of_the_requests() {
    let world = world();
    play(&world, Scenario::ErrorBurst, 20.0);
    let truth = play(&world, Scenario::ErrorBurst, 120.0);
    let failed = truth.iter().filter(|t| t.outcome == "error").count() as f64 / truth.len() as f64;
    assert!((0.2..0.45).contains(&failed), "{failed}");
    let body = lock(&world.members[0].replica).metrics(unix_now());
    assert!(body.contains("status=\"5xx\"}"));
}

#[test]
fn a_bounded_queue_rejects_what_is_too_much() {
    let world = world();
    let truth = play(&world, Scenario::AdmissionRejections, 120.0);
    let rejected = truth.iter().filter(|t| t.outcome == "rejected").count();
    assert!(rejected > 100, "{rejected}");
    assert_eq!(counter(&world, Counter::Rejected), rejected as f64);
    assert!(sum(&world, |s| s.waiting as f64) <= 4.0 * 33.0);
    assert!(
        truth
            .iter()
            .filter(|t| t.outcome == "rejected")
            .all(|t| t.trace_id.is_none())
    );
}

#[test]
fn speculative_decoding_brings_its_families_and_more_tokens_a_step() {
    let world = world();
    play(&world, Scenario::SpecDecode, 120.0);
    let body = lock(&world.members[0].replica).metrics(unix_now());
    assert!(body.contains("vllm:spec_decode_num_drafts_total{"));
    let drafted = counter(&world, Counter::DraftTokens);
    let accepted = counter(&world, Counter::AcceptedTokens) / drafted;
    assert!((0.3..0.7).contains(&accepted), "{accepted}");
    play(&world, Scenario::Steady, 1.0);
    let body = lock(&world.members[0].replica).metrics(unix_now());
    assert!(!body.contains("spec_decode"));
}

#[test]
fn a_scenario_for_one_model_leaves_the_others_alone() {
    let world = world();
    let switch = |model: &str| Switch {
        scenario: Some("total-outage".to_owned()),
        model: Some(model.to_owned()),
        ..Switch::default()
    };
    world.switch(&switch("llama3-70b")).unwrap();
    assert_eq!(up(&world), 4);
    world.switch(&switch("qwen3-235b")).unwrap();
    assert_eq!(up(&world), 0);
}

#[test]
fn every_scenario_is_found_by_its_name() {
    for scenario in Scenario::ALL {
        assert_eq!(scenario.as_str().parse(), Ok(scenario));
    }
    let said = "party".parse::<Scenario>().unwrap_err();
    assert!(
        said.contains("found 'party'") && said.contains("spec-decode"),
        "{said}"
    );
}

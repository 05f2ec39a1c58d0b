//! What the policy learns, held against an exact, sorted, aged quantile, and in the situations that
//! it is made for.

#![allow(clippy::expect_used, clippy::panic)] // in helpers, where clippy sees no test

use fastrand::Rng;
use policy_tests::calls::{Call, Host, MINUTE, SECOND, START, normal};
use policy_tests::guest::Guest;
use sampling_policy_core::State;

/// Only the slowest share: neither a limit nor a budget is in the way.
const SLOWEST: &str = r#"{"e2e_latency":"off","time_to_first_token":"off","decode_time":"off",
    "slowest":{"share":"1%","at_least":2,"memory":"30m","minimum":300}}"#;

const FIRST_TOKEN: [(&str, &str); 3] = [
    ("model", "qwen3-8b"),
    ("measure", "time_to_first_token"),
    ("prompt_tokens", "1024"),
];

fn limit(host: &Host) -> Option<f64> {
    host.gauge("learned_limit", &FIRST_TOKEN)
}

/// Requests as they were, each with the minute of its end.
#[derive(Default)]
struct Exact(Vec<(u64, f64)>);

impl Exact {
    /// Weight of those above `value`, and of all, at a minute: a half after 30 minutes.
    fn above(&self, minute: u64, value: f64) -> (f64, f64) {
        let (mut above, mut all) = (0.0, 0.0);
        for (of, seconds) in self.0.iter().filter(|(of, _)| *of < minute) {
            let weight = 0.5f64.powf((minute - of) as f64 / 30.0);
            all += weight;
            above += if *seconds > value { weight } else { 0.0 };
        }
        (above, all)
    }

    fn median(&self, minute: u64) -> f64 {
        let past = self.0.iter().filter(|(of, _)| *of < minute);
        let mut sorted: Vec<(f64, f64)> = past
            .map(|(of, seconds)| (*seconds, 0.5f64.powf((minute - of) as f64 / 30.0)))
            .collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let all: f64 = sorted.iter().map(|(_, weight)| weight).sum();
        let mut below = 0.0;
        for (seconds, weight) in sorted {
            below += weight;
            if below >= all / 2.0 {
                return seconds;
            }
        }
        0.0
    }
}

/// The bound below a bound: 16 buckets of equal width in an octave.
fn bound_below(bound: f64) -> f64 {
    let octave = bound.log2().ceil().exp2() / 2.0;
    bound - octave / 16.0
}

#[test]
fn the_limit_is_that_of_an_exact_aged_quantile_by_rank_in_every_minute() {
    // Widths of the distribution: a long tail, a usual one, and one so tight that twice the median
    // is the limit.
    for (seed, width) in [(1, 1.1), (2, 0.6), (3, 0.1)] {
        let (mut host, mut exact) = (Host::new(SLOWEST), Exact::default());
        let (mut rng, mut by_rank, mut by_median) = (Rng::with_seed(seed), 0, 0);
        for minute in 0..120 {
            let start = host.now;
            // Busy and quiet times; the level moves, as a fleet's does.
            let calls = if minute % 20 < 4 { 0 } else { rng.u64(20..200) };
            let level = 0.3 + 0.1 * f64::from(minute as u32 / 30);
            for call in 0..calls {
                host.now = start + call * MINUTE / calls;
                let first_token = level * (width * normal(&mut rng)).exp();
                host.call(&Call {
                    first_token,
                    queue: 0.0,
                    prefill: first_token,
                    ..Call::default()
                });
                if call == 0
                    && let Some(limit) = limit(&host)
                {
                    let (above, all) = exact.above(minute, limit);
                    let median = exact.median(minute);
                    if limit > 2.0 * 1.04 * median {
                        let (one_lower, _) = exact.above(minute, bound_below(limit));
                        assert!(
                            above <= 0.01 * all * 1.001,
                            "minute {minute}: {above} of {all}"
                        );
                        assert!(
                            one_lower > 0.01 * all * 0.999,
                            "minute {minute}: {one_lower}"
                        );
                        by_rank += 1;
                    } else {
                        let off = limit / (2.0 * median);
                        assert!(
                            (0.93..1.07).contains(&off),
                            "minute {minute}: {limit}, {median}"
                        );
                        assert!(
                            above <= 0.01 * all * 1.001,
                            "minute {minute}: {above} of {all}"
                        );
                        by_median += 1;
                    }
                }
                exact.0.push((minute, first_token));
            }
            host.now = start + MINUTE;
        }
        let expected = if width > 0.5 { by_rank } else { by_median };
        assert!(
            expected > 60,
            "width {width}: {by_rank} by rank, {by_median} by median"
        );
    }
}

#[test]
fn limits_do_not_depend_on_the_order_within_a_minute_and_stay_the_same_for_it() {
    let (mut one, mut other) = (Host::new(SLOWEST), Host::new(SLOWEST));
    let mut rng = Rng::with_seed(5);
    for minute in 0..40 {
        let start = one.now;
        let mut times: Vec<f64> = (0..100).map(|_| normal(&mut rng).exp()).collect();
        let mut limits = Vec::new();
        for host in [&mut one, &mut other] {
            for (n, first_token) in times.iter().enumerate() {
                host.now = start + n as u64 * (MINUTE / 100);
                host.call(&Call {
                    first_token: *first_token,
                    prefill: 0.0,
                    ..Call::default()
                });
                limits.push(limit(host));
            }
            host.now = start + MINUTE;
            rng.shuffle(&mut times);
        }
        limits.dedup();
        assert_eq!(limits.len(), 1, "minute {minute}: {limits:?}");
        assert_eq!(limits[0].is_some(), minute >= 4, "minute {minute}");
    }
}

/// Calls of one model at ten a second, for so many minutes.
fn play(host: &mut Host, rng: &mut Rng, minutes: u64, median: f64, model: &str) -> (usize, usize) {
    let (mut calls, mut slow) = (0, 0);
    for _ in 0..minutes * 600 {
        host.now += SECOND / 10;
        let first_token = median * (0.4 * normal(rng)).exp();
        let answer = host.call(&Call {
            model,
            first_token,
            queue: 0.0,
            prefill: first_token,
            ..Call::default()
        });
        calls += 1;
        slow += usize::from(host.reason(&answer).starts_with("slow_"));
    }
    (slow, calls)
}

/// Three collectors behind a balancer, of which one loses what it has learnt, beside a single one: what is kept
/// as slow differs by less than a fifth, and hardly in its limit.
#[test]
fn three_collectors_of_which_one_starts_anew_keep_what_one_would() {
    let mut rng = Rng::with_seed(10);
    let mut one = Host::new(SLOWEST);
    let mut three = [(); 3].map(|()| Host::new(SLOWEST));
    let (mut of_one, mut of_three, mut of_both) = (0, 0, 0);
    for n in 0..2 * 3600 * 30 {
        if n == 3600 * 30 {
            *three[0].state = State::EMPTY;
        }
        let first_token = 0.4 * (0.4 * normal(&mut rng)).exp();
        let call = Call {
            first_token,
            queue: 0.0,
            prefill: first_token,
            ..Call::default()
        };
        let at = rng.usize(..3);
        let mut slow = [&mut one, &mut three[at]].map(|host| {
            host.now = START + n * SECOND / 30;
            let answer = host.call(&call);
            host.reason(&answer) == "slow_first_token"
        });
        if n < 2 * 60 * 30 {
            slow = [false; 2]; // all of them are cold
        }
        of_one += u32::from(slow[0]);
        of_three += u32::from(slow[1]);
        of_both += u32::from(slow[0] && slow[1]);
    }
    assert!(of_one > 1000, "{of_one}");
    let ratio = f64::from(of_three) / f64::from(of_one);
    assert!((0.8..1.2).contains(&ratio), "{of_three} of {of_one}");
    assert!(
        f64::from(of_both) > 0.8 * f64::from(of_one),
        "{of_both} of {of_one}"
    );
    let single = limit(&one).expect("a limit");
    for host in &three {
        let own = limit(host).expect("a limit");
        assert!(
            (own / single - 1.0).abs() < 0.13,
            "two buckets: {own}, {single}"
        );
    }
}

#[test]
fn outliers_of_a_small_and_a_large_model_are_kept_alike() {
    let (mut host, mut rng) = (Host::new(SLOWEST), Rng::with_seed(6));
    let (mut planted, mut kept, mut others) = ([0, 0], [0, 0], 0);
    let sizes = [("8b", 0.15), ("235b", 3.0)];
    for n in 0..120_000 {
        host.now += SECOND / 20;
        let at = n % 2;
        let (model, median) = sizes[at];
        let outlier = n > 20_000 && rng.u8(..200) == 0;
        let usual = median * (0.25 * normal(&mut rng)).exp();
        let first_token = if outlier { 8.0 * median } else { usual };
        let answer = host.call(&Call {
            model,
            first_token,
            queue: first_token - 0.1,
            prefill: 0.1,
            ..Call::default()
        });
        let reason = host.reason(&answer);
        if outlier {
            planted[at] += 1;
            kept[at] += usize::from(reason == "slow_first_token" && host.cause(&answer) == "queue");
            assert!(answer.typical == 0.0 || (answer.typical / median - 1.0).abs() < 0.1);
        } else {
            others += usize::from(!reason.is_empty());
        }
    }
    for at in [0, 1] {
        assert!(
            planted[at] > 200 && kept[at] * 100 >= planted[at] * 95,
            "{kept:?} of {planted:?}"
        );
    }
    assert!(others < 600, "{others} that were not planted");
}

#[test]
fn long_prompts_are_compared_with_long_prompts() {
    let (mut host, mut rng) = (Host::new(SLOWEST), Rng::with_seed(7));
    let (mut long, mut kept) = (0, 0);
    for n in 0..60_000 {
        host.now += SECOND / 10;
        let of_many = n % 10 == 0;
        let (prompt, median) = if of_many { (100_000, 20.0) } else { (700, 0.3) };
        let first_token = median * (0.3 * normal(&mut rng)).exp();
        let answer = host.call(&Call {
            first_token,
            prompt,
            prefill: first_token,
            ..Call::default()
        });
        if of_many && n > 10_000 {
            long += 1;
            kept += usize::from(host.reason(&answer) == "slow_first_token");
        }
    }
    assert!(kept * 1000 <= long * 12, "{kept} of {long}");
}

#[test]
fn stalled_decode_is_kept_as_slow_output_though_the_whole_is_fast() {
    let (mut host, mut rng) = (Host::new(SLOWEST), Rng::with_seed(8));
    let (mut planted, mut kept) = (0, 0);
    for n in 0..60_000 {
        host.now += SECOND / 10;
        let stalled = n > 10_000 && n % 300 == 0;
        let completion = rng.i64(16..400);
        let per_token = 0.02 * (0.1 * normal(&mut rng)).exp() * if stalled { 6.0 } else { 1.0 };
        let answer = host.call(&Call {
            completion,
            decode: per_token * (completion - 1) as f64,
            ..Call::default()
        });
        if stalled {
            planted += 1;
            let found = (host.reason(&answer), host.cause(&answer));
            kept += usize::from(found == ("slow_output", "decode"));
        }
    }
    assert!(kept * 10 >= planted * 9, "{kept} of {planted}");
}

#[test]
fn time_in_the_frontend_is_named_as_the_cause() {
    let mut host = Host::new("{}");
    let answer = host.call(&Call {
        first_token: 10.5,
        queue: 1.0,
        prefill: 1.5,
        ..Call::default()
    });
    assert_eq!(
        (host.reason(&answer), host.cause(&answer)),
        ("time_to_first_token", "frontend")
    );
    // As captured of vLLM 0.20.2: 10.3 s are 7.2 in the queue and 3.1 in the frontend.
    let answer = host.call(&Call {
        first_token: 10.3,
        queue: 7.2,
        prefill: 0.0,
        ..Call::default()
    });
    assert_eq!(
        (host.reason(&answer), host.cause(&answer)),
        ("time_to_first_token", "queue")
    );
}

#[test]
fn the_first_requests_of_a_model_are_never_among_its_slowest() {
    let (mut host, mut rng) = (Host::new(SLOWEST), Rng::with_seed(9));
    for n in 0..300 {
        host.now += SECOND;
        let first_token = 0.2 * normal(&mut rng).exp() * if n % 50 == 0 { 100.0 } else { 1.0 };
        let answer = host.call(&Call {
            first_token,
            prefill: first_token,
            ..Call::default()
        });
        assert_eq!(host.reason(&answer), "", "request {n}");
    }
}

#[test]
fn learnt_limits_survive_a_change_of_settings() {
    let (mut host, mut rng) = (Host::new(SLOWEST), Rng::with_seed(10));
    play(&mut host, &mut rng, 20, 0.3, "qwen3-8b");
    let before = limit(&host);
    assert!(before.is_some());
    host.configure(&SLOWEST.replace("\"off\",\"slowest\"", "\"2s\",\"slowest\""));
    assert_eq!(limit(&host), before);
    host.call(&Call::default());
    assert_eq!(limit(&host), before);
}

#[test]
fn impossible_values_and_a_clock_that_steps_back_move_no_limit() {
    let (mut host, mut rng) = (Host::new(SLOWEST), Rng::with_seed(12));
    play(&mut host, &mut rng, 30, 0.3, "qwen3-8b");
    let before = limit(&host).expect("a limit");
    let usual = Call::default();
    let impossible = [
        Call {
            completion: 0,
            queue: -5e5,
            prefill: 5e5,
            ..usual.clone()
        },
        Call {
            completion: 0,
            first_token: 900.0,
            ..usual.clone()
        },
        Call {
            first_token: -3.0,
            ..usual.clone()
        },
        Call {
            first_token: 80.0,
            queue: -1.0,
            ..usual.clone()
        },
        Call {
            first_token: 100.0,
            prefill: 5e5,
            ..usual.clone()
        },
        Call {
            first_token: f64::NAN,
            ..usual.clone()
        },
        Call {
            first_token: f64::INFINITY,
            ..usual.clone()
        },
        Call {
            first_token: 1e300,
            ..usual.clone()
        },
        Call {
            decode: f64::NEG_INFINITY,
            first_token: 70.0,
            ..usual
        },
    ];
    for _ in 0..2_000 {
        host.now += SECOND / 50;
        for call in &impossible {
            let answer = host.call(call);
            assert!(!host.reason(&answer).starts_with("slow_first"), "{call:?}");
        }
    }
    host.now -= 60 * MINUTE;
    play(&mut host, &mut rng, 2, 0.3, "qwen3-8b");
    let after = limit(&host).expect("a limit");
    assert!(
        (after / before - 1.0).abs() < 0.0625,
        "{before}, then {after}"
    );
}

#[test]
fn two_thousand_names_share_one_entry_beyond_the_first_64_and_disturb_none() {
    let (mut host, mut rng) = (Host::new(SLOWEST), Rng::with_seed(13));
    play(&mut host, &mut rng, 10, 0.3, "qwen3-8b");
    let before = limit(&host);
    for n in 0..2_000 {
        let answer = host.call(&Call {
            model: &format!("garbage-{n}"),
            ..Call::default()
        });
        assert_eq!(host.reason(&answer), "");
    }
    assert_eq!(limit(&host), before);
    assert_eq!(host.gauge("unlearned_requests", &[]), Some(2_000.0 - 63.0));
    play(&mut host, &mut rng, 2, 0.3, "late");
    let others = [("model", "(others)"), ("prompt_tokens", "1024")];
    assert!(host.gauge("learned_observations", &others).is_some());
}

#[test]
fn a_tight_distribution_keeps_nothing() {
    let (mut host, mut rng) = (Host::new(SLOWEST), Rng::with_seed(14));
    let mut slow = 0;
    for _ in 0..20_000 {
        host.now += SECOND / 10;
        let first_token = 0.3 * (1.0 + 0.1 * rng.f64());
        let answer = host.call(&Call {
            first_token,
            prefill: first_token,
            ..Call::default()
        });
        slow += usize::from(!host.reason(&answer).is_empty());
    }
    assert_eq!(slow, 0);
}

#[test]
fn a_model_s_own_limit_is_held_against_its_requests_alone() {
    let mut host = Host::new(
        r#"{"time_to_first_token":"10s","models":{"8b":{"time_to_first_token":"500ms"},"235b":{"time_to_first_token":"off"}}}"#,
    );
    for (model, first_token, limit) in [
        ("8b", 0.4, None),
        ("8b", 0.6, Some(0.5)),
        ("32b", 9.0, None),
        ("32b", 11.0, Some(10.0)),
        ("235b", 60.0, None),
    ] {
        let answer = host.call(&Call {
            model,
            first_token,
            ..Call::default()
        });
        let found = (answer.decision == 1).then_some(answer.limit);
        assert_eq!(found, limit, "{model}, {first_token} s");
    }
}

#[test]
fn the_packed_module_learns_and_counts_exactly_as_the_policy_does_natively() {
    let document = r#"{"errors":{},"slowest":{"minimum":20},"baseline":{"share":"5%"},
        "budget":{"traces_per_minute":60,"burst":"10s"},"models":{"m1":{"e2e_latency":"5s"}}}"#;
    let mut host = Host::new(document);
    let mut guest = Guest::new().expect("the packed module");
    guest.configure(document).expect("settings");
    let (mut rng, mut reasons) = (Rng::with_seed(15), std::collections::BTreeMap::new());
    for n in 0..30_000u32 {
        host.now += rng.u64(..SECOND / 5);
        if n % 5_000 == 4_999 {
            host.now -= MINUTE;
        }
        let median = 0.2 * (normal(&mut rng) * 0.8).exp();
        let call = Call {
            model: ["m1", "m2", "a model of a longer name", ""][rng.usize(..4)],
            first_token: if rng.u8(..100) == 0 { 11.0 } else { median },
            decode: 3.0 * rng.f64(),
            prompt: 1 << rng.u32(..18),
            completion: rng.i64(0..300),
            ..Call::default()
        };
        let mut trace = vec![call.span()];
        if rng.u8(..50) == 0 {
            trace.push(policy_tests::calls::failed(503));
        }
        let answer = host.decide(&trace);
        let mut packed = host.record().to_vec();
        packed[64..128].fill(0);
        guest.evaluate(&mut packed).expect("a decision");
        assert!(packed == host.record(), "request {n}: {answer:?}");
        *reasons
            .entry((host.reason(&answer).to_owned(), answer.decision))
            .or_insert(0) += 1;
        if n == 15_000 {
            // A new instance with the state of the old one goes on as the old one would have.
            let state = guest.memory()[guest.state()].to_vec();
            guest = Guest::new().expect("the packed module");
            guest.configure(document).expect("settings");
            guest.set_state(&state).expect("as large");
        }
    }
    assert!(reasons.len() >= 12, "{reasons:?}");
    let report = guest
        .call("report", b"")
        .expect("no trap")
        .expect("a report");
    assert_eq!(
        String::from_utf8(report).expect("text"),
        sampling_policy_core::report(&host.state)
    );
}

//! Collectors that do not decide as the chart says: each in its own words.

#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

mod support;

use serde_json::{Value, json};
use support::{WASM, ask, collector, line, render, without_prometheus};

const OFF: [&str; 3] = [
    "thresholds.e2eLatency.keepTrace=off",
    "thresholds.timeToFirstToken.keepTrace=off",
    "thresholds.decodeTime.keepTrace=off",
];

/// A collector that does not do what the chart says, and the words of the failure.
struct Wrong {
    chart: &'static [&'static str],
    running: &'static [&'static str],
    extra: Value,
    said: &'static [&'static str],
}

fn wrongs() -> Vec<Wrong> {
    let wrong = |chart, running, said| Wrong {
        chart,
        running,
        extra: json!({}),
        said,
    };
    vec![
        // Nothing is kept, as the values say, by either engine; and as they do not say.
        wrong(
            &OFF,
            &OFF,
            &["0 of 1 slow traces kept; every thresholds.*.keepTrace is off"],
        ),
        wrong(
            &[OFF[0], OFF[1], OFF[2], WASM],
            &[OFF[0], OFF[1], OFF[2], WASM],
            &["0 of 1 slow traces kept; every thresholds.*.keepTrace is off"],
        ),
        wrong(
            &[WASM],
            &[OFF[0], OFF[1], OFF[2], WASM],
            &["0 of 3 slow traces kept", "higher limits than the chart's"],
        ),
        // One limit is not the chart's: above, below.
        wrong(
            &[],
            &["thresholds.timeToFirstToken.keepTrace=11s"],
            &[
                "2 of 3 slow traces kept",
                "gen_ai.latency.time_to_first_token 10 s",
            ],
        ),
        wrong(
            &[],
            &["thresholds.timeToFirstToken.keepTrace=9s"],
            &[
                "4 synthetic traces kept, expected the 3 slow ones",
                "lower limits than the chart's",
            ],
        ),
        // An older configuration, without the policy that counts.
        wrong(
            &[],
            &[
                "helmTest.enabled=false",
                "tracing.receiver.http.enabled=true",
            ],
            &["has no policy `synthetic`", "kubectl rollout restart"],
        ),
        // Nothing is decided in time.
        Wrong {
            chart: &[],
            running: &[],
            extra: json!({"processors": {"tail_sampling": {
                "sampling_strategy": "trace-complete",
                "decision_wait": "1h",
                "decision_wait_after_root_received": "0s",
            }}}),
            said: &["took the spans and decided on none"],
        },
    ]
}

#[test]
fn every_way_of_deciding_otherwise_than_the_chart_fails_in_its_own_words() {
    // Side by side: each waits for a decision that does not come.
    std::thread::scope(|scope| {
        for wrong in wrongs() {
            scope.spawn(move || {
                let dir = tempfile::tempdir().unwrap();
                let collector = collector(dir.path(), &render(wrong.running), &wrong.extra);
                let (well, lines) = ask(&without_prometheus(wrong.chart), &collector, 8);
                assert!(!well, "{:?}", wrong.running);
                let sampling = line(&lines, "sampling");
                for words in wrong.said.iter().chain(&["FAIL: "]) {
                    assert!(sampling.contains(words), "{words}: {sampling}");
                }
            });
        }
    });
}

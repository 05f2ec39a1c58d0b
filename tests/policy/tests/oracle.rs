//! A million random traces and every captured span, held against the oracle.

#![allow(clippy::expect_used, clippy::panic)] // in helpers, where clippy sees no test

use std::collections::BTreeMap;

use fastrand::Rng;
use harness::{otlp, repo};
use policy_tests::draw;
use policy_tests::guest::Guest;
use policy_tests::oracle::{DEFAULT, Limits, verdict};
use policy_tests::record::{Answer, Wanted};
use policy_tests::trace::Span;
use sampling_policy_core::{describe, evaluate, settings};

/// Traces through the policy's own code, natively.
const NATIVE: usize = 1_000_000;

/// Traces through the packed module.
const PACKED: usize = 20_000;

/// Traces by one settings document.
const BATCH: usize = 500;

fn wanted() -> Wanted {
    Wanted::from_description(&describe()).expect("a description")
}

/// How many traces were kept for which reason, and how many not.
#[derive(Debug, Default)]
struct Tally(BTreeMap<&'static str, usize>);

impl Tally {
    /// Holds the answer of a record against the oracle and counts it.
    fn judge(&mut self, wanted: &Wanted, record: &[u8], trace: &[Span], limits: &Limits) {
        let answer = Answer::read(record);
        let kept = verdict(trace, limits);
        let expected = match &kept {
            None => Answer {
                decision: 0,
                reason: 0,
                value: 0.0,
                limit: 0.0,
                adjusted_count: 0.0,
            },
            Some(kept) => {
                let named = wanted.reasons.iter().position(|name| name == kept.reason);
                Answer {
                    decision: 1,
                    reason: named.map_or(0, |at| at as u32 + 1),
                    value: kept.value,
                    limit: kept.limit,
                    adjusted_count: 1.0,
                }
            }
        };
        assert_eq!(
            answer, expected,
            "{kept:?}, limits {limits:?}, trace {trace:?}"
        );
        *self
            .0
            .entry(kept.map_or("", |kept| kept.reason))
            .or_default() += 1;
    }

    /// Every outcome must be common, or the comparison says little.
    fn expect_every_outcome(&self) {
        let all: usize = self.0.values().sum();
        for outcome in ["", "e2e_latency", "time_to_first_token", "decode_time"] {
            let seen = self.0.get(outcome).copied().unwrap_or(0);
            assert!(
                seen * 50 > all,
                "{outcome:?}: {seen} of {all}, {:?}",
                self.0
            );
        }
    }
}

#[test]
fn a_million_random_traces_are_decided_as_the_oracle_does() {
    let (wanted, mut rng) = (wanted(), Rng::with_seed(20_261_124));
    let (mut record, mut tally) = (Vec::new(), Tally::default());
    for _ in 0..NATIVE / BATCH {
        let (document, limits) = draw::settings(&mut rng);
        let in_force = settings::parse(document.as_bytes())
            .unwrap_or_else(|mistakes| panic!("{document}: {mistakes}"));
        for _ in 0..BATCH {
            let trace = draw::trace(&mut rng, &limits);
            wanted.encode(&trace, &mut record);
            evaluate(&mut record, &in_force).expect("a well-formed record");
            tally.judge(&wanted, &record, &trace, &limits);
        }
    }
    tally.expect_every_outcome();
}

#[test]
fn the_packed_module_decides_as_the_oracle_does() {
    let mut guest = Guest::new().expect("the packed module");
    let described = guest
        .call("describe", b"")
        .expect("no trap")
        .expect("a description");
    let wanted = Wanted::from_description(std::str::from_utf8(&described).expect("text"))
        .expect("a description");
    assert_eq!(wanted, self::wanted());
    let mut rng = Rng::with_seed(4);
    let (mut record, mut tally) = (Vec::new(), Tally::default());
    for _ in 0..PACKED / BATCH {
        let (document, limits) = draw::settings(&mut rng);
        let in_force = guest
            .call("configure", document.as_bytes())
            .expect("no trap");
        in_force.unwrap_or_else(|mistakes| panic!("{document}: {mistakes}"));
        for _ in 0..BATCH {
            let trace = draw::trace(&mut rng, &limits);
            wanted.encode(&trace, &mut record);
            guest.evaluate(&mut record).expect("a decision");
            tally.judge(&wanted, &record, &trace, &limits);
        }
    }
    tally.expect_every_outcome();
}

/// Every captured span, one trace each, as vLLM's request spans are.
fn captured() -> Vec<Span> {
    let fixtures = repo::root().join("tests/fixtures/vllm");
    let versions = [
        "0.10.2",
        "0.20.2",
        "0.20.2/fastapi-0.165.0",
        "0.32.0",
        "0.33.0",
        "0.33.0/optional",
    ];
    let exports = versions.iter().flat_map(|version| {
        otlp::read_lines(&fixtures.join(version).join("traces.jsonl")).expect("a fixture")
    });
    exports
        .flat_map(|export| {
            let spans = otlp::spans(&export).map(|(_, scope, span)| Span::from_json(scope, span));
            spans.collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn every_captured_span_is_decided_as_the_oracle_does_natively_and_packed() {
    let (wanted, spans) = (wanted(), captured());
    assert!(spans.len() > 2000, "{}", spans.len());
    let mut guest = Guest::new().expect("the packed module");
    // Limits at which the captured requests fall on both sides, beside the default.
    let tight = Limits {
        e2e: Some(2.0),
        first_token: Some(0.05),
        decode: Some(1.0),
    };
    let document = br#"{"e2e_latency":"2s","time_to_first_token":"50ms","decode_time":"1s"}"#;
    let mut record = Vec::new();
    for (document, limits) in [(&b"{}"[..], DEFAULT), (document, tight)] {
        let in_force = settings::parse(document).expect("settings");
        guest
            .call("configure", document)
            .expect("no trap")
            .expect("settings");
        let mut tally = Tally::default();
        for (n, span) in spans.iter().enumerate() {
            let trace = std::slice::from_ref(span);
            wanted.encode(trace, &mut record);
            let mut packed = record.clone();
            evaluate(&mut record, &in_force).expect("a well-formed record");
            guest.evaluate(&mut packed).expect("a decision");
            assert_eq!(record, packed, "span {n}");
            tally.judge(&wanted, &record, trace, &limits);
        }
        let kept = spans.len() - tally.0[""];
        assert!(kept > 20 && kept < spans.len() / 2, "{tally:?}");
    }
}

//! A million random traces and every captured span, held against the oracle.

#![allow(clippy::expect_used, clippy::panic)] // in helpers, where clippy sees no test

use std::collections::BTreeMap;

use fastrand::Rng;
use harness::otlp;
use policy_tests::draw;
use policy_tests::guest::Guest;
use policy_tests::oracle::{Limits, NOTHING_SAID, Settings, is_request, model, shown, verdict};
use sampling_policy_core::answer::Answer;
use sampling_policy_core::{Policy, State, describe, settings};
use vllm_policy::record::{Circumstances, Wanted};
use vllm_policy::trace::Span;

/// Traces through the policy's own code, natively.
const NATIVE: usize = 1_000_000;

/// Traces through the packed module.
const PACKED: usize = 20_000;

/// Traces by one settings document.
const BATCH: usize = 500;

/// What of a trace is no span says nothing here: neither a budget nor a clock decides.
const NOW: Circumstances = Circumstances {
    now: 1_795_488_600_000_000_000,
    trace_id: [7; 16],
    shards: 1,
    collectors: 1,
};

fn parsed(document: &str) -> settings::Settings {
    settings::parse(document.as_bytes()).unwrap_or_else(|mistakes| panic!("{document}: {mistakes}"))
}

fn wanted(document: &str) -> Wanted {
    Wanted::from_description(&describe(&parsed(document))).expect("a description")
}

/// How many traces were kept for which reason, and how many not.
#[derive(Debug, Default)]
struct Tally(BTreeMap<&'static str, usize>);

impl Tally {
    /// Holds the answer of a record against the oracle and counts it.
    fn judge(&mut self, wanted: &Wanted, record: &[u8], trace: &[Span], settings: &Settings) {
        let answer = Answer::read(record).expect("an answer area");
        let kept = verdict(trace, settings);
        let number = |names: &[String], name: &str| {
            names
                .iter()
                .position(|known| known == name)
                .map_or(0, |at| at as u32 + 1)
        };
        let expected = match &kept {
            None => Answer::NOT_SAMPLED,
            Some(kept) => {
                let shown = shown(trace, settings);
                let at = shown.iter().position(|span| *span == kept.span);
                Answer {
                    decision: 1,
                    reason: number(&wanted.reasons, kept.reason),
                    value: kept.value,
                    limit: kept.limit,
                    adjusted_count: 1.0,
                    cause: kept.cause.map_or(0, |cause| number(&wanted.causes, cause)),
                    span: at.map_or(0, |at| at as u32 + 1),
                    model: answer.model, // judged below
                    name: answer.name,
                    ..Answer::NOT_SAMPLED
                }
            }
        };
        assert_eq!(answer, expected, "{kept:?}, {settings:?}, trace {trace:?}");
        if let Some(kept) = &kept {
            // The model of the span, or where a caller's failed the first request's.
            let of =
                Some(&trace[kept.span]).filter(|span| is_request(span) && kept.reason != "error");
            let of = of.or_else(|| trace.iter().find(|span| is_request(span)));
            let name = of.filter(|_| settings.errors.is_some()).map_or("", model);
            let from = answer.name.offset as usize;
            let found = &record[from..from + answer.name.length as usize];
            assert_eq!(found, name.as_bytes(), "{kept:?}, trace {trace:?}");
            assert_eq!(answer.model == 0, name.is_empty());
        }
        *self
            .0
            .entry(kept.map_or("", |kept| kept.reason))
            .or_default() += 1;
    }

    /// Every outcome must be common, or the comparison says little.
    fn expect_every_outcome(&self) {
        let all: usize = self.0.values().sum();
        for outcome in [
            "",
            "error",
            "e2e_latency",
            "time_to_first_token",
            "decode_time",
        ] {
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
    let mut rng = Rng::with_seed(20_261_124);
    let (mut record, mut tally) = (Vec::new(), Tally::default());
    let mut state = Box::new(State::EMPTY);
    for _ in 0..NATIVE / BATCH {
        let (document, in_force) = draw::settings(&mut rng);
        let (wanted, mut policy) = (wanted(&document), Policy::new(parsed(&document)));
        for _ in 0..BATCH {
            let trace = draw::trace(&mut rng, &in_force);
            wanted.encode(&trace, &NOW, &mut record);
            policy
                .evaluate(&mut state, &mut record)
                .expect("a well-formed record");
            tally.judge(&wanted, &record, &trace, &in_force);
        }
    }
    tally.expect_every_outcome();
}

#[test]
fn the_packed_module_decides_as_the_oracle_does() {
    let mut guest = Guest::new().expect("the packed module");
    let mut rng = Rng::with_seed(4);
    let (mut record, mut tally) = (Vec::new(), Tally::default());
    for _ in 0..PACKED / BATCH {
        let (document, in_force) = draw::settings(&mut rng);
        let wanted = guest.configure(&document).expect("settings");
        assert_eq!(wanted, self::wanted(&document));
        for _ in 0..BATCH {
            let trace = draw::trace(&mut rng, &in_force);
            wanted.encode(&trace, &NOW, &mut record);
            guest.evaluate(&mut record).expect("a decision");
            tally.judge(&wanted, &record, &trace, &in_force);
        }
    }
    tally.expect_every_outcome();
}

/// Every captured span, one trace each, as vLLM's request spans are.
fn captured() -> Vec<Span> {
    let recordings = captures::traced().expect("the recordings");
    let exports = recordings
        .iter()
        .flat_map(|capture| otlp::read_lines(&capture.path("traces.jsonl")).expect("a recording"));
    exports
        .flat_map(|export| {
            let spans = otlp::spans(&export)
                .map(|(resource, scope, span)| Span::from_json(resource, scope, span));
            spans.collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn every_captured_span_is_decided_as_the_oracle_does_natively_and_packed() {
    let spans = captured();
    assert!(spans.len() > 2000, "{}", spans.len());
    let mut guest = Guest::new().expect("the packed module");
    let mut state = Box::new(State::EMPTY);
    // Limits at which the captured requests fall on both sides, beside the default.
    let tight = Settings {
        limits: Limits {
            e2e: Some(2.0),
            first_token: Some(0.05),
            decode: Some(1.0),
        },
        errors: Some(vec![500]),
    };
    let document = r#"{"e2e_latency":"2s","time_to_first_token":"50ms","decode_time":"1s",
        "errors":{"status_codes":[500]}}"#;
    let mut record = Vec::new();
    for (document, in_force) in [("{}", NOTHING_SAID), (document, tight)] {
        let mut policy = Policy::new(parsed(document));
        let wanted = guest.configure(document).expect("settings");
        let mut tally = Tally::default();
        for (n, span) in spans.iter().enumerate() {
            let trace = std::slice::from_ref(span);
            wanted.encode(trace, &NOW, &mut record);
            let mut packed = record.clone();
            policy
                .evaluate(&mut state, &mut record)
                .expect("a well-formed record");
            guest.evaluate(&mut packed).expect("a decision");
            assert_eq!(record, packed, "span {n}");
            tally.judge(&wanted, &record, trace, &in_force);
        }
        let kept = spans.len() - tally.0[""];
        assert!(kept > 20 && kept < spans.len() / 2, "{tally:?}");
    }
}

//! Records as a host writes them: what is kept, what is not, and what no host should write.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use proptest::prelude::{any, prop_assert, proptest};
use sampling_policy_core::record::{ANSWER, HEADER, Malformed, span_size};
use sampling_policy_core::rules::{Limits, OFF};
use sampling_policy_core::settings::Settings;
use sampling_policy_core::{Policy, State};

/// With limits alone: the three latencies, queue and prefill.
const SPAN: usize = span_size(5);

fn evaluate(record: &mut [u8], limits: &Limits) -> Result<(), Malformed> {
    let settings = Settings {
        limits: *limits,
        ..Settings::DEFAULT
    };
    Policy::new(settings).evaluate(&mut Box::new(State::EMPTY), record)
}

/// One record of the given spans: a presence word and the three numbers each.
fn record(spans: &[(u64, [f64; 3])]) -> Vec<u8> {
    let size = HEADER + spans.len() * SPAN;
    let mut bytes = vec![0; size];
    bytes[0..4].copy_from_slice(&(size as u32).to_le_bytes());
    bytes[4..8].copy_from_slice(&(spans.len() as u32).to_le_bytes());
    bytes[ANSWER..ANSWER + 4].copy_from_slice(&(-1i32).to_le_bytes());
    for (at, (presence, numbers)) in spans.iter().enumerate() {
        let span = &mut bytes[HEADER + at * SPAN..][..SPAN];
        span[..8].copy_from_slice(&presence.to_le_bytes());
        for (slot, number) in numbers.iter().enumerate() {
            span[32 + 8 * slot..][..8].copy_from_slice(&number.to_le_bytes());
        }
    }
    bytes
}

/// Decision, reason, value and limit of an answered record.
fn answer(record: &[u8]) -> (i32, u32, f64, f64) {
    let word = |at| <[u8; 4]>::try_from(&record[ANSWER + at..][..4]).unwrap();
    let double = |at| <[u8; 8]>::try_from(&record[ANSWER + at..][..8]).unwrap();
    (
        i32::from_le_bytes(word(0)),
        u32::from_le_bytes(word(4)),
        f64::from_le_bytes(double(8)),
        f64::from_le_bytes(double(16)),
    )
}

fn decide(spans: &[(u64, [f64; 3])], limits: Limits) -> (i32, u32, f64, f64) {
    let mut record = record(spans);
    evaluate(&mut record, &limits).unwrap();
    answer(&record)
}

const ALL: u64 = 0b111;

#[test]
fn each_rule_alone_keeps_a_trace_and_says_why() {
    for (numbers, expected) in [
        ([120.5, 0.0, 0.0], (1, 2, 120.5, 120.0)),
        ([0.0, 10.5, 0.0], (1, 3, 10.5, 10.0)),
        ([0.0, 0.0, 60.5], (1, 4, 60.5, 60.0)),
    ] {
        assert_eq!(decide(&[(ALL, numbers)], Limits::DEFAULT), expected);
    }
}

#[test]
fn a_value_at_its_limit_keeps_nothing() {
    let (decision, reason, ..) = decide(&[(ALL, [120.0, 10.0, 60.0])], Limits::DEFAULT);
    assert_eq!((decision, reason), (0, 0));
}

#[test]
fn one_slow_span_among_fast_ones_is_enough() {
    let mut spans = vec![(ALL, [1.0, 0.1, 0.5]); 20];
    spans.push((ALL, [1.0, 11.0, 0.5]));
    assert_eq!(decide(&spans, Limits::DEFAULT).1, 3);
}

#[test]
fn an_absent_attribute_never_matches_whatever_its_slot_holds() {
    assert_eq!(decide(&[(0, [f64::MAX; 3])], Limits::DEFAULT).0, 0);
    assert_eq!(decide(&[(0b010, [f64::MAX; 3])], Limits::DEFAULT).1, 3);
}

#[test]
fn a_rule_that_is_off_and_a_nan_match_nothing() {
    assert_eq!(decide(&[(ALL, [f64::MAX; 3])], Limits([OFF; 3])).0, 0);
    assert_eq!(decide(&[(ALL, [f64::NAN; 3])], Limits::DEFAULT).0, 0);
}

#[test]
fn a_trace_without_a_matching_span_is_not_kept() {
    assert_eq!(decide(&[], Limits::DEFAULT).0, 0);
}

#[test]
fn a_record_that_contradicts_itself_is_refused_unanswered() {
    let whole = record(&[(ALL, [999.0; 3])]);
    let mut size = whole.clone();
    size[0] ^= 8;
    let mut matched = whole.clone();
    matched[4] = 2;
    for (mut bytes, expected) in [
        (whole[..HEADER - 1].to_vec(), Malformed::Short),
        (size, Malformed::Size),
        (matched, Malformed::Spans),
    ] {
        let before = bytes.clone();
        assert_eq!(evaluate(&mut bytes, &Limits::DEFAULT), Err(expected));
        assert_eq!(bytes, before);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..512), honest in any::<bool>()) {
        if honest && bytes.len() >= 8 {
            let len = bytes.len() as u32;
            bytes[0..4].copy_from_slice(&len.to_le_bytes());
            bytes[5..8].fill(0);
        }
        let _ = evaluate(&mut bytes, &Limits::DEFAULT);
    }

    /// Held against the rule as an operator would say it.
    #[test]
    fn decisions_are_those_of_the_plain_rule(
        spans in proptest::collection::vec((any::<u64>(), [0.0..240.0f64, 0.0..20.0, 0.0..120.0]), 0..8)
    ) {
        let slow = spans.iter().any(|(presence, [e2e, first_token, decode])| {
            (presence & 1 != 0 && *e2e > 120.0)
                || (presence & 2 != 0 && *first_token > 10.0)
                || (presence & 4 != 0 && *decode > 60.0)
        });
        prop_assert!((decide(&spans, Limits::DEFAULT).0 == 1) == slow);
    }
}

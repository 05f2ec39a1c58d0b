//! Bytes that no honest host, operator or capture would give.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::hash::{DefaultHasher, Hash, Hasher};

use harness::fuzz::Target;
use harness::otlp;
use harness::traffic::{LIMITS, slow_traces};
use policy_tests::guest::Guest;
use sampling_policy_core::answer::Answer;
use sampling_policy_core::rules::OFF;
use sampling_policy_core::{Policy, State, settings};
use vllm_policy::record::{HEADER, seal};
use vllm_policy::trace::Span;

/// Longest input, in bytes; the border's size checks lie far below.
const LONGEST: usize = 8192;

/// More than any call here needs, and little enough to end an endless loop at once.
const FUEL: i64 = 10_000_000;

/// Where the module's stack ends and what it keeps begins (`stack_bytes` of `plugins/build`).
const STACK: usize = 65536;

/// Everything the module keeps, but for the record buffer and the state.
fn kept(guest: &Guest) -> Vec<&[u8]> {
    let mut own = [guest.buffer(), guest.state()];
    own.sort_by_key(|range| range.start);
    let [first, second] = own;
    vec![
        &guest.memory()[STACK..first.start],
        &guest.memory()[first.end..second.start],
        &guest.memory()[second.end..],
    ]
}

/// Settings by which a record is laid out: for limits alone, and for all else.
const SETTINGS: [&str; 2] = [
    "{}",
    r#"{"errors":{},"slowest":{"minimum":1},"baseline":{},"budget":{},"models":{"a":{}}}"#,
];

fn policy(document: &str) -> Policy {
    Policy::new(settings::parse(document.as_bytes()).unwrap())
}

/// The input is the length that the host claims, then what it writes.
#[test]
fn any_record_and_any_length_give_a_status_and_touch_nothing_but_the_answer_and_the_state() {
    for document in SETTINGS {
        let mut guest = Guest::new().expect("the packed module");
        guest.configure(document).expect("settings");
        let (mut native, mut state) = (policy(document), Box::new(State::EMPTY));
        let target = Target {
            name: "record",
            corpus: "tests/policy/corpus/record",
            longest: LONGEST,
            words: &[],
            runs: 2_500,
        };
        target
            .fuzz(|input| {
                let (len, bytes) = input.split_first_chunk().unwrap_or((&[0; 4], input));
                let len = u32::from_le_bytes(*len);
                let outside: Vec<Vec<u8>> = kept(&guest).into_iter().map(<[u8]>::to_vec).collect();
                let mut expected = guest.memory()[guest.buffer()].to_vec();
                expected[..bytes.len()].copy_from_slice(bytes);

                guest.refuel(FUEL).unwrap();
                let status = guest.evaluate_as(bytes, len).expect("no trap");

                let decided = match expected.get_mut(..len as usize) {
                    Some(record) => i32::from(native.evaluate(&mut state, record).is_err()),
                    None => 1,
                };
                assert_eq!(status, decided);
                assert!(
                    guest.memory()[guest.buffer()] == expected,
                    "another byte of the buffer changed, or another answer: {:?}, {:?}",
                    Answer::read(&expected),
                    Answer::read(&guest.memory()[guest.buffer()]),
                );
                if document == "{}" {
                    assert!(
                        kept(&guest) == outside,
                        "a byte outside of buffer and state changed"
                    );
                }
                (guest.fuel().unwrap() * 2 + i64::from(status)).cast_unsigned()
            })
            .unwrap();
    }
}

#[test]
fn any_input_of_evaluate_gives_the_answer_or_a_text() {
    for document in SETTINGS {
        let mut guest = Guest::new().expect("the packed module");
        guest.configure(document).expect("settings");
        let (mut native, mut state) = (policy(document), Box::new(State::EMPTY));
        let target = Target {
            name: "record",
            corpus: "tests/policy/corpus/record",
            longest: LONGEST,
            words: &[],
            runs: 1_000,
        };
        target
            .fuzz(|input| {
                let bytes = input.get(4..).unwrap_or_default();
                guest.refuel(FUEL).unwrap();
                let given = guest.call("evaluate", bytes).expect("no trap");
                let mut record = bytes.to_vec();
                match native.evaluate(&mut state, &mut record) {
                    Ok(()) => assert_eq!(given.expect("an answer"), record[64..128]),
                    Err(malformed) => assert_eq!(given.expect_err("a text"), malformed.to_string()),
                }
                guest.fuel().unwrap().cast_unsigned()
            })
            .unwrap();
    }
}

/// Whether the guest keeps by exactly these limits: a latency at each, and one next to it.
fn in_force(guest: &mut Guest, settings: &settings::Settings) {
    let slots = if settings.limits_alone() { 5 } else { 11 };
    for (slot, limit) in settings.limits.0.into_iter().enumerate() {
        let longer = if limit == OFF {
            f64::MAX
        } else {
            limit.next_up()
        };
        for (value, exceeds) in [(limit, false), (longer, limit != OFF)] {
            let mut record = vec![0; HEADER + 32 + 8 * slots];
            record[HEADER] = 1 << slot;
            record[HEADER + 32 + 8 * slot..][..8].copy_from_slice(&value.to_le_bytes());
            seal(&mut record, 1);
            guest.evaluate(&mut record).expect("a decision");
            let reason = Answer::read(&record).expect("an answer").reason;
            assert_eq!(
                reason == slot as u32 + 2,
                exceeds,
                "slot {slot}, {value}: {reason}"
            );
        }
    }
}

/// The text but for its numbers. This workspace has serde_json read a double to its last digit, the
/// guest is built without, so the two repeat an operator's number differently in its 16th digit.
fn without_numbers(text: &str) -> String {
    text.replace(|c: char| c.is_ascii_digit() || ".e+-".contains(c), "")
}

#[test]
fn any_settings_are_put_in_force_as_a_whole_or_refused_in_words() {
    let mut guest = Guest::new().expect("the packed module");
    let mut in_force_now = settings::Settings::DEFAULT;
    let words: &[&[u8]] = &[
        b"\"slowest\":{",
        b"\"share\":",
        b"\"measures\":[",
        b"\"1%\"",
        b"\"baseline\":{",
        b"\"budget\":{",
        b"\"traces_per_minute\":",
        b"\"errors\":{\"status_codes\":[",
        b"\"5xx\"",
        b"\"models\":{",
        b"\"e2e_latency\":",
        b"\"time_to_first_token\":",
        b"\"decode_time\":",
        b"\"off\"",
        b"false",
        b"\"2m\"",
        b"\"1h\"",
        b"\"250ms\"",
        b"null",
        b"{",
        b"}",
        b"[",
        b",",
        b"\\u0000",
        b"\xff",
        b"1e999",
        b"99999999999999999999",
        b".",
        b"s",
    ];
    let target = Target {
        name: "settings",
        corpus: "tests/policy/corpus/settings",
        longest: LONGEST,
        words,
        runs: 10_000,
    };
    target
        .fuzz(|input| {
            guest.refuel(FUEL).unwrap();
            let given = guest.call("configure", input).expect("no trap");
            let left = guest.fuel().unwrap();
            match settings::parse(input) {
                Ok(read) => {
                    let document =
                        String::from_utf8(given.expect("the settings in force")).unwrap();
                    assert_eq!(document, settings::to_json(&read));
                    assert_eq!(settings::parse(document.as_bytes()), Ok(read.clone()));
                    in_force_now = read;
                }
                Err(mistakes) => {
                    assert_eq!(
                        without_numbers(&given.expect_err("a text")),
                        without_numbers(&mistakes.to_string())
                    );
                    assert!(
                        mistakes
                            .0
                            .iter()
                            .all(|mistake| mistake.contains("expected")),
                        "{mistakes}"
                    );
                }
            }
            guest.refuel(FUEL).unwrap();
            in_force(&mut guest, &in_force_now);
            left.cast_unsigned()
        })
        .unwrap();
}

#[test]
fn any_text_is_read_as_otlp_or_refused_with_its_line() {
    let words: &[&[u8]] = &[
        b"{\"resourceSpans\":[",
        b"\"scopeSpans\":[",
        b"\"spans\":[",
        b"\"attributes\":[",
        b"\"value\":{",
        b"\"doubleValue\":",
        b"\"intValue\":\"",
        b"\"stringValue\":\"",
        b"\"NaN\"",
        b"null",
        b"[]",
        b"{}",
        b"\n",
        b"1e308",
        b"-1",
        b"18446744073709551616",
        b"\"traceId\":\"",
        b"\"startTimeUnixNano\":\"",
    ];
    let target = Target {
        name: "otlp",
        corpus: "tests/policy/corpus/otlp",
        longest: LONGEST,
        words,
        runs: 10_000,
    };
    target
        .fuzz(|input| {
            let text = String::from_utf8_lossy(input);
            let mut did = DefaultHasher::new();
            match otlp::parse_lines(&text) {
                Err(error) => {
                    let error = format!("{error:#}");
                    assert!(error.starts_with("line "), "{error}");
                    // What it says, but for the numbers.
                    let said: String = error
                        .chars()
                        .filter(|c| !c.is_ascii_digit())
                        .take(120)
                        .collect();
                    said.hash(&mut did);
                }
                Ok(exports) => {
                    slow_traces(&exports, &LIMITS).len().hash(&mut did);
                    for (resource, scope, span) in exports.iter().flat_map(otlp::spans) {
                        let span = Span::from_json(resource, scope, span);
                        span.attributes.len().hash(&mut did);
                    }
                    for export in &exports {
                        let message = otlp::to_message(export);
                        message.is_ok().hash(&mut did);
                        if let Ok(message) = message {
                            let written = serde_json::to_value(&message).unwrap();
                            let again =
                                otlp::to_message(&written).expect("what was written is read");
                            assert_eq!(serde_json::to_value(&again).unwrap(), written);
                        }
                    }
                }
            }
            did.finish()
        })
        .unwrap();
}

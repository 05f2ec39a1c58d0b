//! What the policy asks of a trace: the description of `ABI.md`, and the slots that it yields.
//!
//! With limits alone the policy asks for five numbers of the spans above a limit and nothing else: what is
//! not asked for costs the host nothing, and of a trace without such a span it need not ask at all.

use policy_kit::{Description, Group, When};

use crate::reasons::{CAUSES, REASONS};
use crate::record::{SpanRecord, Text, span_size};
use crate::report::GAUGES;
use crate::request::Request;
use crate::rules::{Limits, RULES, SCOPES, SPAN_NAME};
use crate::settings::{Errors, Settings};

/// The group of vLLM's request spans; the other one are spans that failed.
pub const REQUESTS: u16 = 0;

/// The status code of a span that failed, OTLP's number.
pub const STATUS_ERROR: u16 = 2;

/// Number slots with limits alone; with all else more follow.
const LIMIT_NUMBERS: [&str; 5] = {
    let [e2e, first_token, decode] = RULES;
    [
        e2e.attribute,
        first_token.attribute,
        decode.attribute,
        "gen_ai.latency.time_in_queue",
        "gen_ai.latency.time_in_model_prefill",
    ]
};

/// The tokens of a request.
const TOKENS: [&str; 2] = [
    "gen_ai.usage.prompt_tokens",
    "gen_ai.usage.completion_tokens",
];

/// Where HTTP status codes stand: today's convention, and the one before it.
const CODES: [&str; 2] = ["http.response.status_code", "http.status_code"];

/// An attribute that only failed spans have.
const ERROR_TYPE: &str = "error.type";

/// The resource's attributes that name the model, the first one that is there: what this chart
/// gives to vLLM, then what everybody has.
pub const MODEL: [&str; 2] = ["gen_ai.response.model", "service.name"];

const ERROR_TYPE_SLOT: usize = 9;
const MODEL_SLOT: usize = 10;

/// Size of a span record with limits alone.
pub const LIMITS_SPAN: usize = span_size(LIMIT_NUMBERS.len());

/// Size of a span record with all else.
pub const SPAN: usize = span_size(MODEL_SLOT + 1);

/// The numbers of a request span. With limits alone the tokens are absent.
#[inline]
#[must_use]
pub fn request(span: &SpanRecord<'_>, tokens: bool) -> Request {
    Request {
        e2e: span.number(0),
        first_token: span.number(1),
        decode: span.number(2),
        queue: span.number(3),
        prefill: span.number(4),
        prompt_tokens: if tokens { span.number(5) } else { f64::NAN },
        completion_tokens: if tokens { span.number(6) } else { f64::NAN },
    }
}

/// Where the name of the span's model stands.
#[inline]
#[must_use]
pub fn model(span: &SpanRecord<'_>) -> Text {
    span.text(MODEL_SLOT)
}

/// Whether the span failed: its HTTP status code where that says so, 0 where something else does.
#[inline]
#[must_use]
pub fn failed(span: &SpanRecord<'_>, errors: &Errors) -> Option<f64> {
    let listed = |slot| {
        let code = span.number(slot);
        errors.has(code).then_some(code)
    };
    listed(7)
        .or_else(|| listed(8))
        .or_else(|| (span.status() == STATUS_ERROR || span.has(ERROR_TYPE_SLOT)).then_some(0.0))
}

/// The description with these settings, as JSON.
#[must_use]
pub fn describe(settings: &Settings) -> String {
    let mut description = Description {
        name: "vllm-sampling-policy",
        version: env!("CARGO_PKG_VERSION"),
        groups: vec![Group {
            names: vec![SPAN_NAME],
            scopes: SCOPES.to_vec(),
            ..Group::default()
        }],
        numbers: LIMIT_NUMBERS.to_vec(),
        reasons: REASONS.map(|reason| reason.name).to_vec(),
        causes: CAUSES.to_vec(),
        gauges: GAUGES.to_vec(),
        ..Description::default()
    };
    if let Some(errors) = &settings.errors {
        description.fields.push("status");
        description.groups.push(Group {
            at_most: 1, // the first one says all
            when: Some(failing(errors)),
            ..Group::default()
        });
    }
    if settings.limits_alone() {
        let above = above(&settings.limits);
        description.empty_not_sampled = true;
        if let [requests, ..] = description.groups.as_mut_slice()
            && !above.is_empty()
        {
            requests.when = Some(When {
                above,
                ..When::default()
            });
        }
    } else {
        description.numbers.extend(TOKENS);
        description.numbers.extend(CODES);
        description.present.push(ERROR_TYPE);
        description.resource_strings.push(&MODEL);
        description.trace.extend(["now", "shard", "trace_id"]);
    }
    description.to_json()
}

/// The limits that are on, by attribute.
fn above(limits: &Limits) -> Vec<(&'static str, f64)> {
    let limits = RULES.iter().zip(limits.0);
    let limits = limits.map(|(rule, limit)| (rule.attribute, limit));
    limits.filter(|(_, limit)| limit.is_finite()).collect()
}

/// Which spans count as failed, as the condition of a group.
fn failing(errors: &Errors) -> When<'static> {
    let ranges: Vec<[f64; 2]> = errors.ranges().map(|range| range.map(f64::from)).collect();
    let numbers = if ranges.is_empty() {
        Vec::new()
    } else {
        CODES.map(|key| (key, ranges.clone())).to_vec()
    };
    When {
        status: vec![STATUS_ERROR],
        numbers,
        present: vec![ERROR_TYPE],
        ..When::default()
    }
}

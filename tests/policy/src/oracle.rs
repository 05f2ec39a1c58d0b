//! What must become of a trace, said as plainly as the README says it.

use std::cmp::Ordering;

use crate::trace::{Span, Value};

/// The limits in force, in seconds; `None` is off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// `e2e_latency`.
    pub e2e: Option<f64>,
    /// `time_to_first_token`.
    pub first_token: Option<f64>,
    /// `decode_time`.
    pub decode: Option<f64>,
}

/// What is in force when the operator says nothing.
pub const DEFAULT: Limits = Limits {
    e2e: Some(120.0),
    first_token: Some(10.0),
    decode: Some(60.0),
};

/// Why a trace is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// The settings key of the limit.
    pub reason: &'static str,
    /// The latency, in seconds.
    pub value: f64,
    /// The limit, in seconds.
    pub limit: f64,
}

/// Why the trace is kept: the first slow request of it, by the first limit in the order of the
/// README. `None` when it is not.
#[must_use]
pub fn verdict(trace: &[Span], limits: &Limits) -> Option<Kept> {
    for span in trace {
        let of_vllm = span.scope == "vllm.tracing.otel" || span.scope == "vllm.llm_engine";
        if span.name != "llm_request" || !of_vllm {
            continue;
        }
        if let Some(kept) = slower(span, "e2e_latency", "gen_ai.latency.e2e", limits.e2e) {
            return Some(kept);
        }
        let key = "gen_ai.latency.time_to_first_token";
        if let Some(kept) = slower(span, "time_to_first_token", key, limits.first_token) {
            return Some(kept);
        }
        let key = "gen_ai.latency.time_in_model_decode";
        if let Some(kept) = slower(span, "decode_time", key, limits.decode) {
            return Some(kept);
        }
    }
    None
}

/// Whether the span has that latency as a number, and it is longer than the limit.
fn slower(span: &Span, reason: &'static str, key: &str, limit: Option<f64>) -> Option<Kept> {
    let limit = limit?;
    let value = match span.attribute(key)? {
        Value::Double(seconds) => *seconds,
        Value::Int(seconds) => *seconds as f64,
        Value::Text(_) | Value::Other => return None,
    };
    // Not a number is longer than nothing.
    (value.partial_cmp(&limit) == Some(Ordering::Greater)).then_some(Kept {
        reason,
        value,
        limit,
    })
}

//! What must become of a trace, said as plainly as the README says it. For the reasons without
//! memory: limits and errors.

use std::cmp::Ordering;

use vllm_policy::trace::{Span, Value, attribute};

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

/// The settings in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The limits.
    pub limits: Limits,
    /// HTTP status codes that count as failed; `None`: nothing does.
    pub errors: Option<Vec<u16>>,
}

/// The settings in force when the operator says nothing.
pub const NOTHING_SAID: Settings = Settings {
    limits: DEFAULT,
    errors: None,
};

/// Why a trace is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// The name of the reason.
    pub reason: &'static str,
    /// The latency in seconds, or the HTTP status code.
    pub value: f64,
    /// The limit, in seconds.
    pub limit: f64,
    /// Where the time went, if anything says so.
    pub cause: Option<&'static str>,
    /// Which span says so, from 0.
    pub span: usize,
}

/// Whether the span is a request of vLLM.
#[must_use]
pub fn is_request(span: &Span) -> bool {
    let of_vllm = span.scope == "vllm.tracing.otel" || span.scope == "vllm.llm_engine";
    span.name == "llm_request" && of_vllm
}

/// The name of the span's model, empty where there is none.
#[must_use]
pub fn model(span: &Span) -> &str {
    for key in ["gen_ai.response.model", "service.name"] {
        if let Some(Value::Text(name)) = attribute(&span.resource, key)
            && !name.is_empty()
        {
            return name;
        }
    }
    ""
}

/// A number, also one that is written as a text.
fn number(span: &Span, key: &str) -> Option<f64> {
    match span.attribute(key)? {
        Value::Double(number) => Some(*number),
        Value::Int(number) => Some(*number as f64),
        // As people write decimal numbers: -12.5, not 1e2.
        Value::Text(text) if text.contains(['e', 'E', 'i', 'I', 'n', 'N', '+']) => None,
        Value::Text(text) => text.parse().ok(),
        Value::Other => None,
    }
}

/// Whether the span failed: the status code that says so, or 0.
#[must_use]
pub fn failed(span: &Span, codes: &[u16]) -> Option<f64> {
    for key in ["http.response.status_code", "http.status_code"] {
        if let Some(code) = number(span, key)
            && codes.iter().any(|listed| f64::from(*listed) == code)
        {
            return Some(code);
        }
    }
    (span.status == 2 || span.attribute("error.type").is_some()).then_some(0.0)
}

/// Why the trace is kept: the first of the reasons that a span of it gives, by the first span that
/// gives it. `None` when it is not.
#[must_use]
pub fn verdict(trace: &[Span], settings: &Settings) -> Option<Kept> {
    if let Some(codes) = &settings.errors {
        for (span, of) in trace.iter().enumerate() {
            if let Some(value) = failed(of, codes) {
                return Some(Kept {
                    reason: "error",
                    value,
                    limit: 0.0,
                    cause: None,
                    span,
                });
            }
        }
    }
    let limits = [
        ("e2e_latency", "gen_ai.latency.e2e", settings.limits.e2e),
        (
            "time_to_first_token",
            "gen_ai.latency.time_to_first_token",
            settings.limits.first_token,
        ),
        (
            "decode_time",
            "gen_ai.latency.time_in_model_decode",
            settings.limits.decode,
        ),
    ];
    for (reason, key, limit) in limits {
        let Some(limit) = limit else { continue };
        for (span, of) in trace.iter().enumerate() {
            if !is_request(of) {
                continue;
            }
            let Some(value) = number(of, key) else {
                continue;
            };
            // Not a number is longer than nothing.
            if value.partial_cmp(&limit) == Some(Ordering::Greater) {
                return Some(Kept {
                    reason,
                    value,
                    limit,
                    cause: cause(of, reason),
                    span,
                });
            }
        }
    }
    None
}

/// The largest part of the time that the reason is about; of equal ones the first. None where a part is
/// not known and more than the largest is left for it.
fn cause(span: &Span, reason: &str) -> Option<&'static str> {
    let said = |key: &str| number(span, &format!("gen_ai.latency.{key}"));
    let time = |key: &str| said(key).filter(|seconds| *seconds > -10.0);
    if reason == "decode_time" {
        return Some("decode");
    }
    let queue = time("time_in_queue").map(|seconds| f64::max(0.0, seconds));
    let prefill = time("time_in_model_prefill").map(|seconds| f64::max(0.0, seconds));
    let mut parts = vec![("queue", queue), ("prefill", prefill)];
    let first_token = time("time_to_first_token");
    let frontend = match (queue, prefill, first_token) {
        (Some(queue), Some(prefill), Some(all)) => Some(f64::max(0.0, all - queue - prefill)),
        _ => None,
    };
    parts.push(("frontend", frontend));
    let mut whole = "time_to_first_token";
    if reason == "e2e_latency" {
        whole = "e2e";
        let decode = time("time_in_model_decode").map(|seconds| f64::max(0.0, seconds));
        parts.push(("decode", decode));
    }
    let known = || parts.iter().filter_map(|(_, seconds)| *seconds);
    let largest = known().fold(0.0, f64::max);
    let left = known().fold(said(whole)?, |left, seconds| left - seconds);
    if parts.iter().any(|(_, seconds)| seconds.is_none()) && left > largest {
        return None;
    }
    let first = parts.iter().find(|(_, seconds)| *seconds == Some(largest));
    first.filter(|_| largest > 0.0).map(|(name, _)| *name)
}

/// Which spans a host shows to the policy, from 0: requests, and the first other one that failed; with
/// limits alone requests above a limit.
#[must_use]
pub fn shown(trace: &[Span], settings: &Settings) -> Vec<usize> {
    if settings.errors.is_none() {
        let spans = trace.iter().enumerate();
        let slow =
            spans.filter(|(_, span)| verdict(std::slice::from_ref(span), settings).is_some());
        return slow.map(|(at, _)| at).collect();
    }
    let mut failing = 0;
    let spans = trace.iter().enumerate().filter(|(_, span)| {
        let fails = |codes: &Vec<u16>| failed(span, codes).is_some();
        if is_request(span) {
            return true;
        }
        let fails = settings.errors.as_ref().is_some_and(fails);
        failing += usize::from(fails);
        fails && failing == 1
    });
    spans.map(|(at, _)| at).collect()
}

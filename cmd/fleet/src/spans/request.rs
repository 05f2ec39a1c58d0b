//! `llm_request`, attribute by attribute.

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::{Span, Status};
use rand::RngCore;
use vllm_catalog::spans::{
    LATENCY_E2E, LATENCY_TIME_IN_MODEL_DECODE, LATENCY_TIME_IN_MODEL_INFERENCE,
    LATENCY_TIME_IN_MODEL_PREFILL, LATENCY_TIME_IN_QUEUE, LATENCY_TIME_TO_FIRST_TOKEN,
    REQUEST_SPAN,
};

use super::attributes::{double, int, text};
use super::parent::Parent;
use super::random_id;
use crate::model::{Request, Times};

/// The SDK tells in `flags` that it knows whether the parent is remote, and that it is.
const PARENT_KNOWN: u32 = 0x100;
const PARENT_REMOTE: u32 = 0x200;

/// The span of a finished request.
#[must_use]
pub fn request_span(
    rng: &mut impl RngCore,
    request: &Request,
    times: &Times,
    generated: u64,
    id: &str,
    parent: Option<&Parent>,
    end: u64,
) -> Span {
    let mut attributes = vec![
        double(LATENCY_TIME_TO_FIRST_TOKEN, times.time_to_first_token),
        double(LATENCY_E2E, times.e2e),
        double(LATENCY_TIME_IN_QUEUE, times.queue),
        int("gen_ai.usage.prompt_tokens", request.prompt),
        int("gen_ai.usage.completion_tokens", generated),
        double(LATENCY_TIME_IN_MODEL_PREFILL, times.prefill),
        double(LATENCY_TIME_IN_MODEL_DECODE, times.decode),
        double(LATENCY_TIME_IN_MODEL_INFERENCE, times.inference),
        text("gen_ai.request.id", id),
    ];
    // What is 0 counts as absent in Python.
    if request.top_p != 0.0 {
        attributes.push(double("gen_ai.request.top_p", request.top_p));
    }
    if request.max_tokens != 0 {
        attributes.push(int("gen_ai.request.max_tokens", request.max_tokens));
    }
    if request.temperature != 0.0 {
        attributes.push(double("gen_ai.request.temperature", request.temperature));
    }
    attributes.push(int("gen_ai.request.n", request.n));
    let (trace_id, parent_span_id, trace_state, remote) = match parent {
        Some(parent) => (
            parent.trace_id.clone(),
            parent.span_id.clone(),
            parent.state.clone(),
            PARENT_REMOTE,
        ),
        None => (random_id(rng, 16), Vec::new(), String::new(), 0),
    };
    Span {
        trace_id,
        span_id: random_id(rng, 8),
        trace_state,
        parent_span_id,
        flags: PARENT_KNOWN | remote,
        name: REQUEST_SPAN.to_owned(),
        kind: SpanKind::Server.into(),
        start_time_unix_nano: end.saturating_sub((times.e2e * 1e9) as u64),
        end_time_unix_nano: end,
        attributes,
        status: Some(Status::default()),
        ..Span::default()
    }
}

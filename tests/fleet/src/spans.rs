//! Spans as vLLM sends them: `llm_request` built attribute by attribute, a start's twelve spans taken
//! from the capture with new ids, times and resources.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use rand::RngCore;
use vllm_catalog::spans::{
    LATENCY_E2E, LATENCY_TIME_IN_MODEL_DECODE, LATENCY_TIME_IN_MODEL_INFERENCE,
    LATENCY_TIME_IN_MODEL_PREFILL, LATENCY_TIME_IN_QUEUE, LATENCY_TIME_TO_FIRST_TOKEN,
    REQUEST_SPAN,
};

use crate::model::{Request, Times};

/// The captured stream whose first exports are one start-up.
const CAPTURED: &str = include_str!("../../fixtures/vllm/0.33.0/traces.jsonl");

/// Scope of `llm_request`.
const REQUEST_SCOPE: &str = "vllm.tracing.otel";

/// The SDK tells in `flags` that it knows whether the parent is remote, and that it is.
const PARENT_KNOWN: u32 = 0x100;
const PARENT_REMOTE: u32 = 0x200;

/// A caller's trace context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// 16 bytes.
    pub trace_id: Vec<u8>,
    /// 8 bytes.
    pub span_id: Vec<u8>,
    /// Whether the caller samples; vLLM sends no span where it does not.
    pub sampled: bool,
    /// `tracestate`.
    pub state: String,
}

impl Parent {
    /// Reads the header `traceparent`; anything malformed is no parent, as in the SDK.
    #[must_use]
    pub fn parse(traceparent: &str, tracestate: &str) -> Option<Self> {
        let mut parts = traceparent.trim().split('-');
        let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
        let flags = u8::from_str_radix(parts.next()?, 16).ok()?;
        let (trace_id, span_id) = (unhex(trace, 16)?, unhex(span, 8)?);
        let zero = |id: &[u8]| id.iter().all(|byte| *byte == 0);
        if version.len() != 2 || version == "ff" || zero(&trace_id) || zero(&span_id) {
            return None;
        }
        Some(Self {
            trace_id,
            span_id,
            sampled: flags & 1 == 1,
            state: tracestate.to_owned(),
        })
    }
}

fn unhex(text: &str, bytes: usize) -> Option<Vec<u8>> {
    if text.len() != 2 * bytes || !text.is_ascii() {
        return None;
    }
    (0..bytes)
        .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok())
        .collect()
}

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes that are not all zero.
pub(crate) fn random_id(rng: &mut impl RngCore, bytes: usize) -> Vec<u8> {
    let mut id = vec![0; bytes];
    rng.fill_bytes(&mut id);
    id[0] |= 1;
    id
}

/// What a server says of itself on its spans.
#[derive(Debug, Clone)]
pub struct Origin {
    /// `service.instance.id`, a UUID a process.
    pub instance: String,
    /// `vllm.process_id` of the API server.
    pub process: u32,
    /// Pairs of `OTEL_RESOURCE_ATTRIBUTES`, and `service.name` of `OTEL_SERVICE_NAME`.
    pub environment: Vec<(String, String)>,
}

impl Origin {
    /// The attributes in the SDK's order; `of_vllm` are those of the process.
    fn resource(&self, instance: &str, of_vllm: Vec<KeyValue>) -> Resource {
        let mut attributes: Vec<KeyValue> = [
            ("telemetry.sdk.language", "python"),
            ("telemetry.sdk.name", "opentelemetry"),
            ("telemetry.sdk.version", "1.45.2"),
            ("service.instance.id", instance),
        ]
        .map(|(key, value)| text(key, value))
        .into();
        attributes.extend(self.environment.iter().map(|(k, v)| text(k, v)));
        attributes.extend(of_vllm);
        if !self
            .environment
            .iter()
            .any(|(key, _)| key == "service.name")
        {
            attributes.push(text("service.name", "unknown_service:python"));
        }
        Resource {
            attributes,
            ..Resource::default()
        }
    }

    /// The export of request spans.
    #[must_use]
    pub fn requests(&self, spans: Vec<Span>) -> ResourceSpans {
        let of_vllm = vec![
            text("vllm.instrumenting_module_name", "vllm.llm_engine"),
            text("vllm.process_id", &self.process.to_string()),
        ];
        ResourceSpans {
            resource: Some(self.resource(&self.instance, of_vllm)),
            scope_spans: vec![ScopeSpans {
                scope: Some(InstrumentationScope {
                    name: REQUEST_SCOPE.to_owned(),
                    ..InstrumentationScope::default()
                }),
                spans,
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }
    }

    /// The spans of a start that ended at `end` (nanoseconds since 1970): one trace, three processes.
    ///
    /// # Panics
    /// Never: the captured lines are part of the program, and a test reads them.
    #[must_use]
    #[expect(clippy::expect_used, reason = "embedded, and read by a test")]
    pub fn start_up(&self, rng: &mut impl RngCore, end: u64) -> Vec<ResourceSpans> {
        let mut found: Vec<ResourceSpans> = CAPTURED
            .lines()
            .filter(|line| !line.contains(&format!("\"{REQUEST_SPAN}\"")))
            .flat_map(|line| {
                serde_json::from_str::<ExportTraceServiceRequest>(line)
                    .expect("captured exports are OTLP/JSON")
                    .resource_spans
            })
            .collect();
        let last = spans_of(&mut found)
            .map(|span| span.end_time_unix_nano)
            .max()
            .unwrap_or(end);
        let trace = random_id(rng, 16);
        // The same change of every id keeps parents and children together.
        let salt = random_id(rng, 8);
        let renamed = |id: &[u8]| id.iter().zip(&salt).map(|(a, b)| a ^ b).collect();
        for span in spans_of(&mut found) {
            span.trace_id.clone_from(&trace);
            span.span_id = renamed(&span.span_id);
            span.parent_span_id = renamed(&span.parent_span_id);
            span.start_time_unix_nano = end - (last - span.start_time_unix_nano);
            span.end_time_unix_nano = end - (last - span.end_time_unix_nano);
        }
        for (index, spans) in found.iter_mut().enumerate() {
            let captured = spans.resource.take().unwrap_or_default();
            let mut of_vllm = captured.attributes;
            of_vllm.retain(|attribute| attribute.key.starts_with("vllm."));
            let api_server = !of_vllm.iter().any(|a| a.key == "vllm.process_kind");
            let offset = if api_server { 0 } else { index as u32 + 1 };
            for attribute in &mut of_vllm {
                if attribute.key == "vllm.process_id" {
                    *attribute = text("vllm.process_id", &(self.process + offset).to_string());
                }
            }
            let own = uuid(rng);
            let instance = if api_server { &self.instance } else { &own };
            spans.resource = Some(self.resource(instance, of_vllm));
        }
        found
    }
}

fn spans_of(found: &mut [ResourceSpans]) -> impl Iterator<Item = &mut Span> {
    found
        .iter_mut()
        .flat_map(|resource| &mut resource.scope_spans)
        .flat_map(|scope| &mut scope.spans)
}

/// A random UUID's text.
pub fn uuid(rng: &mut impl RngCore) -> String {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex(&bytes);
    [
        &text[..8],
        &text[8..12],
        &text[12..16],
        &text[16..20],
        &text[20..],
    ]
    .join("-")
}

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

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.to_owned()))
}

fn double(key: &str, value: f64) -> KeyValue {
    attribute(key, Value::DoubleValue(value))
}

fn int(key: &str, value: u64) -> KeyValue {
    attribute(key, Value::IntValue(value as i64))
}

/// Pairs of `OTEL_RESOURCE_ATTRIBUTES`, percent-decoded as the SDK does, and `OTEL_SERVICE_NAME`.
///
/// A pair without `=` is left out; the SDK warns and goes on.
#[must_use]
pub fn environment(attributes: &str, service_name: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = attributes
        .split(',')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), unquote(value.trim())))
        .collect();
    if !service_name.is_empty() {
        pairs.retain(|(key, _)| key != "service.name");
        pairs.push(("service.name".to_owned(), service_name.to_owned()));
    }
    pairs
}

fn unquote(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let coded = text
            .get(at + 1..at + 3)
            .filter(|_| bytes[at] == b'%')
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(coded.unwrap_or(bytes[at]));
        at += if coded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_attributes_are_percent_decoded_and_the_service_name_wins() {
        let pairs = environment(
            "a=b%2Fc%20d,broken,service.name=x, k8s.pod.name = p%",
            "svc",
        );
        let expected = [
            ("a", "b/c d"),
            ("k8s.pod.name", "p%"),
            ("service.name", "svc"),
        ];
        assert_eq!(pairs, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }

    #[test]
    fn a_traceparent_is_read_or_is_none() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let parent = Parent::parse(good, "vendor=x").unwrap();
        assert_eq!(hex(&parent.span_id), "b7ad6b7169203331");
        assert!(parent.sampled && parent.state == "vendor=x");
        assert!(
            !Parent::parse(&good.replace("-01", "-00"), "")
                .unwrap()
                .sampled
        );
        for bad in [
            "",
            "00-0-0-01",
            &good.replace("b7ad6b7169203331", "0000000000000000"),
            "é",
        ] {
            assert_eq!(Parent::parse(bad, ""), None, "{bad}");
        }
    }
}

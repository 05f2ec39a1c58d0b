//! Who sends: the resource, and a start's spans.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use rand::RngCore;
use vllm_catalog::spans::REQUEST_SPAN;

use super::attributes::text;
use super::{random_id, uuid};

/// The captured stream whose first exports are one start-up.
const CAPTURED: &str = include_str!("../../../../tests/fixtures/vllm/0.33.0/traces.jsonl");

/// Scope of `llm_request`.
const REQUEST_SCOPE: &str = "vllm.tracing.otel";

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

//! Random traces through the real collector with the chart's own configuration: what the host reads
//! out of a span, the module and the processor together, held against the oracle.

#![allow(clippy::expect_used, clippy::panic)] // in helpers, where clippy sees no test

mod situations;

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fastrand::Rng;
use harness::collector::Collector;
use harness::otlp::{self, Message};
use harness::render::{LIMITS_ALONE, Options, Rendered};
use harness::repo;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::trace::v1::{self as otlp_trace, ResourceSpans, ScopeSpans};
use policy_tests::draw;
use policy_tests::oracle::{NOTHING_SAID, verdict};
use serde_json::json;
use vllm_policy::input;
use vllm_policy::trace::{Span, Value};
use vllm_policy::trial::Trial;

const TRACES: usize = 20_000;
const TRACES_IN_AN_EXPORT: usize = 200;
const LIMIT: Duration = Duration::from_secs(60);

fn value(value: &Value) -> Any {
    match value {
        Value::Double(double) => Any::DoubleValue(*double),
        Value::Int(int) => Any::IntValue(*int),
        Value::Text(text) => Any::StringValue(text.clone()),
        Value::Other => Any::BoolValue(true),
    }
}

fn in_scope(id: &[u8], at: usize, span: &Span) -> ScopeSpans {
    let attributes = span.attributes.iter().map(|(key, found)| KeyValue {
        key: key.clone(),
        value: Some(AnyValue {
            value: Some(value(found)),
        }),
        ..KeyValue::default()
    });
    ScopeSpans {
        scope: Some(InstrumentationScope {
            name: span.scope.clone(),
            ..Default::default()
        }),
        spans: vec![otlp_trace::Span {
            trace_id: id.to_vec(),
            span_id: (at as u64 + 1).to_be_bytes().to_vec(),
            name: span.name.clone(),
            start_time_unix_nano: 1,
            end_time_unix_nano: 2,
            attributes: attributes.collect(),
            ..Default::default()
        }],
        ..Default::default()
    }
}

/// The chart with the plugin and a file of kept traces.
fn rendered(more: &[&str]) -> Rendered {
    let set = [
        "metrics.mode=standalone",
        "tracing.policy.engine=wasm",
        "tracing.collector.image.repository=otelcol-vllm",
        "tracing.exporters.debug.enabled=false",
        "tracing.exporters.file.enabled=true",
        "tracing.sampling.decisionWait=1s",
    ];
    Rendered::new(&Options {
        set: set
            .iter()
            .chain(more)
            .map(|set| (*set).to_owned())
            .collect(),
        ..Options::default()
    })
    .expect("the chart renders")
}

fn start(dir: &Path, rendered: &Rendered) -> Collector {
    let [metrics] = repo::free_ports::<1>().expect("a port");
    Collector::start(dir, rendered, &json!({}), (Ipv4Addr::LOCALHOST, metrics))
        .expect("the collector starts")
}

fn kept(mut collector: Collector) -> BTreeSet<String> {
    let exports = collector.stop().expect("what was kept");
    exports
        .iter()
        .flat_map(otlp::spans)
        .map(|(_, _, span)| span["traceId"].as_str().unwrap_or_default().to_lowercase())
        .collect()
}

/// Everything whose outcome does not depend on the clock: recorded spans come all at once here.
#[test]
fn of_every_captured_stream_the_collector_keeps_what_vllm_policy_try_says() {
    let rendered = rendered(&[
        "thresholds.e2eLatency.keepTrace=2s",
        "thresholds.timeToFirstToken.keepTrace=1s",
        "tracing.policy.slowest.enabled=false",
        "tracing.policy.budget.enabled=false",
        "tracing.policy.baseline.share=20%",
        "tracing.policy.baseline.perModelPerHour=0",
        "models[0].name=unknown_service",
        "models[0].thresholds.timeToFirstToken.keepTrace=200ms",
    ]);
    let settings = rendered.config_maps_with("settings.json")[0].1;
    let mut trial = Trial::new(settings.as_bytes(), None, 1).expect("settings");
    let dir = tempfile::tempdir().expect("a folder");
    let collector = start(dir.path(), &rendered);
    let mut sender = otlp::Sender::connect(collector.otlp).expect("a receiver");
    for capture in captures::traced().expect("the recordings") {
        let file = capture.path("traces.jsonl");
        for export in otlp::read_lines(&file).expect("a capture") {
            let spans = input::spans(&export).expect("spans");
            trial.take(spans).expect("decisions");
            sender.send(&export).expect("taken");
        }
    }
    let outcome = trial.outcome();
    let expected: BTreeSet<String> = outcome.kept.iter().cloned().collect();
    assert!(outcome.by_reason.len() >= 3, "{:?}", outcome.by_reason);
    let found = kept(collector);
    let differences: Vec<&String> = found.symmetric_difference(&expected).take(10).collect();
    assert!(
        differences.is_empty(),
        "{} kept, {} expected, among them {differences:?}",
        found.len(),
        expected.len()
    );
    assert!(expected.len() > 100 && (expected.len() as u64) < outcome.traces / 2);
}

#[test]
fn both_engines_keep_exactly_the_random_traces_that_the_oracle_keeps() {
    let mut rng = Rng::with_seed(7);
    let (mut messages, mut expected) = (Vec::new(), BTreeSet::new());
    // A trace without spans never comes to a collector.
    let mut traces = std::iter::repeat_with(|| draw::trace(&mut rng, &NOTHING_SAID))
        .filter(|trace| !trace.is_empty())
        .take(TRACES)
        .enumerate()
        .peekable();
    while traces.peek().is_some() {
        let mut message = Message::default();
        for (n, trace) in traces.by_ref().take(TRACES_IN_AN_EXPORT) {
            let id = (n as u128 + 1).to_be_bytes();
            if verdict(&trace, &NOTHING_SAID).is_some() {
                expected.insert(format!("{:032x}", n + 1));
            }
            let spans = trace.iter().enumerate();
            message.resource_spans.push(ResourceSpans {
                scope_spans: spans.map(|(at, span)| in_scope(&id, at, span)).collect(),
                ..Default::default()
            });
        }
        messages.push(message);
    }

    assert!(
        expected.len() > TRACES / 5 && expected.len() < TRACES * 4 / 5,
        "{}",
        expected.len()
    );

    for engine in ["wasm", "ottl"] {
        let dir = tempfile::tempdir().expect("a folder");
        let engine = format!("tracing.policy.engine={engine}");
        let values = [&LIMITS_ALONE[..], &[&engine]].concat();
        let collector = start(dir.path(), &rendered(&values));
        let mut sender = otlp::Sender::connect(collector.otlp).expect("a receiver");
        for message in &messages {
            sender.send_message(message.clone()).expect("taken");
        }
        // Ending, it decides on all that it has taken.
        let kept = kept(collector);
        let differences: Vec<&String> = kept.symmetric_difference(&expected).take(10).collect();
        assert!(
            differences.is_empty(),
            "{engine}: {} kept, {} expected, among them {differences:?}",
            kept.len(),
            expected.len()
        );
    }
}

/// A request of vLLM with these times, ended now, by another trace each.
fn request(rng: &mut Rng, model: &str, queue: f64, first_token: f64) -> serde_json::Value {
    request_of(rng, model, [queue, first_token, 1.0], 100)
}

/// The same with seconds in the queue, to the first token and from there to the end, and tokens of the prompt.
fn request_of(
    rng: &mut Rng,
    model: &str,
    [queue, first_token, decode]: [f64; 3],
    prompt: u32,
) -> serde_json::Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let end = now.expect("a clock after 1970").as_nanos();
    let seconds = |key: &str, value: f64| json!({"key": format!("gen_ai.latency.{key}"), "value": {"doubleValue": value}});
    let tokens = |key: &str, count: u32| json!({"key": format!("gen_ai.usage.{key}_tokens"), "value": {"intValue": count.to_string()}});
    let span = json!({
        "traceId": format!("{:032x}", rng.u128(1..)),
        "spanId": format!("{:016x}", rng.u64(1..)),
        "name": "llm_request",
        "kind": 2,
        "startTimeUnixNano": end.to_string(),
        "endTimeUnixNano": end.to_string(),
        "attributes": [
            seconds("e2e", first_token + decode),
            seconds("time_to_first_token", first_token),
            seconds("time_in_queue", queue),
            seconds("time_in_model_prefill", first_token - queue),
            seconds("time_in_model_decode", decode),
            tokens("prompt", prompt),
            tokens("completion", 50),
        ],
    });
    let resource =
        json!({"attributes": [{"key": "service.name", "value": {"stringValue": model}}]});
    otlp::request(&resource, &json!({"name": "vllm.tracing.otel"}), &span)
}

fn stamp(span: &serde_json::Value, key: &str) -> String {
    let key = format!("vllm.sampling.{key}");
    let attributes = span["attributes"].as_array().into_iter().flatten();
    let found = attributes.into_iter().find(|a| a["key"] == *key);
    let value = found.map(|a| a["value"]["stringValue"].as_str().unwrap_or_default());
    value.unwrap_or_default().to_owned()
}

/// Times that are none, and more names of models than it learns: no fault, and decisions go on.
#[test]
fn garbage_and_two_thousand_names_of_models_fault_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    // Else the garbage that says it is slow takes the budget.
    let rendered = rendered(&["tracing.policy.budget.enabled=false"]);
    let mut collector = start(dir.path(), &rendered);
    let mut sender = otlp::Sender::connect(collector.otlp).expect("a receiver");
    let mut rng = Rng::with_seed(10);
    let odd = [0.0, -0.0, -5e5, 5e5, 1e300, f64::MIN_POSITIVE];
    let mut message = Message::default();
    for n in 0..2000 {
        let (queue, first) = (odd[n % odd.len()], odd[n / odd.len() % odd.len()]);
        let export = request(&mut rng, &format!("model-{n}"), queue, first);
        let mut one = otlp::to_message(&export).expect("a message");
        if n % 7 == 0 {
            let span = &mut one.resource_spans[0].scope_spans[0].spans[0];
            for (attribute, odd) in span
                .attributes
                .iter_mut()
                .zip([f64::NAN, f64::INFINITY].iter().cycle())
            {
                attribute.value = Some(AnyValue {
                    value: Some(Any::DoubleValue(*odd)),
                });
            }
        }
        message.resource_spans.append(&mut one.resource_spans);
    }
    sender.send_message(message).expect("taken");
    let slow = request(&mut rng, "sound", 20.0, 30.0);
    let (.., sound) = otlp::spans(&slow).next().expect("a span");
    sender.send(&slow).expect("taken");
    let samples = collector.own_metrics().expect("metrics");
    let faults = samples
        .iter()
        .filter(|s| s.name == "otelcol_wasm_sampling_policy_faults");
    assert_eq!(faults.map(|s| s.value).sum::<f64>(), 0.0);
    let exports = collector.stop().expect("what was kept");
    let found = exports
        .iter()
        .flat_map(otlp::spans)
        .find(|(.., span)| span["traceId"] == sound["traceId"]);
    let (.., found) = found.expect("the slow request is kept");
    assert_eq!(stamp(found, "reason"), "time_to_first_token");
    assert_eq!(stamp(found, "cause"), "queue");
}

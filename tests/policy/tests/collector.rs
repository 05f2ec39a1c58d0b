//! Random traces through the real collector with the chart's own configuration: what the host reads
//! out of a span, the module and the processor together, held against the oracle.

#![allow(clippy::expect_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

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
fn the_collector_keeps_exactly_the_random_traces_that_the_oracle_keeps() {
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

    let dir = tempfile::tempdir().expect("a folder");
    let mut collector = start(dir.path(), &rendered(&LIMITS_ALONE));
    let mut sender = otlp::Sender::connect(collector.otlp).expect("a receiver");
    for message in messages {
        sender.send_message(message).expect("taken");
    }
    let url = collector.metrics_url();
    collector
        .child
        .wait_until("done deciding", LIMIT, || {
            let samples = harness::http::parse_metrics(&harness::http::get(&url)?)?;
            let decisions = samples.iter().filter(|sample| {
                sample
                    .name
                    .starts_with("otelcol_wasm_sampling_policy_decisions")
            });
            Ok(decisions.map(|sample| sample.value).sum::<f64>() >= TRACES as f64)
        })
        .expect("decisions");

    let kept = kept(collector);
    let differences: Vec<&String> = kept.symmetric_difference(&expected).take(10).collect();
    assert!(
        differences.is_empty(),
        "{} kept, {} expected, among them {differences:?}",
        kept.len(),
        expected.len()
    );
    assert!(
        expected.len() > TRACES / 5 && expected.len() < TRACES * 4 / 5,
        "{}",
        expected.len()
    );
}

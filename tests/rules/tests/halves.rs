//! A model that is served in halves, prefill pods and decode pods, in the shapes in which they are deployed:
//! a request passes through both and is counted once.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use rules_tests::{promtool, rules};
use serde_yaml::{Mapping, Value};

/// Pods of one model in a namespace of its own.
struct Shape {
    namespace: &'static str,
    /// Entry, name, and tokens of an answer; each ends 10 requests a second.
    pods: &'static [(&'static str, &'static str, u32)],
    /// Whether KV blocks are fetched from other pods.
    fetches: bool,
    /// Requests a second that users send.
    requests: f64,
}

const SHAPES: [Shape; 12] = [
    Shape {
        namespace: "llm-d",
        pods: &[
            ("any", "ms-pd-llm-d-modelservice-prefill-6d5c8f7b9-x2x4z", 1),
            (
                "any",
                "ms-pd-llm-d-modelservice-decode-58c9d8f6c4-k7w2p",
                200,
            ),
        ],
        fetches: true,
        requests: 10.0,
    },
    Shape {
        namespace: "dynamo",
        pods: &[
            ("any", "vllm-disagg-0-vllmprefillworker-7c9d6b5f4-r8m2k", 1),
            ("any", "vllm-disagg-0-vllmdecodeworker-66f7c9d8b-q4t7n", 200),
        ],
        fetches: false,
        requests: 10.0,
    },
    Shape {
        namespace: "kserve",
        pods: &[
            ("any", "qwen-kserve-prefill-5f6d7c8b9-m4n5p", 1),
            ("any", "qwen-kserve-7b8c9d6f5-w2x3y", 200),
        ],
        fetches: false,
        requests: 10.0,
    },
    Shape {
        namespace: "groups-of-pods",
        pods: &[
            ("any", "vllm-prefill-0-1", 1),
            ("any", "vllm-decode-0-1", 200),
        ],
        fetches: false,
        requests: 10.0,
    },
    Shape {
        namespace: "two-and-one",
        pods: &[
            ("any", "prefill-0", 1),
            ("any", "prefill-1", 1),
            ("any", "decode-0", 200),
        ],
        fetches: true,
        requests: 10.0,
    },
    Shape {
        namespace: "entries",
        pods: &[("prefill", "prefill-0", 1), ("decode", "decode-0", 200)],
        fetches: false,
        requests: 10.0,
    },
    // Names that say nothing: told by what the pods do.
    Shape {
        namespace: "unnamed",
        pods: &[
            ("any", "kv-producer-6d5c8f7b9-x2x4z", 1),
            ("any", "kv-consumer-58c9d8f6c4-k7w2p", 200),
        ],
        fetches: true,
        requests: 10.0,
    },
    // Nothing is known of their tokens: the name tells.
    Shape {
        namespace: "tokens-unknown",
        pods: &[("any", "prefill-0", 0), ("any", "decode-0", 0)],
        fetches: false,
        requests: 10.0,
    },
    // No halves: whole answers, whatever the pods are called.
    Shape {
        namespace: "whole",
        pods: &[
            ("any", "chunked-prefill-canary-7d9f8c6b5-a1b2c", 200),
            ("any", "stable-6c5b4d3f2-d4e5f", 200),
        ],
        fetches: false,
        requests: 20.0,
    },
    Shape {
        namespace: "all-alike",
        pods: &[
            ("any", "no-prefill-cache-0", 1),
            ("any", "no-prefill-cache-1", 1),
        ],
        fetches: false,
        requests: 20.0,
    },
    // One pod gets the requests that are answered by yes or no.
    Shape {
        namespace: "yes-or-no",
        pods: &[("any", "classify-0", 1), ("any", "chat-0", 200)],
        fetches: false,
        requests: 20.0,
    },
    // Blocks come from a shared cache.
    Shape {
        namespace: "shared-cache",
        pods: &[("any", "chat-0", 150), ("any", "chat-1", 200)],
        fetches: true,
        requests: 20.0,
    },
];

fn input(shape: &Shape) -> Vec<(String, String)> {
    let mut series = Vec::new();
    for (entry, pod, tokens) in shape.pods {
        let labels = format!(
            r#"vllm_monitoring="monitoring/vllm-monitoring", model="{entry}", namespace="{}", pod="{pod}", model_name="q", engine="0""#,
            shape.namespace
        );
        // Two prefill pods share what one decode pod ends.
        let prefill = shape.pods.iter().filter(|(.., n)| *n == 1).count();
        let share = if *tokens == 1 && prefill == 2 && shape.requests < 20.0 {
            300
        } else {
            600
        };
        series.push((
            format!(r#"vllm:request_success_total{{{labels}, finished_reason="length"}}"#),
            format!("0+{share}x60"),
        ));
        if *tokens > 0 {
            series.push((
                format!("vllm:generation_tokens_total{{{labels}}}"),
                format!("0+{}x60", share * tokens),
            ));
        }
        if shape.fetches {
            let hits = if *tokens == 1 { 0 } else { 5000 };
            series.push((
                format!("vllm:external_prefix_cache_hits_total{{{labels}}}"),
                format!("0+{hits}x60"),
            ));
        }
    }
    series
}

#[test]
fn a_request_that_passes_through_two_pods_is_counted_once_and_whole_answers_each() {
    let mut rules = rules("vllm-monitoring", &[], &[]).unwrap();
    let groups = rules["groups"].as_sequence_mut().unwrap();
    groups.retain(|group| group["name"].as_str().unwrap().ends_with("/load"));
    let pair = |key: &str, value: Value| (Value::from(key), value);
    let series = SHAPES.iter().flat_map(input).map(|(name, values)| {
        Value::Mapping(Mapping::from_iter([
            pair("series", name.into()),
            pair("values", values.into()),
        ]))
    });
    let queries = SHAPES.iter().map(|shape| {
        let expr = format!(
            r#"sum(model:vllm_request_success:rate{{namespace="{}"}})"#,
            shape.namespace
        );
        let sample = format!("[{{labels: '{{}}', value: {}}}]", shape.requests);
        Value::Mapping(Mapping::from_iter([
            pair("expr", expr.into()),
            pair("eval_time", "40m".into()),
            pair("exp_samples", serde_yaml::from_str(&sample).unwrap()),
        ]))
    });
    let test = Mapping::from_iter([
        pair("interval", "1m".into()),
        pair("input_series", Value::Sequence(series.collect())),
        pair("promql_expr_test", Value::Sequence(queries.collect())),
    ]);
    let suite = Mapping::from_iter([
        pair("rule_files", vec![Value::from("rules.yaml")].into()),
        pair("evaluation_interval", "1m".into()),
        pair("tests", vec![Value::Mapping(test)].into()),
    ]);
    let dir = tempfile::tempdir().unwrap();
    let suite = serde_yaml::to_string(&suite).unwrap();
    let said = promtool::test(dir.path(), &[("rules.yaml", &rules)], &suite).unwrap();
    assert_eq!(said, None);
}

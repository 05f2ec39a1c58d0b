//! Senders who mean harm, or do not know better: what one of them can cost the real collector with what
//! the chart renders. Memory is what the kernel counted at its peak.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::fs;
use std::time::Instant;

use collector_tests::{
    await_decisions, caller, ids, metric, planted, render, send, slow, slow_spans, start,
};
use harness::collector::Collector;
use harness::otlp::{self, Sender};
use serde_json::{Value, json};

/// The limiter as in a pod with the chart's limit of 2 GiB: on this machine there is no such limit.
fn two_gib() -> Value {
    json!({"processors": {"memory_limiter": {
        "limit_mib": 1638, "spike_limit_mib": 409, "limit_percentage": 0, "spike_limit_percentage": 0,
    }}})
}

/// The most memory it had so far, in MiB.
fn peak(collector: &Collector) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", collector.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.unwrap().trim().trim_end_matches(" kB");
    kib.parse::<u64>().unwrap() / 1024
}

/// A field with bytes, in protobuf's encoding.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length > 127 {
        out.push((length & 127 | 128) as u8);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(bytes);
    out
}

/// One request with so many empty spans: 2 bytes each.
fn wide(spans: usize) -> Vec<u8> {
    field(1, &field(2, &[0x12, 0].repeat(spans)))
}

/// One request with an attribute that is a list in a list in a list, up to so many bytes.
fn deep(bytes: usize) -> Vec<u8> {
    // From the inside: each level is written before what it contains, so headers are built in reverse.
    let mut reversed: Vec<u8> = Vec::new();
    while reversed.len() < bytes {
        for tag in [1 << 3 | 2, 5 << 3 | 2] {
            let mut head = field(0, &[]);
            head[0] = tag;
            let length = reversed.len();
            head.pop();
            let mut rest = length;
            while rest > 127 {
                head.push((rest & 127 | 128) as u8);
                rest >>= 7;
            }
            head.push(rest as u8);
            head.reverse();
            reversed.extend(head);
        }
    }
    reversed.reverse();
    let key_value = [field(1, b"k"), field(2, &reversed)].concat();
    field(1, &field(2, &field(2, &field(9, &key_value))))
}

/// CPU time that it has used, in ticks of the kernel.
fn cpu(collector: &Collector) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", collector.child.id())).unwrap();
    let (_, after_the_name) = stat.rsplit_once(") ").unwrap();
    let fields: Vec<&str> = after_the_name.split(' ').collect();
    let user_and_system = fields[11..13].iter();
    user_and_system
        .map(|ticks| ticks.parse::<u64>().unwrap())
        .sum()
}

/// What the collector still does after all of it.
fn keeps_slow_requests(mut collector: Collector) {
    let exports = planted(81, 100);
    send(&collector, &exports);
    collector.child.check().unwrap();
    let kept = ids(&collector.stop().unwrap());
    assert!(slow(&exports).is_subset(&kept));
}

/// With this project's image a request is refused before it is decoded.
#[test]
fn a_request_that_decodes_to_far_more_than_its_bytes_is_refused_before_it_is_decoded() {
    let dir = tempfile::tempdir().unwrap();
    let collector = start(dir.path(), &render("1s", &[]), &two_gib());
    let requests = [
        wide(5_000_000),
        wide(500_000),
        deep(1_000_000),
        deep(20_000_000),
    ];
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                let mut sender = Sender::connect(collector.otlp).unwrap();
                for request in &requests {
                    sender.send_bytes(request).unwrap().unwrap_err();
                }
            });
        }
    });
    let refused = "otelcol_otlp_guard_refused_requests";
    for reason in ["spans", "depth"] {
        let labels = [("protocol", "grpc"), ("reason", reason)];
        let count = metric(&collector, refused, &labels);
        assert_eq!(count, 20.0, "{reason}");
    }
    // Over HTTP, of which no metric of the server's counts them.
    let url = format!("http://127.0.0.1:{}/v1/traces", collector.otlp_http);
    let post = |form: &str, body: &[u8]| {
        let answer = ureq::post(&url).header("content-type", form);
        match answer.send(body) {
            Err(ureq::Error::StatusCode(status)) => status,
            other => panic!("{other:?}"),
        }
    };
    let json = |span: &str, times: usize| {
        let spans = vec![span; times].join(",");
        format!("{{\"resourceSpans\":[{{\"scopeSpans\":[{{\"spans\":[{spans}]}}]}}]}}").into_bytes()
    };
    let (protobuf, text) = ("application/x-protobuf", "application/json");
    let over_http = [
        (protobuf, wide(20_000), 400, "spans", 1.0),
        (text, json("{}", 10_001), 400, "spans", 2.0),
        // The decoder makes an empty span of each.
        (text, json("null", 10_001), 400, "spans", 3.0),
        (protobuf, deep(10_000), 400, "depth", 1.0),
        (protobuf, vec![0xff; 100], 400, "malformed", 1.0),
        // As much as over gRPC.
        (protobuf, wide(600_000), 413, "bytes", 1.0),
    ];
    for (form, body, status, reason, times) in over_http {
        assert_eq!(post(form, &body), status, "{reason}");
        let labels = [("protocol", "http"), ("reason", reason)];
        assert_eq!(metric(&collector, refused, &labels), times, "{reason}");
    }
    let counted = "http_server_request_duration_count";
    assert_eq!(
        metric(&collector, counted, &[("http_route", "/v1/traces")]),
        0.0
    );
    // What is within the bounds costs what it is worth.
    let mut sender = Sender::connect(collector.otlp).unwrap();
    sender.send_bytes(&wide(10_000)).unwrap().unwrap();
    let peak = peak(&collector);
    assert!(peak < 300, "{peak} MiB");
    keeps_slow_requests(collector);
}

/// The stock image has the bound on bytes alone, and the limiter that looks every 100 ms.
#[test]
fn without_the_guard_a_request_is_bounded_by_its_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let ottl = "tracing.policy.engine=ottl".to_owned();
    let collector = start(dir.path(), &render("1s", &[ottl]), &two_gib());
    let mut sender = Sender::connect(collector.otlp).unwrap();
    for request in [wide(5_000_000), deep(20_000_000)] {
        sender.send_bytes(&request).unwrap().unwrap_err();
    }
    for request in [deep(1_000_000), wide(500_000)] {
        sender.send_bytes(&request).unwrap().unwrap();
    }
    let peak = peak(&collector);
    assert!(peak < 700, "{peak} MiB");
    keeps_slow_requests(collector);
}

/// Ids cost a sender nothing; what is slow is decided on when it arrives.
#[test]
fn a_storm_of_trace_ids_evicts_no_slow_request() {
    let dir = tempfile::tempdir().unwrap();
    let mut collector = start(dir.path(), &render("15s", &[]), &two_gib());
    let exports = planted(82, 500);
    std::thread::scope(|scope| {
        for thread in 0..3_u8 {
            let port = collector.otlp;
            scope.spawn(move || {
                let mut sender = Sender::connect(port).unwrap();
                for batch in 0..25_u16 {
                    let spans = (0..2000_u16).map(|span| {
                        let mut id = [thread + 1; 16];
                        id[2..4].copy_from_slice(&batch.to_be_bytes());
                        id[4..6].copy_from_slice(&span.to_be_bytes());
                        let span = [field(1, &id), field(2, &id[..8]), field(5, b"x")];
                        field(2, &span.concat())
                    });
                    let spans: Vec<u8> = spans.flatten().collect();
                    let request = field(1, &field(2, &spans));
                    sender.send_bytes(&request).unwrap().unwrap();
                }
            });
        }
        send(&collector, &exports);
    });
    await_decisions(&mut collector, exports.len());
    let ids = ids(&collector.stop().unwrap());
    assert!(slow(&exports).is_subset(&ids));
}

/// So many slow requests, each a trace, in exports of a hundred; with more attributes.
fn forged(requests: u128, more: &[Value]) -> Vec<Value> {
    let slow_one = slow_spans(1).remove(0);
    let (resource, scope, span) = otlp::spans(&slow_one).next().unwrap();
    let mut span = span.clone();
    span["attributes"]
        .as_array_mut()
        .unwrap()
        .extend_from_slice(more);
    let ids: Vec<u128> = (1..=requests).collect();
    ids.chunks(100)
        .map(|ids| {
            let spans = ids.iter().map(|n| {
                let mut span = span.clone();
                span["traceId"] = json!(format!("{:032x}", n * 0x9e37_79b9_7f4a_7c15));
                span
            });
            let scopes = json!([{"scope": scope, "spans": spans.collect::<Vec<_>>()}]);
            json!({"resourceSpans": [{"resource": resource, "scopeSpans": scopes}]})
        })
        .collect()
}

/// Whoever may send can say that a request was slow, and that it is of `helm test`: how many are kept is
/// bounded all the same, in both modes.
#[test]
fn forged_slow_requests_are_kept_within_the_budget() {
    let marked = json!({"key": "vllm_monitoring.synthetic", "value": {"boolValue": true}});
    std::thread::scope(|threads| {
        for (engine, mode, marker) in [
            ("wasm", "immediate", None),
            ("wasm", "immediate", Some(&marked)),
            ("wasm", "whole", None),
            ("ottl", "immediate", None),
            ("ottl", "immediate", Some(&marked)),
            ("ottl", "whole", None),
        ] {
            threads.spawn(move || {
                let dir = tempfile::tempdir().unwrap();
                let budget = ["enabled=true", "tracesPerMinute=60", "spansPerSecond=100"];
                let mut values = budget
                    .map(|value| format!("tracing.policy.budget.{value}"))
                    .to_vec();
                values.push(format!("tracing.policy.engine={engine}"));
                values.push(format!("tracing.sampling.mode={mode}"));
                let mut collector = start(dir.path(), &render("1s", &values), &two_gib());
                let exports = forged(4000, marker.map_or(&[], std::slice::from_ref));
                let started = Instant::now();
                send(&collector, &exports);
                let new = "otelcol_processor_tail_sampling_new_trace_id_received";
                collector_tests::await_metric(&mut collector, new, &[], 4000.0);
                let kept = ids(&collector.stop().unwrap()).len() as f64;
                // Each begun second, of the first and the last a part.
                let seconds = started.elapsed().as_secs_f64() + 2.0;
                let test = if marker.is_some() {
                    20.0 * seconds
                } else {
                    0.0
                };
                let most = match engine {
                    "ottl" => 100.0 * seconds,
                    // What the time brings, what had come together before it, and as much again for
                    // what a budget of several shards may round up.
                    _ => 2.0 * 60.0 * (seconds / 60.0 + 1.0),
                };
                assert!(
                    kept > 0.0 && kept <= most + test && kept < 2000.0,
                    "{engine} {mode} {marker:?}: {kept} of 4000, at most {most} + {test}"
                );
            });
        }
    });
}

/// The bound of the engine ottl is by spans, and a trace is kept or not as a whole.
#[test]
fn a_trace_with_more_buffered_spans_than_the_bound_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let values = [
        "tracing.policy.engine=ottl",
        "tracing.policy.budget.enabled=true",
        "tracing.policy.budget.spansPerSecond=100",
    ];
    let rendered = render("10s", &values.map(str::to_owned));
    let mut collector = start(dir.path(), &rendered, &json!({}));
    let requests = slow_spans(2);
    let (resource, scope, _) = otlp::spans(&requests[0]).next().unwrap();
    for (n, before) in [(0, 99), (1, 100)] {
        let request = otlp::spans(&requests[0]).nth(n).unwrap().2;
        let request = otlp::request(resource, scope, request);
        let callers: Vec<Value> = (0..before).map(|_| caller(&request)).collect();
        send(&collector, &callers);
        send(&collector, &[request]);
    }
    let kept = collector.stop().unwrap();
    let (_, _, first) = otlp::spans(&requests[0]).next().unwrap();
    let all: Vec<&Value> = kept.iter().flat_map(otlp::spans).map(|s| s.2).collect();
    assert_eq!(all.len(), 100);
    assert!(all.iter().all(|s| s["traceId"] == first["traceId"]));
}

/// k8s_attributes leaves alone what is there. It asks a cluster, so that here the pipeline goes without.
#[test]
fn a_sender_cannot_say_which_pod_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let values = ["enabled=true", "modelLabel=model"];
    let values = values.map(|value| format!("tracing.k8sAttributes.{value}"));
    let rendered = render("1s", &values);
    let text = rendered.collector().unwrap().unwrap();
    let config: Value = serde_yaml::from_str(&text).unwrap();
    let mut extra = two_gib();
    let mut with_place = 0;
    for (name, pipeline) in config["service"]["pipelines"].as_object().unwrap() {
        let mut processors = pipeline["processors"].clone();
        let Some(all) = processors.as_array_mut() else {
            continue;
        };
        if let Some(place) = all.iter().position(|name| name == "k8s_attributes") {
            assert_eq!(all[place - 1], "transform/sender", "{name}");
            all.remove(place);
            extra["service"]["pipelines"][name]["processors"] = processors;
            with_place += 1;
        }
    }
    assert!(with_place > 0, "{config}");
    let mut collector = start(dir.path(), &rendered, &extra);

    let said = [
        ("k8s.pod.name", false),
        ("k8s.pod.uid", false),
        ("k8s.namespace.name", false),
        ("k8s.node.name", false),
        ("k8s.deployment.name", false),
        ("gen_ai.response.model", false),
        ("k8s.cluster.name", true),
        ("service.name", true),
    ];
    let attributes = said.map(|(key, _)| json!({"key": key, "value": {"stringValue": "forged"}}));
    let forged: Vec<Value> = planted(83, 50)
        .iter()
        .map(|export| {
            let (_, scope, span) = otlp::spans(export).next().unwrap();
            otlp::request(&json!({"attributes": attributes}), scope, span)
        })
        .collect();
    send(&collector, &forged);
    let kept = collector.stop().unwrap();
    assert_eq!(ids(&kept), slow(&forged));
    for (resource, _, _) in kept.iter().flat_map(otlp::spans) {
        let attributes = resource["attributes"].as_array().unwrap();
        for (key, stays) in said {
            let found = attributes.iter().any(|attribute| attribute["key"] == key);
            assert!(stays || !found, "{key}: {resource}");
        }
    }
}

/// What a sender says of why its spans are kept, in each place and shape that could look like it.
fn with_forged_reasons(export: &Value) -> Value {
    let forged = json!([
        {"key": "vllm.sampling.reason", "value": {"stringValue": "forged"}},
        {"key": "vllm.sampling.late", "value": {"boolValue": true}},
        {"key": "vllm.sampling.other", "value": {"stringValue": "forged"}},
        // Redaction flattens these.
        {"key": "vllm.sampling", "value": {"kvlistValue": {"values": [
            {"key": "reason", "value": {"stringValue": "forged"}},
        ]}}},
        {"key": "vllm", "value": {"kvlistValue": {"values": [
            {"key": "sampling.cause", "value": {"stringValue": "forged"}},
        ]}}},
    ]);
    let add = |attributes: &mut Value| {
        let mut all = attributes.as_array().cloned().unwrap_or_default();
        all.extend(forged.as_array().unwrap().clone());
        *attributes = json!(all);
    };
    let mut export = export.clone();
    for group in export["resourceSpans"].as_array_mut().unwrap() {
        add(&mut group["resource"]["attributes"]);
        for scope in group["scopeSpans"].as_array_mut().unwrap() {
            add(&mut scope["scope"]["attributes"]);
            for span in scope["spans"].as_array_mut().unwrap() {
                add(&mut span["attributes"]);
                span["events"] =
                    json!([{"name": "retry", "timeUnixNano": "1", "attributes": forged}]);
            }
        }
    }
    export
}

/// Nor on spans that policies are not shown: those that wait before the slow request, those that follow
/// it, and all of them with the engine ottl. Of a kept trace one span says why, the first slow request's.
#[test]
fn no_reason_leaves_but_the_one_that_the_policy_gave() {
    let slow_one = &slow_spans(1)[0];
    let (resource, scope, span) = otlp::spans(slow_one).next().unwrap();
    let mut second = span.clone();
    second["spanId"] = json!("00000000000000bb");
    let late = otlp::request(resource, scope, &second);
    let exports = [&caller(slow_one), slow_one, &late, &caller(slow_one)];
    let exports = exports.map(with_forged_reasons);
    std::thread::scope(|threads| {
        for (engine, redacts) in [
            ("wasm", true),
            ("wasm", false),
            ("ottl", true),
            ("ottl", false),
        ] {
            let exports = &exports;
            threads.spawn(move || {
                let dir = tempfile::tempdir().unwrap();
                let values = [
                    format!("tracing.policy.engine={engine}"),
                    format!("tracing.redaction.enabled={redacts}"),
                ];
                let mut collector = start(dir.path(), &render("15s", &values), &json!({}));
                send(&collector, exports);
                let kept = collector.stop().unwrap();
                let which = format!("{engine}, redaction {redacts}");
                let text = serde_json::to_string(&kept).unwrap();
                assert!(!text.contains("forged"), "{which}: {text}");
                let spans: Vec<&Value> = kept.iter().flat_map(otlp::spans).map(|s| s.2).collect();
                assert_eq!(spans.len(), exports.len(), "{which}");
                let reasons: Vec<&Value> = spans
                    .iter()
                    .filter(|span| span.to_string().contains("vllm.sampling."))
                    .map(|span| &span["spanId"])
                    .collect();
                let (_, _, first) = otlp::spans(slow_one).next().unwrap();
                let expected = if engine == "wasm" {
                    vec![&first["spanId"]]
                } else {
                    vec![]
                };
                assert_eq!(reasons, expected, "{which}");
                assert_eq!(
                    text.matches("vllm.sampling.reason").count(),
                    expected.len(),
                    "{which}"
                );
            });
        }
    });
}

/// A number that JSON has, until it is sent.
const IN_PLACE_OF_NAN: &[u8; 8] = b"anumber?";

/// Attributes with so many values, in each shape that a value can have.
fn with_many_values(many: usize) -> [Vec<Value>; 8] {
    let list = |values: Vec<Value>| json!({"arrayValue": {"values": values}});
    let listed = |value: Value| vec![json!({"key": "service.namespace", "value": value})];
    let one = json!({"intValue": "1"});
    let pair = |n: usize| json!({"key": format!("c{n}"), "value": one});
    let pairs: Vec<Value> = (0..many).map(pair).collect();
    let no_json = vec![json!({"doubleValue": f64::from_le_bytes(*IN_PLACE_OF_NAN)}); many];
    let rows = vec![list(vec![one.clone(); 100]); many / 100];
    // As deep as the collector's guard lets pass.
    let levels = (0..25).fold(list(vec![one.clone(); many]), |inner, _| list(vec![inner]));
    let vector = json!({"key": "embedding.vector", "value": list(vec![one.clone(); many])});
    [
        listed(list(vec![one.clone(); many])),
        listed(list(no_json)),
        listed(list(vec![list(vec![]); many])),
        listed(list(rows)),
        listed(levels),
        listed(json!({"kvlistValue": {"values": pairs}})),
        vec![vector],
        pairs,
    ]
}

/// The requests as bytes, with the numbers that JSON has not.
fn bytes(exports: &[Value]) -> Vec<Vec<u8>> {
    let mark = std::str::from_utf8(IN_PLACE_OF_NAN).unwrap();
    let bytes = |export| otlp::to_bytes(export, mark, &f64::NAN.to_le_bytes()).unwrap();
    exports.iter().map(bytes).collect()
}

/// Flattening takes the square of the number of values: 80,000 of them took 11 s.
#[test]
fn redaction_of_many_values_takes_no_longer_than_plain_spans() {
    let slow_ones = slow_spans(9);
    let mut slow_ones = slow_ones.iter().flat_map(otlp::spans);
    let (resource, scope, span) = slow_ones.next().unwrap();
    let first = bytes(&[otlp::request(resource, scope, span)]);
    let plain = bytes(&forged(500, &[]));
    let places = ["resource", "scope", "span", "event"].into_iter().cycle();
    let shapes = with_many_values(20_000).into_iter().zip(places);
    let many = shapes.map(|(attributes, place)| {
        let (resource, scope, span) = slow_ones.next().unwrap();
        let mut parts = [resource.clone(), scope.clone(), span.clone()];
        parts[2]["events"] = json!([{"name": "retry", "attributes": []}]);
        let of = match place {
            "resource" => &mut parts[0],
            "scope" => &mut parts[1],
            "span" => &mut parts[2],
            _ => &mut parts[2]["events"][0],
        };
        let mut all = of["attributes"].as_array().cloned().unwrap_or_default();
        all.extend(attributes);
        of["attributes"] = json!(all);
        otlp::request(&parts[0], &parts[1], &parts[2])
    });
    let many = bytes(&many.collect::<Vec<_>>());

    let allow = "tracing.redaction.allow={c[0-9]+,metadata[.]team}";
    std::thread::scope(|threads| {
        for (engine, value) in [
            ("ottl", "tracing.redaction.mode=allow"),
            ("wasm", allow),
            ("ottl", "tracing.redaction.mode=deny"),
        ] {
            let [first, plain, many] = [&first, &plain, &many];
            threads.spawn(move || {
                let dir = tempfile::tempdir().unwrap();
                let values = [format!("tracing.policy.engine={engine}"), value.to_owned()];
                let mut collector = start(dir.path(), &render("1s", &values), &two_gib());
                let mut sender = Sender::connect(collector.otlp).unwrap();
                let mut sent = 0.0;
                let mut cost = |collector: &mut Collector, requests: &[Vec<u8>], spans: u32| {
                    let before = cpu(collector);
                    for request in requests {
                        sender.send_bytes(request).unwrap().unwrap();
                    }
                    sent += f64::from(spans);
                    let kept = "otelcol_exporter_sent_spans";
                    collector_tests::await_metric(collector, kept, &[], sent);
                    cpu(collector) - before
                };
                // What a first request costs beside.
                cost(&mut collector, first, 1);
                let of_plain = cost(&mut collector, plain, 500);
                let of_many = cost(&mut collector, many, 8);
                assert!(
                    of_many <= 6 * of_plain,
                    "{engine}, {value}: {of_many} ticks of the CPU, plain spans {of_plain}"
                );
                let kept = collector.stop().unwrap();
                for (_, _, span) in kept.iter().flat_map(otlp::spans) {
                    let found = span["attributes"].to_string();
                    assert!(found.contains("gen_ai.latency.e2e"), "{found}");
                }
                let text = serde_json::to_string(&kept).unwrap();
                assert!(value.ends_with("deny") || !text.contains("arrayValue"));
            });
        }
    });
}

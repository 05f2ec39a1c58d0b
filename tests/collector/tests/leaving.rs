//! What leaves the collector: nothing that a user, a prompt or an answer says, in no byte of any exporter,
//! and all that vLLM says; to its log what the seed greps for; and metrics of all requests whatever is kept.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use collector_tests::wire::Wire;
use collector_tests::{LIMIT, await_decisions, captured, ids, planted, render, send, slow, start};
use harness::child::Child;
use harness::{http, otlp, repo};
use serde_json::{Value, json};

/// In every private text, with its number behind it.
const PLANTED: &str = "PLANTED";

/// The trace that everything is part of.
const TRACE: &str = "5eac7e00000000000000000000000001";

/// Private texts, each another.
#[derive(Default)]
struct Private {
    texts: Vec<String>,
}

impl Private {
    fn text(&mut self) -> String {
        let text = format!("{PLANTED}-{}-words of a user", self.texts.len());
        self.texts.push(text.clone());
        text
    }

    fn attribute(&mut self, key: &str) -> Value {
        json!({"key": key, "value": {"stringValue": self.text()}})
    }

    /// Attributes of each shape that a value has, below keys that may leave and keys that may not.
    fn attributes(&mut self) -> Vec<Value> {
        let nested = json!({"kvlistValue": {"values": [
            self.attribute("content"),
            {"key": "deeper", "value": {"arrayValue": {"values": [
                {"kvlistValue": {"values": [self.attribute("text")]}},
            ]}}},
        ]}});
        let list = json!({"arrayValue": {"values": [{"stringValue": self.text()}]}});
        let bytes = json!({"bytesValue": "UExBTlRFRC1iYXNlNjQ="});
        let mut all: Vec<Value> = [
            ("gen_ai.input", nested.clone()),
            ("service.name", nested),
            ("server.address", list.clone()),
            ("answers", list),
            ("gen_ai.audio", bytes),
        ]
        .map(|(key, value)| json!({"key": key, "value": value}))
        .into();
        for key in [
            "gen_ai.prompt",
            "content",
            "User.Name",
            "GEN_AI.PROMPT.0",
            "",
        ] {
            all.push(self.attribute(key));
        }
        let long = format!("{}{}", "x".repeat(256), self.text());
        all.push(json!({"key": "http.route", "value": {"stringValue": long}}));
        let error = format!("ValueError: {}", self.text());
        all.push(json!({"key": "error.type", "value": {"stringValue": error}}));
        all
    }
}

/// Name and version of a scope, and what leaves of them.
const SAID_OF_SCOPES: [[&str; 4]; 8] = [
    ["vllm.tracing.otel", "0.33.0", "vllm.tracing.otel", "0.33.0"],
    [
        "@opentelemetry/instrumentation-http",
        "1.2.0-rc.1+5",
        "@opentelemetry/instrumentation-http",
        "1.2.0-rc.1+5",
    ],
    [
        "OpenTelemetry::Instrumentation::Rack",
        "",
        "OpenTelemetry::Instrumentation::Rack",
        "",
    ],
    ["ann@example.com", "by ann", "scope", ""],
    ["user-4711001", "1", "scope", "1"],
    ["https://example.com/ann", "1", "scope", "1"],
    ["0b54ad2e-55aa-4d1c-9b41-0d9c2f6b7a11", "1", "scope", "1"],
    ["tell me\na joke", "1", "scope", "1"],
];

/// Names of spans, and what leaves of them.
const SAID_IN_NAMES: [[&str; 2]; 18] = [
    ["chat chatcmpl-abPLANTED12cd34ef56ab78", "chat *"],
    ["POST sk-proj-PLANTEDabcdefgh0123456789", "POST *"],
    ["tell me what PLANTED is doing there", "*"],
    ["SELECT * FROM users WHERE name='PLANTED'", "*"],
    ["query{user(id:\"PLANTED\")}", "*"],
    ["hello, PLANTED!", "*"],
    ["first\nPLANTED", "*"],
    ["GET\t/PLANTED", "*"],
    ["请告诉我PLANTED", "*"],
    ["password=PLANTED", "*"],
    ["POST /v1/chat/completions?key=PLANTED", "POST /*"],
    ["mail PLANTED@example.com", "mail *"],
    ["chat qwen3-235b", "chat qwen3-235b"],
    [
        "invoke_agent Customer Support Agent",
        "invoke_agent Customer Support Agent",
    ],
    ["Warmup (GPU)", "Warmup (GPU)"],
    ["RunnableSequence<A,B>", "RunnableSequence<A,B>"],
    ["UsersController#show", "UsersController#show"],
    ["", ""],
];

/// Keys and texts that a sender may set, and what is exported of them.
const SAID_IN_VALUES: [[&str; 3]; 22] = [
    ["error.type", "KeyError('PLANTED')", "KeyError"],
    ["error.type", "Timeout: PLANTED", "Timeout"],
    ["error.type", "invalid_key:sk-PLANTED/1", "_OTHER"],
    ["error.type", "PLANTED@example.com", "_OTHER"],
    ["error.type", "https://example.com/PLANTED", "_OTHER"],
    ["error.type", "5034711 PLANTED", "_OTHER"],
    ["error.type", "503", "503"],
    ["error.type", "std::io::Error", "std::io::Error"],
    [
        "error.type",
        "java.net.ConnectException",
        "java.net.ConnectException",
    ],
    ["error.type", "*errors.errorString", "*errors.errorString"],
    ["error.type", "net/http.httpError", "net/http.httpError"],
    ["exception.type", "App\\Error<T>", "App\\Error<T>"],
    ["error.code", "no such user: PLANTED", "no"],
    ["http.request.method", "GET /PLANTED", "_OTHER"],
    ["http.request.method", "PATCH", "PATCH"],
    ["http.route", "/v1/files?key=PLANTED", "/v1/files*"],
    ["http.route", "/users/PLANTED@example.com", "*"],
    ["http.route", "/users/PLANTED-4711001", "*"],
    [
        "http.route",
        "/{controller=Home}/{id?}",
        "/{controller=Home}/{id?}",
    ],
    ["http.route", "/users/{id}", "/users/{id}"],
    [
        "server.address",
        "https://ann:PLANTED@example.com/",
        "https://*@example.com/",
    ],
    [
        "container.image.name",
        "vllm@sha256:0011",
        "vllm@sha256:0011",
    ],
];

/// A value of each type, of which none is a text.
fn values_of_each_type() -> Vec<Value> {
    vec![
        json!({}),
        json!({"intValue": "5"}),
        json!({"doubleValue": 1.5}),
        json!({"doubleValue": "NaN"}),
        json!({"doubleValue": "-Infinity"}),
        json!({"boolValue": true}),
        json!({"bytesValue": "AP8="}),
        json!({"arrayValue": {"values": [{}, {"doubleValue": "NaN"}]}}),
        json!({"kvlistValue": {"values": [{"key": "", "value": {}}]}}),
    ]
}

fn text_of(value: &Value) -> Value {
    match value {
        Value::Number(n) if n.is_i64() => json!({"intValue": n.to_string()}),
        Value::Number(n) => json!({"doubleValue": n}),
        other => json!({"stringValue": other}),
    }
}

/// A span of the trace, the `n`th.
fn span(n: usize, name: &str, attributes: &[Value]) -> Value {
    json!({
        "traceId": TRACE,
        "spanId": format!("{:016x}", 0xca11_0000_0000_0000_u64 + n as u64),
        "name": name,
        "kind": 3,
        "startTimeUnixNano": "1700000000000000000",
        "endTimeUnixNano": "1700000001000000000",
        "attributes": attributes,
    })
}

/// A group of one span.
fn group(resource: &[Value], scope: &Value, span: &Value) -> Value {
    json!({
        "resource": {"attributes": resource},
        "scopeSpans": [{"scope": scope, "spans": [span]}],
    })
}

/// Every place private or not, each combination a resource, a scope and a span of its own.
fn product(private: &mut Private) -> Vec<Value> {
    (0..32)
        .map(|n| {
            let has = |place: usize| n >> place & 1 == 1;
            let name = json!({"key": "service.name", "value": {"stringValue": format!("app-{n}")}});
            let mut resource = vec![name];
            let mut scope = json!({"name": format!("scope-{n}")});
            let mut span = span(n, "retrieve documents", &[]);
            if has(0) {
                resource = private.attributes();
            }
            if has(1) {
                scope = json!({"name": private.text(), "version": private.text()});
                scope["attributes"] = json!(private.attributes());
            }
            if has(2) {
                span["attributes"] = json!(private.attributes());
                span["name"] = json!(format!("GET /users/{}", private.text().replace(' ', "-")));
                span["status"] = json!({"code": 2, "message": private.text()});
                span["traceState"] = json!(format!("vendor={}", private.text().replace(' ', "-")));
            }
            if has(3) {
                span["events"] = json!([
                    {"name": private.text(), "timeUnixNano": "1", "attributes": private.attributes()},
                    {"name": "exception", "timeUnixNano": "2", "attributes": [
                        private.attribute("exception.message"),
                        private.attribute("exception.stacktrace"),
                    ]},
                ]);
            }
            if has(4) {
                span["links"] = json!([{
                    "traceId": TRACE,
                    "spanId": "00000000000000aa",
                    "traceState": format!("vendor={}", private.text().replace(' ', "-")),
                    "attributes": private.attributes(),
                }]);
            }
            let mut group = group(&resource, &scope, &span);
            if has(0) {
                group["schemaUrl"] = json!(PLANTED);
            }
            if has(1) {
                group["scopeSpans"][0]["schemaUrl"] = json!(PLANTED);
            }
            group
        })
        .collect()
}

/// A span of each instrumentation, and the attributes that must leave with it.
fn rebuilt(private: &mut Private) -> Vec<(Value, BTreeMap<String, Value>)> {
    let path = repo::root().join("tests/fixtures/callers/rebuilt.yaml");
    let all: BTreeMap<String, Value> =
        serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert!(all.len() >= 9, "{:?}", all.keys());
    let keys = |list: &Value| -> Vec<String> { serde_json::from_value(list.clone()).unwrap() };
    let mut groups = Vec::new();
    for (n, (name, of)) in all.iter().enumerate() {
        let useful: BTreeMap<String, Value> = of["useful"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), text_of(value)))
            .collect();
        // On the resource, too: some send them there.
        let mut resource: Vec<Value> = keys(&of["private"])
            .iter()
            .map(|key| private.attribute(key))
            .collect();
        resource.push(json!({"key": "service.name", "value": {"stringValue": name}}));
        let mut attributes: Vec<Value> = keys(&of["private"])
            .iter()
            .map(|key| private.attribute(key))
            .collect();
        for (key, value) in &useful {
            attributes.push(json!({"key": key, "value": value}));
        }
        let mut span = span(64 + n, of["span"].as_str().unwrap(), &attributes);
        let mut events = Vec::new();
        for (event, listed) in of["events"].as_object().into_iter().flatten() {
            let attributes: Vec<Value> = keys(listed)
                .iter()
                .map(|key| private.attribute(key))
                .collect();
            events.push(json!({"name": event, "timeUnixNano": "1", "attributes": attributes}));
        }
        span["events"] = json!(events);
        let scope = json!({"name": of["scope"], "version": "1.0.0"});
        groups.push((group(&resource, &scope, &span), useful));
    }
    groups
}

/// What a real SDK sent, as a part of the trace.
fn recorded() -> Vec<Value> {
    let path = repo::root().join("tests/fixtures/callers/openllmetry-openai.jsonl");
    let mut groups = Vec::new();
    for mut export in otlp::read_lines(&path).unwrap() {
        for group in export["resourceSpans"].as_array_mut().unwrap() {
            for scope in group["scopeSpans"].as_array_mut().unwrap() {
                for span in scope["spans"].as_array_mut().unwrap() {
                    span["traceId"] = json!(TRACE);
                }
            }
            groups.push(group.take());
        }
    }
    groups
}

/// A slow request: why the trace is kept.
fn why() -> Value {
    let exports = planted(61, 100);
    let ids = slow(&exports);
    let mut export = exports
        .into_iter()
        .find(|export| !slow(std::slice::from_ref(export)).is_empty())
        .unwrap();
    assert!(!ids.is_empty());
    export["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"] = json!(TRACE);
    export["resourceSpans"][0].take()
}

/// What left: by exporter, the bytes; and the spans.
struct Left {
    bytes: BTreeMap<&'static str, Vec<u8>>,
    spans: Vec<Value>,
}

impl Left {
    /// The private texts that an exporter's bytes have, each with what stands before it.
    fn private(&self, exporter: &str, private: &Private) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.bytes[exporter]);
        let texts = private.texts.iter();
        texts
            .filter_map(|planted| {
                // As far as the blank: some stand where there is none.
                let word = planted.split(' ').next().unwrap_or(planted);
                let at = text.find(word)?;
                let before: Vec<char> = text[..at].chars().rev().take(60).collect();
                Some(before.into_iter().rev().chain(word.chars()).collect())
            })
            .collect()
    }

    /// A span that left, with its resource and its scope.
    fn find(&self, id: &str) -> (Value, Value, Value) {
        let found = self.spans.iter().flat_map(otlp::spans);
        let (resource, scope, span) = found
            .into_iter()
            .find(|(_, _, span)| span["spanId"] == *id)
            .expect(id);
        (resource.clone(), scope.clone(), span.clone())
    }
}

/// Takes what is sent over gRPC and HTTP; gives the ports.
fn sink(dir: &Path) -> (Child, u16, u16) {
    let [grpc, http, health] = repo::free_ports::<3>().unwrap();
    let at = |port: u16| json!({"endpoint": format!("127.0.0.1:{port}")});
    let config = json!({
        "receivers": {"otlp": {"protocols": {"grpc": at(grpc), "http": at(http)}}},
        "exporters": {"debug": {}},
        "extensions": {"health_check": at(health)},
        "service": {
            "extensions": ["health_check"],
            "telemetry": {"metrics": {"level": "none"}},
            "pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["debug"]}},
        },
    });
    let path = dir.join("sink.yaml");
    fs::write(&path, config.to_string()).unwrap();
    let mut command = Command::new(repo::collector().unwrap());
    command.arg("--config").arg(path);
    let mut child = Child::start("sink", command, &dir.join("sink.log")).unwrap();
    let healthy = format!("http://127.0.0.1:{health}/");
    child.wait_http(&healthy, LIMIT).unwrap();
    (child, grpc, http)
}

/// Sends the groups in one export, and gives what each exporter sent.
fn leaves(groups: &[Value], values: &[&str]) -> Left {
    let dir = tempfile::tempdir().unwrap();
    let (_sink, grpc, http) = sink(dir.path());
    let (grpc, http) = (Wire::to(grpc), Wire::to(http));
    let mut set: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
    set.extend([
        "tracing.exporters.debug.enabled=true".to_owned(),
        "tracing.exporters.debug.verbosity=detailed".to_owned(),
        format!(
            "tracing.exporters.otlp.x.endpoint=http://127.0.0.1:{}",
            grpc.port
        ),
        format!(
            "tracing.exporters.otlphttp.x.endpoint=http://127.0.0.1:{}",
            http.port
        ),
    ]);
    let plain = json!({"exporters": {
        "otlp_grpc/x": {"compression": "none"},
        "otlp_http/x": {"compression": "none"},
    }});
    let mut collector = start(dir.path(), &render("1s", &set), &plain);
    // As JSON, which has a text for NaN.
    let url = format!("http://127.0.0.1:{}/v1/traces", collector.otlp_http);
    let export = json!({"resourceSpans": groups}).to_string();
    let post = ureq::post(&url).header("content-type", "application/json");
    assert_eq!(post.send(export).unwrap().status(), 200);
    await_decisions(&mut collector, 1);
    let spans = collector.stop().unwrap();
    let bytes = BTreeMap::from([
        ("grpc", grpc.sent()),
        ("http", http.sent()),
        ("file", fs::read(&collector.kept).unwrap()),
        ("log", collector.child.log().into_bytes()),
    ]);
    let sent = groups
        .iter()
        .map(|g| g["scopeSpans"].as_array().unwrap().len());
    let left: usize = spans.iter().map(|export| otlp::spans(export).count()).sum();
    assert_eq!(left, sent.sum::<usize>(), "every span leaves");
    Left { bytes, spans }
}

const EXPORTERS: [&str; 4] = ["file", "log", "grpc", "http"];

#[test]
fn nothing_private_is_in_any_byte_that_leaves_and_what_is_useful_is() {
    let mut private = Private::default();
    let mut groups = vec![why()];
    groups.extend(product(&mut private));
    let rebuilt = rebuilt(&mut private);
    groups.extend(rebuilt.iter().map(|(group, _)| group.clone()));
    groups.extend(recorded());
    groups.extend(SAID_OF_SCOPES.iter().enumerate().map(|(n, said)| {
        let scope = json!({"name": said[0], "version": said[1]});
        group(&[], &scope, &span(0x100 + n, "x", &[]))
    }));
    groups.extend(SAID_IN_NAMES.iter().enumerate().map(|(n, said)| {
        let bytes = json!({"bytesValue": "UExBTlRFRC1iYXNlNjQ="});
        let attributes = [json!({"key": "error.type", "value": bytes})];
        group(
            &[],
            &json!({"name": "s"}),
            &span(0x200 + n, said[0], &attributes),
        )
    }));
    let left = leaves(&groups, &[]);
    for exporter in EXPORTERS {
        let bytes = &left.bytes[exporter];
        assert!(bytes.len() > 10_000, "{exporter}: {} bytes", bytes.len());
        assert_eq!(
            left.private(exporter, &private),
            Vec::<String>::new(),
            "{exporter}"
        );
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains(PLANTED), "{exporter}");
        assert!(!text.contains("UExBTlRFRC"), "{exporter}: in base64");
        // Near misses: what a slow request is looked up by.
        for key in [
            "gen_ai.request.id",
            "gen_ai.usage.prompt_tokens",
            "gen_ai.latency.e2e",
        ] {
            assert!(text.contains(key), "{exporter}: {key}");
        }
    }
    for (group, useful) in &rebuilt {
        let sent = &group["scopeSpans"][0]["spans"][0];
        let (_, _, span) = left.find(sent["spanId"].as_str().unwrap());
        for (key, value) in useful {
            let found = span["attributes"].as_array().into_iter().flatten();
            let found = found
                .into_iter()
                .find(|attribute| attribute["key"] == **key);
            assert_eq!(
                found.map(|a| &a["value"]),
                Some(value),
                "{}: {key}",
                sent["name"]
            );
        }
    }
    let (resource, scope, span) = left.find("ca11000000000004");
    assert_eq!(resource["attributes"][0]["value"]["stringValue"], "app-4");
    assert_eq!(scope["name"], "scope-4");
    // Without a blank, and still no name that code has.
    for (n, said) in SAID_OF_SCOPES.iter().enumerate() {
        let (_, scope, _) = left.find(&format!("{:016x}", 0xca11_0000_0000_0100_u64 + n as u64));
        let left = [&scope["name"], &scope["version"]].map(|text| text.as_str().unwrap_or(""));
        assert_eq!(left, said[2..], "{said:?}");
    }
    for (n, said) in SAID_IN_NAMES.iter().enumerate() {
        let (_, _, span) = left.find(&format!("{:016x}", 0xca11_0000_0000_0200_u64 + n as u64));
        assert_eq!(span["name"].as_str().unwrap_or(""), said[1], "{said:?}");
        let counted = json!([{"key": "redaction.redacted.count", "value": {"intValue": "1"}}]);
        assert_eq!(span["attributes"], counted);
    }
    assert_eq!(span["name"], "GET /*");
    assert_eq!(span["status"], json!({"code": 2}));
    let values = span["attributes"].as_array().unwrap();
    let value = |key: &str| {
        let found = values.iter().find(|attribute| attribute["key"] == key);
        found.map(|attribute| attribute["value"]["stringValue"].clone())
    };
    assert_eq!(value("error.type"), Some(json!("ValueError")));
    assert_eq!(value("http.route"), Some(json!("x".repeat(256))));
}

/// A value that a statement cannot compare or join would lose its whole trace.
#[test]
fn values_are_cut_to_what_their_key_means_and_no_type_of_a_value_loses_a_span() {
    let scope = json!({"name": "s"});
    let mut groups = vec![why()];
    groups.extend(SAID_IN_VALUES.iter().enumerate().map(|(n, said)| {
        let value = json!({"key": said[0], "value": {"stringValue": said[1]}});
        let attributes = [
            value,
            json!({"key": "secret", "value": {"stringValue": PLANTED}}),
        ];
        group(&[], &scope, &span(n, "GET /x", &attributes))
    }));
    let keys = [
        "error.type",
        "exception.type",
        "http.method",
        "http.request.method",
        "http.route",
        "service.name",
        "url.path",
        "vllm.sampling.reason",
        "gen_ai.latency.e2e",
    ];
    for (n, key) in keys.iter().enumerate() {
        for (m, value) in values_of_each_type().iter().enumerate() {
            let odd = [
                json!({"key": key, "value": value}),
                json!({"key": "http.route", "value": {"stringValue": "/x"}}),
            ];
            let (odd, id) = (&odd[..if *key == "http.route" { 1 } else { 2 }], n * 16 + m);
            groups.push(group(odd, &scope, &span(0x100 + id, "GET /x", odd)));
        }
    }
    let left = leaves(&groups, &[]);
    for exporter in EXPORTERS {
        let text = String::from_utf8_lossy(&left.bytes[exporter]);
        assert!(!text.contains(PLANTED), "{exporter}");
    }
    for (n, said) in SAID_IN_VALUES.iter().enumerate() {
        let (_, _, span) = left.find(&format!("{:016x}", 0xca11_0000_0000_0000_u64 + n as u64));
        let exported: BTreeMap<&str, &Value> = span["attributes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|attribute| (attribute["key"].as_str().unwrap(), &attribute["value"]))
            .collect();
        assert_eq!(exported[said[0]]["stringValue"], said[2], "{said:?}");
        // The reader is told that something was removed, and not what.
        assert_eq!(exported["redaction.redacted.count"]["intValue"], "1");
        assert_eq!(exported.len(), 2, "{exported:?}");
    }
}

/// The test above can fail: each text is seen where nothing is taken out.
#[test]
fn without_redaction_all_of_it_leaves() {
    let mut private = Private::default();
    let mut groups = vec![why()];
    groups.extend(product(&mut private));
    groups.extend(rebuilt(&mut private).into_iter().map(|(group, _)| group));
    let left = leaves(&groups, &["tracing.redaction.enabled=false"]);
    for exporter in ["file", "http"] {
        assert_eq!(
            left.private(exporter, &private).len(),
            private.texts.len(),
            "{exporter}"
        );
    }
    for exporter in ["grpc", "log"] {
        // Frames and the log's own form break some.
        let found = left.private(exporter, &private).len();
        assert!(found * 10 > private.texts.len() * 9, "{exporter}: {found}");
    }
}

#[test]
fn the_deny_list_reaches_every_place_and_letter_case() {
    let keys = ["gen_ai.prompt", "GEN_AI.Prompt.0.content", "user.name"];
    let mut private = Private::default();
    let mut attributes =
        || -> Vec<Value> { keys.iter().map(|key| private.attribute(key)).collect() };
    let mut with_event = span(2, "with an event", &attributes());
    with_event["events"] = json!([{"name": "e", "timeUnixNano": "1", "attributes": attributes()}]);
    let scope = json!({"name": "s", "attributes": attributes()});
    let groups = [
        why(),
        group(&attributes(), &scope, &span(1, "without", &attributes())),
        group(&attributes(), &json!({"name": "t"}), &with_event),
    ];
    let left = leaves(&groups, &["tracing.redaction.mode=deny"]);
    for exporter in EXPORTERS {
        assert_eq!(
            left.private(exporter, &private),
            Vec::<String>::new(),
            "{exporter}"
        );
    }
    let mut other = Private::default();
    let groups = [
        why(),
        group(&[], &scope, &span(1, "x", &[other.attribute("else")])),
    ];
    let left = leaves(&groups, &["tracing.redaction.mode=deny"]);
    assert_eq!(left.private("file", &other).len(), 1, "all else leaves");
}

#[test]
fn what_is_allowed_leaves_and_nothing_beside_it() {
    let mut private = Private::default();
    let team = json!({"kvlistValue": {"values": [private.attribute("team")]}});
    let mut attributes = vec![
        private.attribute("customer.tier"),
        json!({"key": "metadata", "value": team}),
    ];
    let mut other = Private::default();
    other.texts.clone_from(&private.texts);
    let keys = ["customer.tiers", "Customer.Tier", "metadata.user"];
    attributes.extend(keys.map(|key| other.attribute(key)));
    other.texts.drain(..private.texts.len());
    let mut one = span(1, "one", &attributes);
    one["events"] = json!([{"name": "cache.miss", "timeUnixNano": "1"}]);
    let groups = [why(), group(&[], &json!({"name": "s"}), &one)];
    let allow = "tracing.redaction.allow={(?i)cache[.]miss,customer[.]tier,metadata[.]team}";
    let left = leaves(&groups, &[allow]);
    assert_eq!(left.private("file", &private).len(), private.texts.len());
    assert_eq!(left.private("file", &other), Vec::<String>::new());
    let (_, _, span) = left.find("ca11000000000001");
    assert_eq!(span["events"][0]["name"], "cache.miss");
}

/// Its attributes, in no order; numbers as numbers, for JSON writes 1 and 1.0, "1" and 1 for the same one.
fn keys(of: &Value) -> BTreeMap<String, String> {
    let all = of["attributes"].as_array().into_iter().flatten();
    // What the collector's policy says of a span is no attribute of vLLM's.
    let all = all.filter(|attribute| {
        let key = attribute["key"].as_str().unwrap_or_default();
        !key.starts_with("vllm.sampling.")
    });
    all.map(|attribute| {
        let (kind, value) = attribute["value"]
            .as_object()
            .unwrap()
            .iter()
            .next()
            .unwrap();
        let number = match value {
            Value::String(text) => text.parse().ok(),
            other => other.as_f64(),
        };
        let value = match number.filter(|_| kind != "stringValue") {
            Some(number) => format!("{kind} {number}"),
            None => format!("{kind} {value}"),
        };
        (attribute["key"].as_str().unwrap().to_owned(), value)
    })
    .collect()
}

#[test]
fn what_vllm_sends_leaves_unchanged() {
    let mut next = 1_u64 << 32;
    let mut groups = vec![why()];
    for capture in captures::traced().unwrap() {
        for mut export in captured(&capture.name()) {
            for group in export["resourceSpans"].as_array_mut().unwrap() {
                for scope in group["scopeSpans"].as_array_mut().unwrap() {
                    for span in scope["spans"].as_array_mut().unwrap() {
                        span["traceId"] = json!(TRACE);
                        // So that each is found again.
                        next += 1;
                        span["spanId"] = json!(format!("{next:016x}"));
                    }
                }
                groups.push(group.take());
            }
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let mut collector = start(dir.path(), &render("1s", &[]), &json!({}));
    let exports = groups.chunks(5).map(|some| json!({"resourceSpans": some}));
    send(&collector, &exports.collect::<Vec<_>>());
    let sent = json!({"resourceSpans": groups});
    let kept = collector.stop().unwrap();
    let left: BTreeMap<&str, otlp::Placed<'_>> = kept
        .iter()
        .flat_map(otlp::spans)
        .map(|placed| (placed.2["spanId"].as_str().unwrap(), placed))
        .collect();
    // As the collector writes them: numbers as it does.
    let message = otlp::to_message(&sent).unwrap();
    let sent = serde_json::to_value(message).unwrap();
    let mut seen = 0;
    for (resource, scope, span) in otlp::spans(&sent) {
        let id = span["spanId"].as_str().unwrap();
        let found = left.get(id).expect(id);
        assert_eq!(keys(found.0), keys(resource), "{span}");
        assert_eq!(found.1["name"], scope["name"]);
        assert_eq!(found.2["name"], span["name"]);
        assert_eq!(keys(found.2), keys(span), "{span}");
        seen += 1;
    }
    assert!(seen > 1500, "{seen}");
}

#[test]
fn whole_spans_are_in_the_log_only_where_they_go_nowhere_else() {
    let to = |kind: &str| format!("tracing.exporters.{kind}.x.endpoint=http://x:1");
    for (value, expected) in [
        (None, "detailed"),
        (Some(to("otlp")), "basic"),
        (Some(to("otlphttp")), "basic"),
        (Some("jaeger.enabled=true".to_owned()), "basic"),
    ] {
        let mut values = vec!["tracing.exporters.debug.enabled=true".to_owned()];
        values.extend(value);
        let config: Value =
            serde_yaml::from_str(&render("1s", &values).collector().unwrap().unwrap()).unwrap();
        assert_eq!(
            config["exporters"]["debug"]["verbosity"], expected,
            "{values:?}"
        );
    }
}

/// `kubectl logs … | grep gen_ai.request.id`
#[test]
fn the_log_names_kept_requests() {
    let dir = tempfile::tempdir().unwrap();
    let values = ["tracing.exporters.debug.enabled=true".to_owned()];
    let mut collector = start(dir.path(), &render("10m", &values), &json!({}));
    let exports = planted(62, 100);
    send(&collector, &exports);
    let kept = collector.stop().unwrap();
    assert!(ids(&kept).is_superset(&slow(&exports)));
    let log = collector.child.log();
    let lines = log.lines().filter(|l| l.contains("gen_ai.request.id"));
    assert_eq!(lines.count(), ids(&kept).len());
}

#[test]
fn span_metrics_count_every_request_and_no_test_that_is_one() {
    let dir = tempfile::tempdir().unwrap();
    let [port] = repo::free_ports::<1>().unwrap();
    let values = ["tracing.spanMetrics.enabled=true".to_owned()];
    let extra = json!({
        "exporters": {"prometheus/spans": {"endpoint": format!("127.0.0.1:{port}")}},
        "connectors": {"span_metrics": {"metrics_flush_interval": "200ms"}},
    });
    let mut collector = start(dir.path(), &render("1s", &values), &extra);
    let exports = planted(63, 200);
    send(&collector, &exports);
    let marker = json!({"key": "vllm_monitoring.synthetic", "value": {"boolValue": true}});
    let tests: Vec<Value> = planted(64, 20)
        .iter()
        .map(|export| {
            let (resource, scope, span) = otlp::spans(export).next().unwrap();
            let mut span = span.clone();
            let attributes = span["attributes"].as_array_mut().unwrap();
            attributes.push(marker.clone());
            otlp::request(resource, scope, &span)
        })
        .collect();
    // The marker on a request of a model hides nothing.
    send(&collector, &tests);
    let service = json!({"key": "service.name", "value": {"stringValue": "install-check"}});
    let own: Vec<Value> = tests
        .iter()
        .map(|export| {
            let (_, scope, span) = otlp::spans(export).next().unwrap();
            otlp::request(&json!({"attributes": [service]}), scope, span)
        })
        .collect();
    send(&collector, &own);
    await_decisions(&mut collector, exports.len() + tests.len());

    // Some exports are no requests.
    let spans = exports.iter().chain(&tests).flat_map(otlp::spans);
    let requests = spans.filter(|(_, _, s)| s["name"] == "llm_request").count() as f64;
    let started = Instant::now();
    loop {
        let page = http::get(&format!("http://127.0.0.1:{port}/metrics")).unwrap();
        let samples = http::parse_metrics(&page).unwrap();
        let sum = |name: &str| -> f64 {
            let of = samples.iter().filter(|s| s.name == name);
            of.map(|s| s.value).sum()
        };
        let calls = sum("vllm_spans_calls_total");
        assert!(calls <= requests, "{page}");
        if calls == requests {
            assert_eq!(sum("vllm_spans_duration_seconds_count"), calls, "{page}");
            assert!(!page.contains("chatcmpl"), "{page}");
            break;
        }
        assert!(started.elapsed() < LIMIT, "{page}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

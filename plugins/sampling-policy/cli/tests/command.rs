//! The command as an operator runs it: on captured spans, in each of the forms that it reads.

#![allow(clippy::expect_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use harness::{otlp, repo};
use serde_json::{Value, json};

const SETTINGS: &str = r#"{"e2e_latency":"2s","time_to_first_token":"1s","decode_time":"off"}"#;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    }
}

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vllm-policy"));
    command.args(arguments).output().expect("the command runs")
}

/// `try` with these settings, as JSON.
fn tried(folder: &Folder, settings: &str, further: &[&str], spans: &Path) -> Value {
    let settings = folder.write("settings.json", settings);
    let mut arguments = vec![
        "try",
        "--json",
        "--settings",
        settings.to_str().expect("text"),
    ];
    arguments.extend(further);
    arguments.push(spans.to_str().expect("text"));
    let output = run(&arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn captured(version: &str) -> PathBuf {
    repo::root().join(format!("tests/fixtures/vllm/{version}/traces.jsonl"))
}

fn requests(version: &str) -> Vec<(Value, Value, Value)> {
    let exports = otlp::read_lines(&captured(version)).expect("a capture");
    let spans = exports.iter().flat_map(otlp::spans);
    let requests = spans.filter(|(_, _, span)| span["name"] == "llm_request");
    requests
        .map(|(resource, scope, span)| (resource.clone(), scope.clone(), span.clone()))
        .collect()
}

fn latency(span: &Value, key: &str) -> f64 {
    let attributes = span["attributes"].as_array().expect("attributes");
    let found = attributes.iter().find(|found| found["key"] == key);
    found.expect("always there")["value"]["doubleValue"]
        .as_f64()
        .expect("a double")
}

/// Numbers of traces that are kept for the whole request, and for the first token alone.
fn expected(version: &str) -> (usize, usize) {
    let requests = requests(version);
    let slow = |span: &Value| latency(span, "gen_ai.latency.e2e") > 2.0;
    let late = |span: &Value| latency(span, "gen_ai.latency.time_to_first_token") > 1.0;
    let e2e = requests.iter().filter(|(.., span)| slow(span)).count();
    let first_token = requests
        .iter()
        .filter(|(.., span)| !slow(span) && late(span))
        .count();
    (e2e, first_token)
}

/// Kept traces of a reason, over all models.
fn kept(outcome: &Value, reason: &str) -> u64 {
    let models = outcome["byReason"][reason].as_object();
    let counts = models.into_iter().flat_map(|models| models.values());
    counts.filter_map(|count| count["kept"].as_u64()).sum()
}

#[test]
fn captured_requests_are_counted_by_the_plain_rule() {
    let folder = Folder::new();
    for capture in captures::releases().expect("the recordings") {
        let version = capture.release();
        let outcome = tried(&folder, SETTINGS, &[], &captured(&version));
        let (e2e, first_token) = expected(&version);
        assert!(e2e > 0, "{version}");
        assert_eq!(kept(&outcome, "e2e_latency"), e2e as u64, "{version}");
        assert_eq!(
            kept(&outcome, "time_to_first_token"),
            first_token as u64,
            "{version}"
        );
        let a_day = outcome["total"]["keptADay"].as_f64().expect("a number");
        let rate = (e2e + first_token) as f64 / outcome["seconds"].as_f64().expect("a number");
        assert!((a_day / (rate * 86_400.0) - 1.0).abs() < 0.01, "{outcome}");
    }
}

/// A value of OTLP/JSON as a tag of Jaeger.
fn tag(attribute: &Value) -> Value {
    let value = &attribute["value"];
    let (kind, value) = if let Some(double) = value["doubleValue"].as_f64() {
        ("float64", json!(double))
    } else if let Some(int) = value["intValue"].as_str() {
        ("int64", json!(int.parse::<i64>().expect("a number")))
    } else {
        ("string", value["stringValue"].clone())
    };
    json!({"key": attribute["key"], "type": kind, "value": value})
}

/// Of the same spans, what Jaeger answers at `/api/traces`.
fn as_jaeger(spans: &[(Value, Value, Value)]) -> Value {
    let nanos = |span: &Value, key: &str| -> u64 {
        span[key]
            .as_str()
            .expect("a text")
            .parse()
            .expect("a number")
    };
    let traces = spans.iter().map(|(_, scope, span)| {
        let (start, end) = (
            nanos(span, "startTimeUnixNano"),
            nanos(span, "endTimeUnixNano"),
        );
        let attributes = span["attributes"].as_array().expect("attributes");
        let mut tags: Vec<Value> = attributes.iter().map(tag).collect();
        tags.push(json!({"key": "otel.scope.name", "type": "string", "value": scope["name"]}));
        json!({
            "traceID": span["traceId"],
            "spans": [{
                "traceID": span["traceId"], "spanID": span["spanId"],
                "operationName": span["name"], "references": [], "processID": "p1",
                "startTime": start / 1000, "duration": (end - start) / 1000, "tags": tags,
            }],
            "processes": {"p1": {"serviceName": "vllm", "tags": []}},
        })
    });
    json!({"data": traces.collect::<Vec<_>>(), "total": 0, "errors": null})
}

/// Of the same spans, what Tempo answers for a trace: ids in base64.
fn as_tempo(spans: &[(Value, Value, Value)]) -> Value {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let base64 = |hex: &str| {
        let id = u128::from_str_radix(hex, 16).expect("hexadecimal");
        // 128 bits and four zeros are 22 characters.
        let character = |at: u32| {
            let six = if at < 21 {
                id >> (122 - 6 * at)
            } else {
                id << 4
            };
            char::from(ALPHABET[(six & 63) as usize])
        };
        (0..22).map(character).collect::<String>() + "=="
    };
    let batches = spans.iter().map(|(resource, scope, span)| {
        let mut span = span.clone();
        span["traceId"] = json!(base64(span["traceId"].as_str().expect("a text")));
        span["status"] = json!({"code": "STATUS_CODE_UNSET"});
        json!({"resource": resource, "scopeSpans": [{"scope": scope, "spans": [span]}]})
    });
    json!({"batches": batches.collect::<Vec<_>>()})
}

#[test]
fn what_jaeger_and_tempo_give_out_is_decided_as_otlp_is() {
    let (folder, spans) = (Folder::new(), requests("0.20.2"));
    let otlp = tried(&folder, SETTINGS, &[], &captured("0.20.2"));
    let jaeger = as_jaeger(&spans);
    // A request with n above 1 is several spans of one trace.
    let ids: BTreeSet<&str> = spans
        .iter()
        .filter_map(|(.., span)| span["traceId"].as_str())
        .collect();
    for (name, text) in [
        ("jaeger.json", jaeger.to_string()),
        ("pretty.json", format!("{jaeger:#}\n")),
        ("tempo.json", as_tempo(&spans).to_string()),
        (
            "tempo-v2.json",
            json!({"trace": {"resourceSpans": as_tempo(&spans)["batches"]}}).to_string(),
        ),
    ] {
        let outcome = tried(&folder, SETTINGS, &[], &folder.write(name, &text));
        assert_eq!(outcome["traces"], ids.len(), "{name}");
        for reason in ["e2e_latency", "time_to_first_token"] {
            assert_eq!(
                kept(&outcome, reason),
                kept(&otlp, reason),
                "{name}: {reason}"
            );
        }
    }
}

#[test]
fn differences_to_the_settings_in_force_are_counted_by_reason() {
    let folder = Folder::new();
    let in_force = folder.write(
        "in-force.json",
        r#"{"e2e_latency":"off","time_to_first_token":"500ms","decode_time":"off"}"#,
    );
    let further = ["--in-force", in_force.to_str().expect("text")];
    let outcome = tried(&folder, SETTINGS, &further, &captured("0.20.2"));
    let requests = requests("0.20.2");
    let [mut both, mut gained, mut lost] = [0; 3];
    for (.., span) in &requests {
        let first_token = latency(span, "gen_ai.latency.time_to_first_token");
        let now = latency(span, "gen_ai.latency.e2e") > 2.0 || first_token > 1.0;
        let before = first_token > 0.5;
        both += u64::from(now && before);
        gained += u64::from(now && !before);
        lost += u64::from(!now && before);
    }
    let sum = |counts: &Value| -> u64 {
        let counts = counts
            .as_object()
            .into_iter()
            .flat_map(|counts| counts.values());
        counts.filter_map(Value::as_u64).sum()
    };
    let found = &outcome["differences"];
    assert!(both > 0 && gained + lost > 0);
    assert_eq!(
        (
            found["both"].as_u64(),
            sum(&found["gained"]),
            sum(&found["lost"])
        ),
        (Some(both), gained, lost)
    );
}

#[test]
fn the_table_has_a_line_for_each_reason_and_model_and_one_for_all() {
    let folder = Folder::new();
    let settings = folder.write("s.json", r#"{"e2e_latency":"2s","errors":{}}"#);
    let spans = captured("0.20.2");
    let output = run(&[
        "try",
        "--settings",
        settings.to_str().expect("text"),
        spans.to_str().expect("text"),
    ]);
    let text = String::from_utf8(output.stdout).expect("text");
    for part in ["kept/day", "e2e_latency", "unknown_service", "\nall "] {
        assert!(text.contains(part), "{part:?}: {text}");
    }
}

#[test]
fn a_mistake_is_named_with_its_place() {
    let folder = Folder::new();
    let spans = captured("0.20.2");
    let spans = spans.to_str().expect("text");
    let good = folder.write("good.json", SETTINGS);
    let good = good.to_str().expect("text");
    let bad = folder.write("bad.json", r#"{"slowest":{"share":1}}"#);
    let not_json = folder.write("not.jsonl", "{\"resourceSpans\":[]}\nnonsense\n");
    let other = folder.write("other.json", "{\"logs\":[]}");
    let no_id = folder.write(
        "id.json",
        r#"{"batches":[{"scopeSpans":[{"spans":[{"endTimeUnixNano":"1","traceId":"?"}]}]}]}"#,
    );
    let text = |path: &PathBuf| path.to_str().expect("text").to_owned();
    for (arguments, expected) in [
        (vec!["try"], "--settings is missing"),
        (vec!["try", "--settings", good], "no file of spans"),
        (vec!["retry"], "expected the command try"),
        (vec!["try", "--settings", "/nowhere", spans], "/nowhere"),
        (
            vec!["try", "--settings", good, "--collectors", "0", spans],
            "--collectors: found \"0\"",
        ),
        (
            vec!["try", "--settings", &text(&bad), spans],
            "settings.slowest.share: found the number 1",
        ),
        (
            vec!["try", "--settings", good, &text(&not_json)],
            "line 2: not JSON",
        ),
        (
            vec!["try", "--settings", good, &text(&other)],
            "found none of resourceSpans",
        ),
        (
            vec!["try", "--settings", good, &text(&no_id)],
            "traceId: found \"?\"",
        ),
    ] {
        let output = run(&arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
}

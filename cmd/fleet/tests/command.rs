//! The program `vllm` from outside: one server, its routes, its spans, its end.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use harness::child::Child;
use harness::{http, repo};
use serde_json::Value;
use support::Receiver;

const LIMIT: Duration = Duration::from_secs(90);

struct Server {
    child: Child,
    port: u16,
}

fn start(dir: &Path, receiver: Option<&Receiver>, variables: &[(&str, &str)]) -> Server {
    let [port] = repo::free_ports::<1>().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vllm"));
    command
        .args([
            "serve",
            "some/model",
            "--served-model-name=qwen3-235b",
            "--host=127.0.0.1",
        ])
        .arg(format!("--port={port}"))
        .envs(variables.iter().copied())
        .env_remove("VLLM_PORT")
        .env("OTEL_BSP_SCHEDULE_DELAY", "50");
    if let Some(receiver) = receiver {
        command.arg(format!(
            "--otlp-traces-endpoint=http://127.0.0.1:{}",
            receiver.port
        ));
    }
    let mut child = Child::start("vllm", command, &dir.join("log")).unwrap();
    child
        .wait_http(&format!("http://127.0.0.1:{port}/health"), LIMIT)
        .unwrap();
    Server { child, port }
}

impl Server {
    /// One exchange, the whole answer as text; `leave_after` bytes the client goes away.
    fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
        leave_after: usize,
    ) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = Vec::new();
        let mut chunk = [0; 512];
        while answer.len() < leave_after {
            match stream.read(&mut chunk).unwrap() {
                0 => break,
                read => answer.extend_from_slice(&chunk[..read]),
            }
        }
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn post(&self, path: &str, body: &str) -> String {
        self.ask("POST", path, "", body, usize::MAX)
    }

    fn number(&self, series: &str) -> f64 {
        let body = http::get(&format!("http://127.0.0.1:{}/metrics", self.port)).unwrap();
        let line = body
            .lines()
            .find(|line| line.starts_with(series))
            .unwrap_or_else(|| panic!("{series}"));
        line.rsplit(' ').next().unwrap().parse().unwrap()
    }

    fn truth(&self) -> Vec<Value> {
        let body = http::get(&format!("http://127.0.0.1:{}/fleet/truth", self.port)).unwrap();
        body.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

fn wait(what: &str, mut ready: impl FnMut() -> bool) {
    let started = Instant::now();
    while !ready() {
        assert!(started.elapsed() < LIMIT, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_start_sends_the_captured_start_up_spans_with_the_environments_resource() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    let _server = start(
        dir.path(),
        Some(&receiver),
        &[
            ("OTEL_SERVICE_NAME", "svc"),
            (
                "OTEL_RESOURCE_ATTRIBUTES",
                "gen_ai.response.model=a%2Fb,k8s.pod.name=p-1",
            ),
        ],
    );
    wait("twelve spans", || receiver.spans().len() >= 12);
    let spans = receiver.spans();
    assert_eq!(spans.len(), 12);
    let traces: std::collections::BTreeSet<&str> = spans
        .iter()
        .map(|s| s.span["traceId"].as_str().unwrap())
        .collect();
    assert_eq!(traces.len(), 1);
    for span in &spans {
        assert_eq!(span.resource("service.name"), "svc");
        assert_eq!(span.resource("gen_ai.response.model"), "a/b");
        assert_eq!(span.resource("k8s.pod.name"), "p-1");
        assert_eq!(span.resource("telemetry.sdk.language"), "python");
    }
}

#[test]
fn a_request_is_answered_counted_and_traced_under_its_callers_trace() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    let server = start(dir.path(), Some(&receiver), &[]);
    let body = r#"{"model":"qwen3-235b","prompt":"hello world","max_tokens":5,"temperature":0}"#;
    let parent = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";
    let answer = server.ask("POST", "/v1/completions", parent, body, usize::MAX);
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("\"completion_tokens\":5"),
        "{answer}"
    );
    let unsampled = parent.replace("-01\r", "-00\r");
    server.ask("POST", "/v1/completions", &unsampled, body, usize::MAX);
    server.post(
        "/v1/chat/completions",
        r#"{"messages":[{"role":"user","content":"hi"}],"max_tokens":3,"stream":true}"#,
    );
    wait("two request spans", || receiver.requests().len() >= 2);
    let spans = receiver.requests();
    assert_eq!(spans.len(), 2, "none of an unsampled caller");
    let called = &spans[0].span;
    assert_eq!(called["traceId"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(
        (&called["parentSpanId"], &called["flags"]),
        (&"b7ad6b7169203331".into(), &768.into())
    );
    assert!(
        spans[0].attribute("gen_ai.request.temperature").is_null(),
        "0 is absent"
    );
    assert!(
        spans[0].attribute("gen_ai.request.id")["stringValue"]
            .as_str()
            .unwrap()
            .ends_with("-0")
    );
    assert!(
        spans[1].attribute("gen_ai.request.id")["stringValue"]
            .as_str()
            .unwrap()
            .starts_with("chatcmpl-")
    );
    assert_eq!(server.number("vllm:e2e_request_latency_seconds_count"), 3.0);
    assert_eq!(server.number("vllm:generation_tokens_total"), 13.0);
}

#[test]
fn a_client_that_leaves_leaves_no_span_and_no_end_of_request_but_its_tokens() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    let server = start(dir.path(), Some(&receiver), &[]);
    let body = r#"{"prompt":"hello","max_tokens":30000,"ignore_eos":true,"stream":true}"#;
    let answer = server.ask("POST", "/v1/completions", "", body, 600);
    assert!(answer.contains("data: {"), "{answer}");
    wait("the engine is empty", || {
        server.number("vllm:num_requests_running") == 0.0
    });
    assert_eq!(server.number("vllm:time_to_first_token_seconds_count"), 1.0);
    assert!(server.number("vllm:generation_tokens_total") >= 1.0);
    for series in [
        "vllm:e2e_request_latency_seconds_count",
        "vllm:request_queue_time_seconds_count",
    ] {
        assert_eq!(server.number(series), 0.0, "{series}");
    }
    assert!(receiver.requests().is_empty());
}

#[test]
fn wrong_requests_are_refused_in_the_captured_words() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path(), None, &[]);
    for (body, status, words) in [
        (
            r#"{"model":"nope"}"#,
            "404",
            "The model `nope` does not exist. Valid aliases: qwen3-235b.",
        ),
        (
            r#"{"prompt":"x","temperature":-1.0}"#,
            "400",
            "temperature must be non-negative, got -1.0. (parameter=temperature, value=-1.0)",
        ),
        (
            r#"{"prompt":"x","max_tokens":50000}"#,
            "400",
            "max_tokens=50000 cannot be greater than max_model_len=32768.",
        ),
        ("{", "400", "Invalid JSON"),
    ] {
        let answer = server.post("/v1/completions", body);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")) && answer.contains(words),
            "{answer}"
        );
    }
    assert_eq!(
        server.number(
            "http_requests_total{handler=\"/v1/completions\",method=\"POST\",status=\"4xx\"}"
        ),
        4.0
    );
}

#[test]
fn own_traffic_has_slow_requests_at_once_and_all_spans_are_of_the_truth() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    let mut server = start(
        dir.path(),
        Some(&receiver),
        &[
            ("FLEET_REQUESTS_PER_SECOND", "1"),
            ("FLEET_SLOW_SHARE", "0.05"),
            ("FLEET_SPEED", "10"),
        ],
    );
    let slow = |truth: &[Value]| {
        truth
            .iter()
            .filter(|t| t["e2e"].as_f64() > Some(120.0))
            .count()
    };
    wait("slow requests", || slow(&server.truth()) >= 3);
    let answer = server.post("/fleet/scenario", r#"{"requests_per_second":0}"#);
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    server.post("/fleet/scenario", r#"{"skip":3600}"#);
    wait("the engine is empty", || {
        server.number("vllm:num_requests_running") == 0.0
    });
    let truth = server.truth();
    let ended = server.child.terminate(LIMIT).unwrap();
    assert!(ended.success());
    let spans = receiver.requests();
    let traced: Vec<&Value> = truth.iter().filter(|t| !t["trace_id"].is_null()).collect();
    assert_eq!(spans.len(), traced.len());
    for t in traced {
        let span = spans
            .iter()
            .find(|s| s.span["spanId"] == t["span_id"])
            .expect("its span");
        assert_eq!(
            span.attribute("gen_ai.latency.e2e")["doubleValue"],
            t["e2e"]
        );
        assert_eq!(span.attribute("gen_ai.request.id")["stringValue"], t["id"]);
    }
}

#[test]
fn a_wrong_switch_is_refused_with_what_is_expected() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path(), None, &[]);
    for (body, words) in [
        (r#"{"scenario":"party"}"#, "expected one of steady, rush"),
        (r#"{"speed":0}"#, "speed: found 0, expected a number from"),
        (r#"{"sped":1}"#, "unknown field `sped`"),
    ] {
        let answer = server.post("/fleet/scenario", body);
        assert!(
            answer.starts_with("HTTP/1.1 400") && answer.contains(words),
            "{answer}"
        );
    }
}

#[test]
fn an_outage_closes_the_port_and_its_end_is_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    let [control] = repo::free_ports::<1>().unwrap();
    let port = control.to_string();
    let server = start(
        dir.path(),
        Some(&receiver),
        &[
            ("FLEET_REQUESTS_PER_SECOND", "1"),
            ("FLEET_CONTROL_PORT", &port),
        ],
    );
    assert!(
        server.number("vllm:generation_tokens_total") > 0.0,
        "it has run for ten minutes"
    );
    let control = Server {
        child: server.child,
        port: control,
    };
    control.post("/fleet/scenario", r#"{"scenario":"total-outage"}"#);
    wait("nobody listens", || {
        TcpStream::connect(("127.0.0.1", server.port)).is_err()
    });
    control.post(
        "/fleet/scenario",
        r#"{"scenario":"steady","requests_per_second":0}"#,
    );
    wait("it listens again", || {
        TcpStream::connect(("127.0.0.1", server.port)).is_ok()
    });
    let again = Server {
        child: control.child,
        port: server.port,
    };
    assert_eq!(again.number("vllm:generation_tokens_total"), 0.0);
    wait("two start-ups", || {
        receiver
            .spans()
            .iter()
            .filter(|s| s.span["name"] == "Overall Loading")
            .count()
            == 2
    });
}

#[test]
fn sigterm_ends_it_in_time_and_a_taken_port_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = start(dir.path(), None, &[]);
    let second = Command::new(env!("CARGO_BIN_EXE_vllm"))
        .args([
            "serve",
            "m",
            "--host=127.0.0.1",
            &format!("--port={}", server.port),
        ])
        .env_remove("VLLM_PORT")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(
        !second.status.success() && said.contains("is not free"),
        "{said}"
    );
    assert!(server.child.terminate(LIMIT).unwrap().success());
}

#[test]
fn refusals_end_with_argparses_code_and_a_uri_with_one() {
    let run = |argument: &str, port: &str| {
        let out = Command::new(env!("CARGO_BIN_EXE_vllm"))
            .args(["serve", "m", argument])
            .env("VLLM_PORT", port)
            .output()
            .unwrap();
        (
            out.status.code(),
            String::from_utf8_lossy(&out.stderr).into_owned(),
        )
    };
    let (code, said) = run("--colour=red", "5678");
    assert_eq!(code, Some(2));
    assert!(
        said.contains("vllm: error: unrecognized arguments: --colour=red"),
        "{said}"
    );
    let (code, said) = run("--enforce-eager", "tcp://10.0.0.1:8000");
    assert_eq!(code, Some(1));
    assert!(said.contains("appears to be a URI"), "{said}");
}

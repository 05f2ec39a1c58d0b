//! The recorder (cmd/capture) over a simulated server: what it writes is read as a recording.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::time::Duration;

use capture::{Options, Receiver, record};
use harness::child::Child;
use harness::{capture as recorded, otlp, repo};
use serde_json::Value;

#[test]
fn a_server_is_recorded_whole_and_a_recording_is_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(([127, 0, 0, 1], 0).into()).unwrap();
    let [port] = repo::free_ports::<1>().unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_vllm"));
    server
        .args([
            "serve",
            "some/model",
            "--served-model-name=qwen3-235b",
            "--host=127.0.0.1",
        ])
        .arg(format!("--port={port}"))
        .arg(format!(
            "--otlp-traces-endpoint=http://{}",
            receiver.address()
        ))
        .env_remove("VLLM_PORT")
        .env("FLEET_SPEED", "20")
        .env("OTEL_BSP_SCHEDULE_DELAY", "50");
    let _server = Child::start("vllm", server, &dir.path().join("log")).unwrap();
    let options = Options {
        url: format!("http://127.0.0.1:{port}"),
        model: "qwen3-235b".to_owned(),
        token: None,
        folder: dir.path().join("0.34.0"),
        load: Duration::from_secs(6),
        every: Duration::from_secs(1),
    };
    record(&options, &receiver, |_| ()).unwrap();

    let read = |file: &str| fs::read_to_string(options.folder.join(file)).unwrap();
    for body in ["idle", "loaded-1", "loaded-2", "busy", "drained"] {
        let text = read(&format!("metrics-{body}.txt"));
        assert!(
            text.contains("# TYPE vllm:num_requests_running gauge"),
            "{body}"
        );
    }
    assert!(read("metrics-idle.headers").contains("content-type: "));
    assert!(read("families.txt").contains("vllm:num_requests_running gauge\n"));
    let archive = fs::File::open(options.folder.join("scrapes.tar.gz")).unwrap();
    assert!(recorded::bodies(archive).unwrap().len() >= 3);

    let requests: Vec<Value> = read("requests.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds: BTreeSet<&str> = requests.iter().filter_map(|r| r["kind"].as_str()).collect();
    assert!(kinds.len() >= 10, "{kinds:?}");
    let refused = requests.iter().filter(|r| r["status"] == 404);
    assert!(refused.count() > 0);
    // Each answered request has its span, by the id that the client was told.
    let exports = otlp::read_lines(&options.folder.join("traces.jsonl")).unwrap();
    let spans: Vec<String> = exports
        .iter()
        .flat_map(otlp::spans)
        .filter(|(_, _, span)| span["name"] == "llm_request")
        .map(|(_, _, span)| span["attributes"].to_string())
        .collect();
    let answered: Vec<&str> = requests.iter().filter_map(|r| r["id"].as_str()).collect();
    assert!(answered.len() > 10, "{}", answered.len());
    for id in answered {
        assert!(
            spans.iter().any(|span| span.contains(id)),
            "{id} has no span"
        );
    }

    let again = record(&options, &receiver, |_| ()).unwrap_err().to_string();
    assert!(again.contains("0.34.0 exists"), "{again}");
}

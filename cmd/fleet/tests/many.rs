//! The program `fleet` from outside: many servers, service discovery, scripts.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::fs;
use std::process::Command;
use std::time::Duration;

use harness::child::Child;
use harness::{http, repo};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(90);

#[test]
fn servers_are_discovered_by_model_answer_each_and_follow_a_script() {
    let dir = tempfile::tempdir().unwrap();
    let [control, port] = repo::free_ports::<2>().unwrap();
    let (script, truth) = (dir.path().join("script"), dir.path().join("truth.jsonl"));
    fs::write(&script, "0.2 steady\n0 replica-loss # for the rest\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_fleet"));
    command
        .args([
            "--model",
            "a=8",
            "--model",
            "b=1",
            "--first",
            "127.33.0.1",
            "--speed",
            "20",
        ])
        .args([
            "--port",
            &port.to_string(),
            "--control",
            &format!("127.0.0.1:{control}"),
        ])
        .arg("--script")
        .arg(&script)
        .arg("--truth")
        .arg(&truth);
    let mut child = Child::start("fleet", command, &dir.path().join("log")).unwrap();
    let base = format!("http://127.0.0.1:{control}/fleet");
    child.wait_http(&base, LIMIT).unwrap();
    let json = |url: &str| -> Value { serde_json::from_str(&http::get(url).unwrap()).unwrap() };
    assert_eq!(json(&format!("{base}/sd")).as_array().unwrap().len(), 9);
    let found = json(&format!("{base}/sd?model=b"));
    assert_eq!(found[0]["targets"][0], format!("127.33.0.9:{port}"));
    assert_eq!(found[0]["labels"]["__meta_kubernetes_pod_name"], "b-0");
    let body = http::get(&format!("http://127.33.0.9:{port}/metrics")).unwrap();
    assert!(body.contains("model_name=\"b\"") && !body.contains("model_name=\"a\""));
    child
        .wait_until("in the script's last scenario", LIMIT, || {
            let replicas = json(&base)["replicas"].as_array().unwrap().clone();
            Ok(replicas.iter().filter(|r| r["up"] == true).count() == 6)
        })
        .unwrap();
    child
        .wait_until("done with some requests", LIMIT, || {
            Ok(fs::read_to_string(&truth)?.lines().count() > 20)
        })
        .unwrap();
    assert!(
        http::get(&format!("http://127.33.0.1:{port}/metrics")).is_err(),
        "a-0 is lost"
    );
    assert!(child.terminate(LIMIT).unwrap().success());
}

#[test]
fn wrong_options_are_named() {
    for (words, said) in [
        (
            ["--model", "a"],
            "--model: found 'a', expected NAME=REPLICAS",
        ),
        (["--speed", "0"], "--speed: found 0"),
        (["--slow-share", "2"], "--slow-share: found 2"),
        (["--script", "/nowhere"], "/nowhere"),
    ] {
        let out = Command::new(env!("CARGO_BIN_EXE_fleet"))
            .args(words)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(!out.status.success() && text.contains(said), "{text}");
    }
}

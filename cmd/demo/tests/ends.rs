//! How the demo ends: whatever happens, no process of it stays, and the reason is said.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use harness::repo;

const LIMIT: Duration = Duration::from_secs(90);

/// One demo at a time: its replicas have fixed addresses.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A demo that has reported once.
fn running() -> Child {
    running_with(&[])
}

fn running_with(variables: &[(&str, &str)]) -> Child {
    let [port] = repo::free_ports::<1>().unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_demo"))
        .env_remove("ONESHOT")
        .env_remove("SPANS")
        .env_remove("KEPT")
        .env_remove("REPLICAS")
        .env_remove("REPLAY")
        .envs(variables.iter().copied())
        .env("PROMETHEUS_PORT", port.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let out = BufReader::new(demo.stdout.take().unwrap());
    let mut lines = out.lines().map_while(Result::ok);
    let reported = lines.any(|line| line.contains("traces seen"));
    // Read on, so that the demo never waits for its reader.
    std::thread::spawn(move || lines.for_each(drop));
    assert!(reported, "{}", stderr(&mut demo));
    demo
}

fn stderr(demo: &mut Child) -> String {
    let mut text = String::new();
    demo.stderr
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// Processes that run on the demo's files: their ids and names.
fn processes() -> Vec<(String, String)> {
    let dir = repo::root().join("target/demo").display().to_string();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let id = entry.file_name().to_string_lossy().into_owned();
        let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).into_owned();
        if id.bytes().all(|b| b.is_ascii_digit()) && command.contains(&dir) {
            found.push((id, command));
        }
    }
    found
}

fn signal(name: &str, id: &str) {
    assert!(
        Command::new("kill")
            .args([name, id])
            .status()
            .unwrap()
            .success()
    );
}

/// Waits for the demo's end; gives whether it was a success.
fn ended(demo: &mut Child) -> bool {
    let started = Instant::now();
    loop {
        if let Some(status) = demo.try_wait().unwrap() {
            return status.success();
        }
        assert!(started.elapsed() < LIMIT, "the demo does not end");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_killed_child_ends_everything_and_is_named() {
    let _one = ONE_AT_A_TIME.lock();
    for name in ["otelcol-vllm", "prometheus"] {
        let mut demo = running();
        let children = processes();
        let (id, _) = children
            .iter()
            .find(|(_, command)| command.split('\0').next().unwrap().ends_with(name))
            .expect("the child runs");
        signal("-KILL", id);
        assert!(!ended(&mut demo));
        let said = stderr(&mut demo);
        let named = if name == "prometheus" {
            name
        } else {
            "collector"
        };
        assert!(said.contains(named), "{said}");
        assert_eq!(processes(), [], "after the end of {name}");
    }
}

#[test]
fn ctrl_c_and_a_closed_terminal_end_everything() {
    let _one = ONE_AT_A_TIME.lock();
    for name in ["-INT", "-HUP"] {
        let mut demo = running();
        assert_eq!(processes().len(), 2);
        signal(name, &demo.id().to_string());
        assert!(ended(&mut demo), "{}", stderr(&mut demo));
        assert_eq!(processes(), []);
    }
}

#[test]
fn a_capture_is_replayed() {
    let _one = ONE_AT_A_TIME.lock();
    let mut demo = running_with(&[("REPLAY", "1")]);
    signal("-TERM", &demo.id().to_string());
    assert!(ended(&mut demo), "{}", stderr(&mut demo));
}

#[test]
fn a_taken_address_of_a_server_is_named() {
    let _one = ONE_AT_A_TIME.lock();
    let _taken = TcpListener::bind("127.0.1.3:18000").unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_demo"))
        .env("ONESHOT", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(!out.status.success());
    assert!(said.contains("127.0.1.3:18000 is not free"), "{said}");
    assert_eq!(processes(), []);
}

#[test]
fn a_taken_port_is_said_in_one_line() {
    let _one = ONE_AT_A_TIME.lock();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let out = Command::new(env!("CARGO_BIN_EXE_demo"))
        .env("PROMETHEUS_PORT", &port)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(!out.status.success());
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    assert!(
        said.contains(&port) && said.contains("PROMETHEUS_PORT"),
        "{said}"
    );
}

#[test]
fn a_wrong_option_is_named_with_what_is_expected() {
    let _one = ONE_AT_A_TIME.lock();
    for (name, value, expected) in [
        ("ONESHOT", "yes", "expected 1"),
        ("REPLAY", "maybe", "expected 1"),
        ("REPLICAS", "3", "expected a number from 4 to 240"),
        ("SPANS", "/nowhere/spans.jsonl", "expected OTLP/JSON lines"),
        ("PROMETHEUS_PORT", "http", "expected a port"),
    ] {
        let out = Command::new(env!("CARGO_BIN_EXE_demo"))
            .env(name, value)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(!out.status.success());
        assert!(
            said.contains(name) && said.contains(value) && said.contains(expected),
            "{said}"
        );
    }
}

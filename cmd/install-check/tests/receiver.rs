//! Collectors that ask for TLS, a certificate or a token: the real one, and what the test's pod has
//! mounted.

#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

mod support;

use std::fs;
use std::path::Path;

use harness::certificates;
use harness::collector::Collector;
use serde_json::{Value, json};
use support::{ask, collector, line, render, without_prometheus};

/// What certificates are held to: the Service of the chart's release.
const NAME: &str = "vllm-monitoring-collector.monitoring.svc";

const TLS: &str = "tracing.receiver.tls.secretName=otlp";
const CLIENT_CA: &str = "tracing.receiver.tls.clientCA=ca.crt";
const CLIENT: &str = "tracing.receiver.client.secretName=otlp-client";
const TOKEN: &str = "tracing.receiver.bearerToken.secretName=tokens";

/// A collector of these values, its Secrets being files of a folder.
fn started(dir: &Path, files: &Path, set: &[&str]) -> Collector {
    certificates::write(files, &[NAME]).unwrap();
    fs::write(files.join("token"), "another # old\nright\n").unwrap();
    let mut places = json!({});
    if set.contains(&TLS) {
        let mut tls = json!({
            "cert_file": files.join("server.crt"),
            "key_file": files.join("server.key"),
        });
        if set.contains(&CLIENT_CA) {
            tls["client_ca_file"] = json!(files.join("ca.crt"));
        }
        let tls = json!({"tls": tls});
        places["receivers"] = json!({"otlp": {"protocols": {"grpc": tls, "http": tls}}});
    }
    if set.contains(&TOKEN) {
        places["extensions"] = json!({"bearertokenauth": {"filename": files.join("token")}});
    }
    collector(dir, &render(set), &places)
}

/// The chart's input, with what is mounted in the pod in a folder of this machine.
fn mounted(set: &[&str], files: &Path, token: &str) -> Value {
    let mut input = without_prometheus(set);
    let part = &mut input["collector"];
    for (key, file) in [
        ("ca", "ca.crt"),
        ("cert", "client.crt"),
        ("key", "client.key"),
    ] {
        if part["tls"][key].is_string() {
            part["tls"][key] = json!(files.join(file));
        }
    }
    if part["tokenFile"] != "" {
        let sent = files.join("sent");
        fs::write(&sent, token).unwrap();
        part["tokenFile"] = json!(sent);
    }
    input
}

#[test]
fn a_collector_that_asks_for_all_is_shown_all() {
    for set in [vec![TLS], vec![TOKEN], vec![TLS, CLIENT_CA, CLIENT, TOKEN]] {
        let (dir, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let collector = started(dir.path(), files.path(), &set);
        let input = mounted(&set, files.path(), "right # the first word\n");
        let (well, lines) = ask(&input, &collector, 20);
        assert!(well, "{set:?}: {lines:#?}");
        let sampling = line(&lines, "sampling");
        assert!(sampling.starts_with("pass: "), "{sampling}");
    }
}

#[test]
fn what_the_collector_refuses_is_said() {
    let set = [TLS, CLIENT_CA, CLIENT, TOKEN];
    let (dir, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let collector = started(dir.path(), files.path(), &set);
    let right = mounted(&set, files.path(), "wrong");
    let other = tempfile::tempdir().unwrap();
    certificates::write(other.path(), &[NAME]).unwrap();
    let changed = |key: &str, to: Value| {
        let mut input = right.clone();
        input["collector"]["tls"][key] = to;
        input
    };
    let mut no_token = right.clone();
    no_token["collector"]["tokenFile"] = json!("");
    let mut plain = right.clone();
    plain["collector"]["tls"] = Value::Null;
    let handshake = format!("as {NAME}, ends the TLS handshake");
    for (input, said) in [
        (right.clone(), "refuses the bearer token (401)".to_owned()),
        (no_token, "asks for a bearer token (401)".to_owned()),
        (
            changed("ca", json!(other.path().join("ca.crt"))),
            handshake.clone(),
        ),
        (changed("cert", json!("")), handshake),
        (
            changed("name", json!("elsewhere.monitoring.svc")),
            "as elsewhere.monitoring.svc, ends the TLS handshake".to_owned(),
        ),
        (plain, "answers 400".to_owned()),
    ] {
        // Time for one round, and for a slow handshake in it.
        let (well, lines) = ask(&input, &collector, 5);
        assert!(!well);
        let sampling = line(&lines, "sampling");
        assert!(
            sampling.starts_with("FAIL: ") && sampling.contains(&said),
            "expected {said}, found {sampling}"
        );
        assert!(
            !lines.iter().any(|line| line.contains("wrong")),
            "{lines:#?}"
        );
    }
}

#[test]
fn a_file_that_is_not_mounted_or_empty_is_named() {
    let set = [TLS, CLIENT_CA, CLIENT, TOKEN];
    let files = tempfile::tempdir().unwrap();
    certificates::write(files.path(), &[NAME]).unwrap();
    let right = mounted(&set, files.path(), "t");
    fs::write(files.path().join("empty"), "\n").unwrap();
    let empty = json!(files.path().join("empty"));
    for (key, file, said) in [
        ("tls", "ca", "has no certificate in PEM"),
        ("tls", "key", "has no private key in PEM"),
        ("tokenFile", "", "has no token under its key"),
    ] {
        for (to, said) in [
            (&empty, said),
            (&json!("/nowhere"), "/nowhere cannot be read"),
        ] {
            let mut input = right.clone();
            let part = &mut input["collector"][key];
            *(if file.is_empty() {
                part
            } else {
                &mut part[file]
            }) = to.clone();
            let (well, lines) = support::lines(&input, 1);
            assert!(!well);
            let sampling = line(&lines, "sampling");
            assert!(sampling.contains(said), "expected {said}, found {sampling}");
        }
    }
}

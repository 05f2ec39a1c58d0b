//! Who may send: TLS, certificates of callers and bearer tokens, between two real collectors.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

use collector_tests::{
    LIMIT, await_log, await_metric, ids, metric, planted, render, send, slow, start,
};
use harness::certificates;
use harness::child::Child;
use harness::collector::{self, Collector};
use harness::repo;
use serde_json::{Value, json};

const TOKEN: &str = "a-token-of-callers";

/// A collector that asks for all three.
fn receiver(dir: &Path, files: &Path) -> Collector {
    fs::write(files.join("token"), format!("another # old\n{TOKEN}\n")).unwrap();
    let values = [
        "tls.secretName=s",
        "tls.clientCA=ca.crt",
        "client.secretName=c",
        "bearerToken.secretName=t",
    ]
    .map(|value| format!("tracing.receiver.{value}"));
    let tls = json!({"tls": {
        "cert_file": files.join("server.crt"),
        "key_file": files.join("server.key"),
        "client_ca_file": files.join("ca.crt"),
    }});
    let places = json!({
        "receivers": {"otlp": {"protocols": {"grpc": tls, "http": tls}}},
        "extensions": {"bearertokenauth": {"filename": files.join("token")}},
    });
    start(dir, &render("1s", &values), &places)
}

/// A collector before it that sends what it keeps, with what a caller has of the three.
fn caller(
    dir: &Path,
    files: &Path,
    port: u16,
    tls: bool,
    certificate: bool,
    token: &str,
) -> Collector {
    let to = "tracing.exporters.otlp.next";
    let values = [
        format!("{to}.endpoint=127.0.0.1:{port}"),
        format!("{to}.headersFrom.authorization.name=s"),
        format!("{to}.headersFrom.authorization.key=k"),
        format!(
            "{to}.{}",
            if tls {
                "tlsSecret.name=s"
            } else {
                "insecure=true"
            }
        ),
    ];
    let mut exporter = json!({});
    if tls {
        exporter["tls"]["ca_file"] = json!(files.join("ca.crt"));
    }
    if certificate {
        exporter["tls"]["cert_file"] = json!(files.join("client.crt"));
        exporter["tls"]["key_file"] = json!(files.join("client.key"));
    }
    let extra = json!({"exporters": {"otlp_grpc/next": exporter}});
    let [grpc, http, health, own] = repo::free_ports::<4>().unwrap();
    let metrics = (Ipv4Addr::LOCALHOST, own);
    let rendered = render("1s", &values);
    let mut command =
        collector::command(dir, &rendered, &extra, [grpc, http, health], metrics).unwrap();
    // As the pod gets it from the Secret.
    let config = rendered.collector().unwrap().unwrap();
    let (_, variable) = config.split_once("${env:HEADER_").unwrap();
    let (variable, _) = variable.split_once('}').unwrap();
    command.env(format!("HEADER_{variable}"), format!("Bearer {token}"));
    let mut child = Child::start("caller", command, &dir.join("collector.log")).unwrap();
    let healthy = format!("http://127.0.0.1:{health}/");
    child.wait_http(&healthy, LIMIT).unwrap();
    Collector {
        child,
        otlp: grpc,
        otlp_http: http,
        kept: dir.join("kept.jsonl"),
        metrics,
    }
}

#[test]
fn callers_without_tls_certificate_or_token_are_refused() {
    let files = tempfile::tempdir().unwrap();
    certificates::write(files.path(), &["127.0.0.1"]).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut receiver = receiver(dir.path(), files.path());
    let exports: Vec<Value> = planted(71, 50);
    let accepted = "otelcol_receiver_accepted_spans";

    // (TLS, shows its certificate, token): one thing is missing in each.
    for (tls, certificate, token) in [
        (false, false, TOKEN),
        (true, false, TOKEN),
        (true, true, "a-token"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let mut caller = caller(
            dir.path(),
            files.path(),
            receiver.otlp,
            tls,
            certificate,
            token,
        );
        send(&caller, &exports);
        await_log(&mut caller, "Exporting failed");
        assert_eq!(
            metric(&receiver, accepted, &[]),
            0.0,
            "{tls} {certificate} {token}"
        );
    }

    let dir = tempfile::tempdir().unwrap();
    let caller = caller(dir.path(), files.path(), receiver.otlp, true, true, TOKEN);
    send(&caller, &exports);
    let slow: BTreeSet<String> = slow(&exports);
    await_metric(&mut receiver, accepted, &[], slow.len() as f64);
    assert_eq!(ids(&receiver.stop().unwrap()), slow);
}

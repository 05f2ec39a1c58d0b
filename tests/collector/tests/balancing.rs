//! The balancing tier: two samplers, and callers' spans beside vLLM's.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use collector_tests::balancer::{Balancer, TOKEN};
use collector_tests::{LIMIT, await_metric, caller, ids, planted, render, slow, start};
use harness::collector::Collector;
use harness::{certificates, otlp, repo};
use serde_json::{Value, json};

/// Names of the spans of each trace that was kept.
fn spans(kept: &[Value]) -> BTreeMap<String, BTreeSet<String>> {
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, _, span) in kept.iter().flat_map(otlp::spans) {
        let id = span["traceId"].as_str().unwrap().to_lowercase();
        let name = span["name"].as_str().unwrap().to_owned();
        names.entry(id).or_default().insert(name);
    }
    names
}

/// The other test puts a resolver of its own in the place of the rendered one.
#[test]
fn the_collector_takes_the_balancers_configuration_as_it_is_rendered() {
    let values = ["collector.replicas=2", "balancer.enabled=true"].map(|v| format!("tracing.{v}"));
    let rendered = render("1s", &values);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("balancer.yaml");
    std::fs::write(&path, rendered.config_maps_with("balancer.yaml")[0].1).unwrap();
    let mut command = Command::new(repo::collector().unwrap());
    let out = command.arg("validate").arg("--config").arg(&path).output();
    let out = out.unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
}

/// Callers' spans and vLLM's come at different times through different balancers, and both
/// balancers end at once: what they took has been handed on.
#[test]
fn two_samplers_split_no_trace_and_lose_none() {
    let values = ["collector.replicas=2", "balancer.enabled=true"].map(|v| format!("tracing.{v}"));
    // The samplers decide as they end.
    let rendered = render("10m", &values);
    let dirs = [(); 4].map(|()| tempfile::tempdir().unwrap());
    let mut samplers: Vec<Collector> = dirs[..2]
        .iter()
        .map(|dir| start(dir.path(), &rendered, &json!({})))
        .collect();
    let ports: Vec<u16> = samplers.iter().map(|s| s.otlp).collect();
    let mut balancers: Vec<Balancer> = dirs[2..]
        .iter()
        .map(|dir| Balancer::start(dir.path(), &rendered, &ports, &json!({})))
        .collect();

    let exports = planted(51, 300);
    let callers: Vec<Value> = exports.iter().rev().map(caller).collect();
    for (balancer, exports) in balancers.iter().zip([&exports, &callers]) {
        let mut sender = otlp::Sender::connect(balancer.otlp).unwrap();
        for export in exports {
            sender.send(export).unwrap();
        }
    }
    for balancer in &mut balancers {
        assert!(balancer.child.terminate(LIMIT).unwrap().success());
    }

    let kept: Vec<_> = samplers
        .iter_mut()
        .map(|sampler| spans(&sampler.stop().unwrap()))
        .collect();
    let whole: BTreeSet<String> = ["caller", "llm_request"].map(str::to_owned).into();
    for half in &kept {
        assert!(!half.is_empty(), "one sampler had nothing to do");
        for (id, names) in half {
            assert_eq!(*names, whole, "{id}");
        }
    }
    let found: BTreeSet<String> = kept.iter().flat_map(|half| half.keys().cloned()).collect();
    assert_eq!(found, slow(&exports));
    assert_eq!(found.len(), kept[0].len() + kept[1].len());
    assert!(found.len() < ids(&exports).len());
}

/// No sampler answers: the failure is counted under the names that the rules and runbooks read.
#[test]
fn a_balancer_counts_its_samplers_and_what_it_cannot_deliver() {
    let values = ["collector.replicas=2", "balancer.enabled=true"].map(|v| format!("tracing.{v}"));
    let rendered = render("1s", &values);
    let rules = rendered.rules().unwrap().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let soon = json!({"exporters": {"load_balancing": {
        "retry_on_failure": {"max_interval": "1s", "max_elapsed_time": "1s"},
    }}});
    let balancer = Balancer::start(
        dir.path(),
        &rendered,
        &repo::free_ports::<2>().unwrap(),
        &soon,
    );
    let mut sender = otlp::Sender::connect(balancer.otlp).unwrap();
    assert!(sender.send(&planted(5, 1)[0]).is_err());
    let page = format!("http://127.0.0.1:{}/metrics", balancer.metrics);
    let page = harness::http::get(&page).unwrap();
    let samples = harness::http::parse_metrics(&page).unwrap();
    let value = |name: &str| {
        let found = samples.iter().find(|s| s.name == name);
        found.unwrap_or_else(|| panic!("no {name}: {page}")).value
    };
    for name in [
        "otelcol_loadbalancer_num_backends",
        "otelcol_exporter_send_failed_spans",
    ] {
        assert!(rules.contains(name), "{name} is read by no rule");
    }
    assert!((value("otelcol_loadbalancer_num_backends") - 2.0).abs() < f64::EPSILON);
    assert!(value("otelcol_exporter_send_failed_spans") > 0.0);
    assert!(value("otelcol_loadbalancer_backend_outcome") > 0.0);
}

/// Between the tiers the same is asked for as of callers: the collector takes what the balancer
/// sends with certificate and token, by address and held to the Service's name.
#[test]
fn a_balancer_shows_its_samplers_what_they_ask_for() {
    let files = tempfile::tempdir().unwrap();
    certificates::write(files.path(), &["vllm-monitoring-collector.monitoring.svc"]).unwrap();
    std::fs::write(files.path().join("token"), TOKEN).unwrap();
    let file = |name: &str| json!(files.path().join(name));
    let asked = json!({"tls": {
        "cert_file": file("server.crt"),
        "key_file": file("server.key"),
        "client_ca_file": file("ca.crt"),
    }});
    let shown = json!({"tls": {
        "ca_file": file("ca.crt"),
        "cert_file": file("client.crt"),
        "key_file": file("client.key"),
    }});
    let token = json!({"filename": file("token")});
    let both = [
        "tls.secretName=s",
        "tls.clientCA=ca.crt",
        "client.secretName=c",
    ];
    for tls in [true, false] {
        let mut values = vec!["bearerToken.secretName=t"];
        let mut places = json!({"extensions": {"bearertokenauth": token}});
        let mut extra = json!({
            "receivers": {"otlp": {"protocols": {"grpc": {"auth": null}}}},
            "extensions": {"bearertokenauth": token},
        });
        if tls {
            values.extend(both);
            places["receivers"] = json!({"otlp": {"protocols": {"grpc": asked, "http": asked}}});
            // Its own callers are not the subject: they need neither.
            extra["receivers"]["otlp"]["protocols"] = json!({"grpc": {"auth": null, "tls": null}});
            extra["exporters"] = json!({"load_balancing": {"protocol": {"otlp": shown}}});
            extra["extensions"]["bearertokenauth/samplers"] = token.clone();
        }
        let mut values: Vec<String> = (values.iter())
            .map(|value| format!("tracing.receiver.{value}"))
            .collect();
        values.extend(
            ["collector.replicas=2", "balancer.enabled=true"].map(|v| format!("tracing.{v}")),
        );
        let rendered = render("1s", &values);
        let dirs = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let mut sampler = start(dirs[0].path(), &rendered, &places);
        let balancer = Balancer::start(dirs[1].path(), &rendered, &[sampler.otlp], &extra);
        let exports = planted(52, 30);
        let mut sender = otlp::Sender::connect(balancer.otlp).unwrap();
        for export in &exports {
            sender.send(export).unwrap();
        }
        // A balancer takes a span when a sampler has it.
        let accepted = "otelcol_receiver_accepted_spans";
        await_metric(&mut sampler, accepted, &[], exports.len() as f64);
    }
}

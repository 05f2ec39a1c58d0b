//! The balancing tier: two samplers, and callers' spans beside vLLM's.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use collector_tests::{LIMIT, caller, ids, planted, render, slow, start};
use harness::child::Child;
use harness::collector::Collector;
use harness::render::Rendered;
use harness::{otlp, repo};
use serde_json::{Value, json};

/// A running balancer, with its port of OTLP over gRPC.
struct Balancer {
    child: Child,
    otlp: u16,
}

impl Balancer {
    /// Starts it with what the chart renders; addresses differ, its own and the samplers'.
    fn start(dir: &Path, rendered: &Rendered, samplers: &[u16]) -> Self {
        let [grpc, http, health, metrics] = repo::free_ports::<4>().unwrap();
        let mut config: Value =
            serde_yaml::from_str(rendered.config_maps_with("balancer.yaml")[0].1).unwrap();
        let here = |port: u16| json!(format!("127.0.0.1:{port}"));
        let protocols = &mut config["receivers"]["otlp"]["protocols"];
        protocols["grpc"]["endpoint"] = here(grpc);
        protocols["http"]["endpoint"] = here(http);
        config["extensions"]["health_check"]["endpoint"] = here(health);
        let to: Vec<Value> = samplers.iter().copied().map(here).collect();
        let resolver = &mut config["exporters"]["load_balancing"]["resolver"];
        assert_eq!(
            resolver["dns"]["hostname"].as_str(),
            Some("vllm-monitoring-collectors.monitoring.svc")
        );
        *resolver = json!({"static": {"hostnames": to}});
        config["service"]["telemetry"]["metrics"]["readers"] = json!([
            {"pull": {"exporter": {"prometheus": {"host": "127.0.0.1", "port": metrics}}}},
        ]);
        let path = dir.join("balancer.yaml");
        std::fs::write(&path, config.to_string()).unwrap();
        let mut command = Command::new(repo::collector().unwrap());
        command.arg("--config").arg(&path);
        let mut child = Child::start("balancer", command, &dir.join("balancer.log")).unwrap();
        child
            .wait_http(&format!("http://127.0.0.1:{health}/"), LIMIT)
            .unwrap();
        Self { child, otlp: grpc }
    }
}

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
        .map(|dir| Balancer::start(dir.path(), &rendered, &ports))
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

//! The probe as the chart renders it: the real blackbox exporter and the real Prometheus, over simulated
//! servers of which one hangs while nobody asks it.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use fleet::model::Traffic;
use fleet::plan::{Group, Plan};
use fleet::world::{Switch, World};
use harness::child::Child;
use harness::render::Rendered;
use harness::repo;
use rules_tests::live::{LIMIT, Live, jobs, render, serve};
use serde_json::{Value, json};

/// The first server; the second follows.
const FIRST: Ipv4Addr = Ipv4Addr::new(127, 0, 5, 1);

/// Two models of one replica each, which nobody asks.
fn world(port: u16) -> Arc<World> {
    let group = |model: &str| Group {
        model: model.to_owned(),
        replicas: 1,
        traffic: Traffic {
            requests_per_second: 0.0,
            ..Traffic::default()
        },
    };
    let plan = Plan {
        groups: vec![group("works"), group("hangs")],
        first: FIRST,
        port,
        seed: 7,
        warm_up: 0.0,
        tracing: false,
        namespace: "inference".to_owned(),
    };
    World::new(plan.servers(), 1.0, None, None)
}

fn values(port: u16) -> Value {
    let entry = |name: &str, probe: Value| json!({"name": name, "namespaces": ["inference"], "selector": {"app": name}, "port": port, "probe": probe});
    json!({
        "metrics": {"mode": "standalone", "scrape": {"interval": "1s", "timeout": "1s"}},
        "rules": {"interval": "1s", "window": "10s", "panels": false, "alerts": {
            "VllmProbeFailing": {"for": "0s"},
            "VllmProbeDown": {"for": "0s"},
        }},
        "tracing": {"enabled": false},
        "helmTest": {"enabled": false},
        "probe": {"enabled": true, "interval": "2s", "timeout": "2s"},
        "models": [
            entry("works", json!({})),
            entry("hangs", json!({})),
            // The same server as the first, of which it asks what that does not know.
            entry("mistaken", json!({"request": "embeddings"})),
            entry("unprobed", json!({"request": "none"})),
        ],
    })
}

fn exporter(dir: &Path, rendered: &Rendered, address: &str) -> Child {
    let config = dir.join("probe.yaml");
    fs::write(&config, rendered.config_maps_with("probe.yaml")[0].1).unwrap();
    let mut command = Command::new(repo::tool("blackbox_exporter").unwrap());
    command.arg(format!("--config.file={}", config.display()));
    command.arg(format!("--web.listen-address={address}"));
    let mut child = Child::start("blackbox_exporter", command, &dir.join("probe.log")).unwrap();
    child
        .wait_http(&format!("http://{address}/-/healthy"), LIMIT)
        .unwrap();
    child
}

#[test]
fn a_replica_that_hangs_while_nobody_asks_it_is_seen_and_one_that_works_is_measured() {
    let [serving, probing] = repo::free_ports::<2>().unwrap();
    let world = world(serving);
    let _serving = serve(&world).unwrap();
    let rendered = render("vllm-monitoring", &values(serving)).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let address = format!("127.0.0.1:{probing}");
    let mut probe = exporter(dir, &rendered, &address);
    let of_model = |model: &str| match model {
        "hangs" => Ipv4Addr::from(u32::from(FIRST) + 1),
        _ => FIRST,
    };
    let found = jobs(&rendered, &["vllm", "probe"], of_model).unwrap();
    let found = serde_yaml::to_string(&found).unwrap();
    let found = found.replace("vllm-monitoring-probe.monitoring.svc:9115", &address);
    let found: Vec<serde_yaml::Value> = serde_yaml::from_str(&found).unwrap();
    let mut live = Live::start(dir, &[&rendered], &found).unwrap();
    let mut is = |query: &str, value: f64| live.wait(query, value).unwrap();

    // Both answer, from outside in less than the timeout; a server without /v1/embeddings says 404.
    is(r#"sum(pod:probe_success:last{model=~"works|hangs"})"#, 2.0);
    is(
        r#"count(pod:probe_duration_seconds:last{model="works"} < 1.5 > 0)"#,
        1.0,
    );
    is(
        r#"max(pod:probe_http_status_code:last{model="mistaken", namespace="inference", pod="mistaken-0"})"#,
        404.0,
    );
    let firing = |model: &str, severity: &str| {
        format!(
            r#"count(ALERTS{{alertname="VllmProbeFailing", alertstate="firing", model="{model}", pod="{model}-0", severity="{severity}"}})"#
        )
    };
    is(&firing("mistaken", "warning"), 1.0);
    // What the probe's requests did is counted by vLLM itself; nobody else asked.
    is(
        r#"count(vllm:generation_tokens_total{model="works"} > 0)"#,
        1.0,
    );
    // Targets of the probe are no replicas.
    is(r#"sum(entry:vllm_replicas:up{model="works"})"#, 1.0);
    is(r#"count(count by (model) (up{probe_of!=""}))"#, 3.0);

    // The engine of one stops; its gauges stay at 0 and its HTTP server answers.
    let freeze = Switch {
        scenario: Some("frozen-idle".to_owned()),
        model: Some("hangs".to_owned()),
        ..Switch::default()
    };
    world.switch(&freeze).unwrap();
    is(&firing("hangs", "critical"), 1.0);
    is(r#"max(pod:probe_success:last{model="works"})"#, 1.0);
    is(r#"max(pod:vllm_target:up{model="hangs"})"#, 1.0);

    // It works again.
    let resume = Switch {
        scenario: Some("steady".to_owned()),
        model: Some(String::new()),
        ..Switch::default()
    };
    world.switch(&resume).unwrap();
    is(r#"max(pod:probe_success:last{model="hangs"})"#, 1.0);

    // Without the exporter nobody is probed, and that is said.
    probe.terminate(LIMIT).unwrap();
    is(
        r#"count(ALERTS{alertname="VllmProbeDown", alertstate="firing", model=~"works|hangs|mistaken"})"#,
        3.0,
    );
}

//! The bundled Jaeger, real as the collector before it: kept traces can be asked for by their id.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use collector_tests::{LIMIT, ids, planted, render, send, slow, start};
use harness::child::Child;
use harness::render::Rendered;
use harness::{http, otlp, repo};
use serde_json::{Value, json};

/// A running Jaeger; its ports are on 127.0.0.1.
struct Jaeger {
    child: Child,
    otlp: u16,
    query: u16,
}

impl Jaeger {
    /// Starts it with what the chart renders; only addresses and the store's folders differ.
    fn start(dir: &Path, rendered: &Rendered) -> Self {
        let [otlp, query, grpc, health, metrics] = repo::free_ports::<5>().unwrap();
        let config = rendered.config_maps_with("jaeger.yaml")[0].1;
        let config = config.replace("/var/lib/jaeger", &dir.join("store").display().to_string());
        let place = |port: u16| json!({"endpoint": format!("127.0.0.1:{port}")});
        let places = json!({
            "receivers": {"otlp": {"protocols": {"grpc": place(otlp)}}},
            "extensions": {
                "healthcheckv2": {"http": place(health)},
                "jaeger_query": {"http": place(query), "grpc": place(grpc)},
            },
            "service": {"telemetry": {"metrics": {"readers": [
                {"pull": {"exporter": {"prometheus": {"host": "127.0.0.1", "port": metrics}}}},
            ]}}},
        });
        let mut command = Command::new(repo::tool("jaeger").unwrap());
        for (name, text) in [("jaeger.yaml", config), ("places.yaml", places.to_string())] {
            let path = dir.join(name);
            std::fs::write(&path, text).unwrap();
            command.arg("--config").arg(path);
        }
        let mut child = Child::start("jaeger", command, &dir.join("jaeger.log")).unwrap();
        // Where the probes ask.
        child
            .wait_http(&format!("http://127.0.0.1:{health}/status"), LIMIT)
            .unwrap();
        Self { child, otlp, query }
    }

    /// The spans it has of a trace; none of one that it does not know.
    fn spans(&self, id: &str) -> usize {
        let url = format!("http://127.0.0.1:{}/api/traces/{id}", self.query);
        http::get(&url).map_or(0, |text| {
            let found: Value = serde_json::from_str(&text).unwrap();
            found["data"][0]["spans"].as_array().map_or(0, Vec::len)
        })
    }

    /// Ids of the newest traces of a service and an operation, of any time.
    fn search(&self, service: &str, operation: &str, limit: u64) -> Vec<String> {
        let service = service.replace('$', "%24").replace(':', "%3A");
        let end = 4_000_000_000_000_000_u64; // microseconds, as its API has them
        let url = format!(
            "http://127.0.0.1:{}/api/traces?service={service}&operation={operation}&limit={limit}&start=1&end={end}&lookback=custom",
            self.query
        );
        let found: Value = serde_json::from_str(&http::get(&url).unwrap()).unwrap();
        let traces = found["data"].as_array().cloned().unwrap_or_default();
        traces
            .iter()
            .map(|trace| trace["traceID"].as_str().unwrap().to_owned())
            .collect()
    }

    fn await_trace(&mut self, id: &str) {
        let started = Instant::now();
        while self.spans(id) == 0 {
            self.child.check().unwrap();
            assert!(started.elapsed() < LIMIT, "{id}: {}", self.child.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Sends traces through a collector to Jaeger and asks for each.
fn keeps_what_the_collector_keeps(dir: &Path, rendered: &Rendered) -> Jaeger {
    let mut jaeger = Jaeger::start(dir, rendered);
    let endpoint = format!("http://127.0.0.1:{}", jaeger.otlp);
    let to = json!({"exporters": {"otlp_grpc/bundled-jaeger": {"endpoint": endpoint}}});
    let mut collector = start(dir, rendered, &to);
    let exports = planted(41, 100);
    send(&collector, &exports);
    let slow = slow(&exports);
    assert!(!slow.is_empty());
    for id in &slow {
        jaeger.await_trace(id);
    }
    // All is decided on by now.
    collector.stop().unwrap();
    for id in ids(&exports).difference(&slow) {
        assert_eq!(jaeger.spans(id), 0, "{id} was not kept");
    }
    jaeger
}

#[test]
fn kept_traces_are_found_in_the_bundled_jaeger() {
    let dir = tempfile::tempdir().unwrap();
    let rendered = render("1s", &["jaeger.enabled=true".to_owned()]);
    let jaeger = keeps_what_the_collector_keeps(dir.path(), &rendered);
    let exports = planted(41, 100);
    let listed = listed_by_the_dashboard(&jaeger, &exports);
    let slow = slow(&exports);
    assert!(listed.is_subset(&slow), "{listed:?} of {slow:?}");
    assert_eq!(listed.len(), slow.len().min(20));
    // What it would be asked with a variable that nobody filled in.
    assert!(jaeger.search("$service", "llm_request", 20).is_empty());
}

/// What the panel of kept traces lists, asked as Grafana's Jaeger data source asks.
fn listed_by_the_dashboard(jaeger: &Jaeger, exports: &[Value]) -> BTreeSet<String> {
    let path = repo::root().join("chart/dashboards/jaeger/slow-requests.json");
    let board: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let panels = board["panels"].as_array().unwrap();
    let panel = panels
        .iter()
        .find(|panel| panel["datasource"]["type"] == "jaeger")
        .unwrap();
    let target = &panel["targets"][0];
    assert_eq!(target["queryType"], "search");
    assert_eq!(target["service"], "$service");
    let services: BTreeSet<String> = exports
        .iter()
        .flat_map(otlp::spans)
        .flat_map(|(resource, _, _)| resource["attributes"].as_array().unwrap())
        .filter(|attribute| attribute["key"] == "service.name")
        .map(|attribute| {
            attribute["value"]["stringValue"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    let operation = target["operation"].as_str().unwrap();
    let limit = target["limit"].as_u64().unwrap();
    services
        .iter()
        .flat_map(|service| jaeger.search(service, operation, limit))
        .collect()
}

#[test]
fn with_badger_they_outlive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let values = ["enabled=true", "storage.type=badger"].map(|v| format!("jaeger.{v}"));
    let rendered = render("1s", &values);
    let mut jaeger = keeps_what_the_collector_keeps(dir.path(), &rendered);
    assert!(jaeger.child.terminate(LIMIT).unwrap().success());
    let mut next = Jaeger::start(dir.path(), &rendered);
    for id in slow(&planted(41, 100)) {
        next.await_trace(&id);
    }
}

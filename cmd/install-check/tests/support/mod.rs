//! The chart's own input for the real servers on this machine, and the lines that come of it.

#![allow(dead_code)] // each test program uses its part
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)] // in helpers, where clippy sees no test

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use harness::child::Child;
use harness::collector::Collector;
use harness::render::{Options, Rendered};
use harness::repo;
use install_check::input::Input;
use install_check::net;
use install_check::run::{self, Cluster, Resolve};
use serde_json::{Value, json};

/// Time a process may take to answer.
const START: Duration = Duration::from_secs(90);

/// The chart in standalone mode with a short decision wait and more settings.
pub fn render(set: &[&str]) -> Rendered {
    let common = [
        "metrics.mode=standalone",
        "metrics.scrape.interval=1s",
        "metrics.scrape.timeout=1s",
        "rules.interval=1s",
        "tracing.sampling.decisionWait=1s",
        "tracing.exporters.debug.enabled=false",
        "tracing.exporters.file.enabled=true",
        "helmTest.image.repository=install-check",
    ];
    Rendered::new(&Options {
        set: common.iter().chain(set).map(|s| (*s).to_owned()).collect(),
        ..Options::default()
    })
    .expect("the chart renders")
}

/// Names a collector image, so that the plugin decides.
pub const WASM: &str = "tracing.collector.image.repository=otelcol-vllm";

/// What the chart hands to the test's pod.
pub fn chart_input(rendered: &Rendered) -> Value {
    let pod = rendered.of_kind("Pod").next().expect("the test's pod");
    let env = &pod["spec"]["containers"][0]["env"][0];
    assert_eq!(env["name"].as_str(), Some("INSTALL_CHECK"));
    serde_json::from_str(env["value"].as_str().unwrap()).unwrap()
}

/// Points the input at this machine's collector.
pub fn at_collector(input: &mut Value, collector: &Collector) {
    let part = &mut input["collector"];
    part["host"] = json!("127.0.0.1");
    part["otlpPort"] = json!(collector.otlp_http);
    part["metricsPort"] = json!(collector.metrics.1);
}

/// All lines, and whether nothing failed.
pub fn lines(input: &Value, timeout: u64) -> (bool, Vec<String>) {
    lines_by(input, timeout, &net::addresses)
}

/// The same, with names looked up in another way.
pub fn lines_by(input: &Value, timeout: u64, resolve: Resolve<'_>) -> (bool, Vec<String>) {
    let outside = || Err("no cluster".to_owned());
    lines_in(input, timeout, resolve, &outside)
}

/// The same, with another way to reach the cluster.
pub fn lines_in(
    input: &Value,
    timeout: u64,
    resolve: Resolve<'_>,
    cluster: Cluster<'_>,
) -> (bool, Vec<String>) {
    let mut input = input.clone();
    input["timeoutSeconds"] = json!(timeout);
    let input = Input::parse(&input.to_string()).expect("the chart's input is read");
    let mut lines = Vec::new();
    let well = run::all_by(&input, resolve, cluster, |line| {
        lines.push(line.to_string())
    });
    (well, lines)
}

/// The line of a check.
pub fn line<'a>(lines: &'a [String], check: &str) -> &'a str {
    (lines.iter())
        .find(|line| {
            line.split(": ")
                .nth(1)
                .is_some_and(|name| name.starts_with(check))
        })
        .unwrap_or_else(|| panic!("no line of {check}: {lines:#?}"))
}

/// A collector as rendered.
pub fn collector(dir: &Path, rendered: &Rendered, extra: &Value) -> Collector {
    let [metrics] = repo::free_ports::<1>().unwrap();
    Collector::start(dir, rendered, extra, (Ipv4Addr::LOCALHOST, metrics)).expect("it starts")
}

/// Lines of a running collector.
pub fn ask(input: &Value, collector: &Collector, timeout: u64) -> (bool, Vec<String>) {
    let mut input = input.clone();
    at_collector(&mut input, collector);
    lines(&input, timeout)
}

/// The chart's input with what is asked of Prometheus left out.
pub fn without_prometheus(set: &[&str]) -> Value {
    let mut input = chart_input(&render(set));
    input["prometheus"]["url"] = json!("");
    input["prometheus"]["operator"] =
        json!({"namespace": "monitoring", "labels": {}, "rules": true});
    input
}

/// A running Prometheus.
pub struct Prometheus {
    child: Child,
    /// Its address.
    pub url: String,
}

impl Prometheus {
    /// Waits until that many targets are up: on a loaded machine one is scraped seconds after another.
    pub fn await_up(&self, count: usize) {
        let asked = harness::http::Prometheus {
            url: self.url.clone(),
        };
        let started = std::time::Instant::now();
        loop {
            let up = asked.query("count(up == 1)").unwrap();
            if up
                .first()
                .is_some_and(|sample| sample.value >= count as f64)
            {
                return;
            }
            assert!(started.elapsed() < START, "{count} targets: {up:?}");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    }

    /// Has it read files again that it must refuse, and waits until it has.
    pub fn refuse(&mut self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-HUP", &id]).status();
        assert!(sent.is_ok_and(|status| status.success()));
        let url = format!("{}/api/v1/status/runtimeinfo", self.url);
        let refused = || Ok(harness::http::get(&url)?.contains("\"reloadConfigSuccess\":false"));
        self.child.wait_until("refusing", START, refused).unwrap();
    }
}

/// A Prometheus with the rendered rules (or others) and targets as the release would have them.
pub fn prometheus(dir: &Path, rules: &str, targets: &[(&str, u16)]) -> Prometheus {
    let targets: Vec<(&str, &str, u16)> = targets.iter().map(|(m, p)| (*m, "", *p)).collect();
    prometheus_of_pods(dir, rules, &targets)
}

/// The same with targets that are pods: (entry, pod, port).
pub fn prometheus_of_pods(dir: &Path, rules: &str, targets: &[(&str, &str, u16)]) -> Prometheus {
    let [port] = repo::free_ports::<1>().unwrap();
    std::fs::write(dir.join("rules.yaml"), rules).unwrap();
    let jobs: Vec<Value> = (targets.iter())
        .map(|(model, pod, port)| {
            let mut labels =
                json!({"model": model, "vllm_monitoring": "monitoring/vllm-monitoring"});
            if !pod.is_empty() {
                labels["pod"] = json!(pod);
                labels["namespace"] = json!("inference");
            }
            let targets = [format!("127.0.0.1:{port}")];
            json!({
                "job_name": format!("vllm/{model}/{pod}").trim_end_matches('/'),
                "static_configs": [{"targets": targets, "labels": labels}],
            })
        })
        .collect();
    let config = json!({
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [dir.join("rules.yaml")],
        "scrape_configs": jobs,
    });
    let path = dir.join("prometheus.yaml");
    std::fs::write(&path, serde_yaml::to_string(&config).unwrap()).unwrap();
    let mut command = Command::new(repo::tool("prometheus").unwrap());
    command.arg(format!("--config.file={}", path.display()));
    command.arg(format!(
        "--storage.tsdb.path={}",
        dir.join("tsdb").display()
    ));
    command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
    let mut child = Child::start("prometheus", command, &dir.join("prometheus.log")).unwrap();
    let url = format!("http://127.0.0.1:{port}");
    child.wait_http(&format!("{url}/-/ready"), START).unwrap();
    Prometheus { child, url }
}

/// The rendered rules.
pub fn rules(rendered: &Rendered) -> String {
    rendered.rules().unwrap().unwrap()
}

/// A captured page of vLLM's metrics.
pub fn captured(page: &str) -> String {
    let dir = repo::root().join("tests/fixtures/vllm/0.33.0");
    std::fs::read_to_string(dir.join(page)).unwrap()
}

/// Serves GET until the test's end; the answer to a path is a status and a body. Gives the port.
pub fn serve(answer: impl Fn(&str) -> (u16, String) + Send + 'static) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut head = BufReader::new(&stream).lines().map_while(Result::ok);
            let path = head.next().unwrap_or_default();
            let _ = head.find(String::is_empty);
            let (status, body) = answer(path.split(' ').nth(1).unwrap_or_default());
            let _ = write!(
                &stream,
                "HTTP/1.1 {status} x\r\ncontent-type: text/plain; version=0.0.4\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    port
}

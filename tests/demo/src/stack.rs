//! The real collector and the real Prometheus, started with what the chart renders.
//!
//! Nothing of the rendered configuration is written twice: only places differ between a pod and this
//! machine (paths, addresses, and where Prometheus finds its targets).

use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use harness::child::Child;
use harness::http::{self, Prometheus, Sample};
use harness::render::Rendered;
use harness::repo;
use serde_json::{Value, json};
use serde_yaml::Value as Yaml;

use crate::replicas::Replica;

/// Time a process may take to answer.
const START: Duration = Duration::from_secs(30);

/// Time the collector may take to decide and write what it holds.
const STOP: Duration = Duration::from_secs(30);

/// The collector's own metrics: the rendered relabelling expects them at this port of its pod.
const METRICS_PORT: u16 = 8888;

/// The collector's pod IP.
const COLLECTOR_IP: Ipv4Addr = Ipv4Addr::new(127, 0, 2, 1);

/// What is read of the collector's own metrics.
pub const DECISIONS: &str = "otelcol_wasm_sampling_policy_decisions";

/// The two processes and where they are reached.
pub struct Stack {
    /// The collector.
    pub collector: Child,
    /// Prometheus.
    pub prometheus: Child,
    /// Prometheus' API.
    pub api: Prometheus,
    /// Port of OTLP over gRPC.
    pub otlp: u16,
    /// Where the collector writes kept traces.
    pub kept: PathBuf,
}

impl Stack {
    /// Starts both and waits until they answer.
    ///
    /// # Errors
    /// When a port is taken, a file cannot be written or a process ends.
    pub fn start(dir: &Path, rendered: &Rendered, replicas: &[Replica], port: u16) -> Result<Self> {
        let [otlp, otlp_http, health] = repo::free_ports::<3>()?;
        let kept = dir.join("kept.jsonl");
        let overrides = overrides(dir, rendered, &kept, [otlp, otlp_http, health])?;
        let rendered_config = repo::root().join("target/render/collector.yaml");
        let mut command = Command::new(repo::collector()?);
        command.arg("--config").arg(rendered_config);
        command.arg("--config").arg(overrides);
        let mut collector = Child::start("collector", command, &dir.join("collector.log"))?;
        collector.wait_http(&format!("http://127.0.0.1:{health}/"), START)?;

        let config = prometheus_config(dir, rendered, replicas, port)?;
        let mut command = Command::new(repo::tool("prometheus")?);
        command.arg(format!("--config.file={}", config.display()));
        command.arg(format!(
            "--storage.tsdb.path={}",
            dir.join("tsdb").display()
        ));
        command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let mut prometheus = Child::start("prometheus", command, &dir.join("prometheus.log"))?;
        let url = format!("http://127.0.0.1:{port}");
        prometheus.wait_http(&format!("{url}/-/ready"), START)?;
        Ok(Self {
            collector,
            prometheus,
            api: Prometheus { url },
            otlp,
            kept,
        })
    }

    /// The collector's own metrics.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn own_metrics(&self) -> Result<Vec<Sample>> {
        http::parse_metrics(&http::get(&metrics_url())?)
    }

    /// Decisions of the policy by reason; `none` are those that were not kept.
    ///
    /// # Errors
    /// As [`Stack::own_metrics`].
    pub fn decisions(&self) -> Result<BTreeMap<String, u64>> {
        let mut by_reason = BTreeMap::new();
        for sample in self.own_metrics()? {
            if sample.name.starts_with(DECISIONS) {
                *by_reason
                    .entry(sample.label("reason").to_owned())
                    .or_default() += sample.value as u64;
            }
        }
        Ok(by_reason)
    }

    /// Ends the collector as Kubernetes does, and gives what it kept, the last traces included.
    ///
    /// # Errors
    /// When it does not end or what it wrote cannot be read.
    pub fn stop_collector(&mut self) -> Result<Vec<Value>> {
        let status = self.collector.terminate(STOP)?;
        if !status.success() {
            bail!(
                "the collector ended with {status}; {}",
                self.collector.tail()
            );
        }
        harness::otlp::read_lines(&self.kept)
    }
}

/// Where the collector's own metrics are.
pub fn metrics_url() -> String {
    format!("http://{COLLECTOR_IP}:{METRICS_PORT}/metrics")
}

/// The policy settings as rendered: the text of `settings.json`.
///
/// # Errors
/// When the render holds none.
pub fn settings(rendered: &Rendered) -> Result<&str> {
    match rendered.config_maps_with("settings.json").as_slice() {
        [(_, text)] => Ok(*text),
        several => bail!(
            "rendered manifests: found {} ConfigMaps with settings.json, expected one",
            several.len()
        ),
    }
}

/// Writes what differs between the collector's pod and this machine.
fn overrides(
    dir: &Path,
    rendered: &Rendered,
    kept: &Path,
    [grpc, http, health]: [u16; 3],
) -> Result<PathBuf> {
    let settings_file = dir.join("settings.json");
    fs::write(&settings_file, settings(rendered)?)?;
    let queue = dir.join("queue");
    fs::create_dir_all(&queue)?;
    let overrides = json!({
        "receivers": {"otlp": {"protocols": {
            "grpc": {"endpoint": format!("127.0.0.1:{grpc}")},
            "http": {"endpoint": format!("127.0.0.1:{http}")},
        }}},
        "exporters": {"file": {"path": kept}},
        "extensions": {
            "health_check": {"endpoint": format!("127.0.0.1:{health}")},
            "file_storage": {"directory": queue},
            "wasm_sampling_policy": {
                "path": repo::root().join("chart/files/sampling-policy.wasm.gz"),
                "settings_file": settings_file,
            },
        },
        "service": {"telemetry": {"metrics": {"readers": [
            {"pull": {"exporter": {"prometheus": {"host": COLLECTOR_IP, "port": METRICS_PORT}}}},
        ]}}},
    });
    write_yaml(&dir.join("collector-overrides.yaml"), &overrides)
}

/// Writes the rendered Prometheus configuration with this machine's targets in place of the
/// Kubernetes API; the rendered relabelling works on the same `__meta_kubernetes_*` labels.
fn prometheus_config(
    dir: &Path,
    rendered: &Rendered,
    replicas: &[Replica],
    port: u16,
) -> Result<PathBuf> {
    let text = rendered.prometheus()?.map_err(|why| anyhow!(why))?;
    let mut config: Yaml = serde_yaml::from_str(&text).context("rendered prometheus.yml")?;
    config["rule_files"] = serde_yaml::to_value([repo::root().join("target/render/rules.yaml")])?;
    let jobs = config["scrape_configs"]
        .as_sequence_mut()
        .context("rendered prometheus.yml: found no scrape_configs")?;
    for job in jobs {
        let name = job["job_name"].as_str().unwrap_or_default().to_owned();
        let fields = job
            .as_mapping_mut()
            .context("a scrape_config is no object")?;
        if fields.remove("kubernetes_sd_configs").is_none() {
            let own = json!([{"targets": [format!("127.0.0.1:{port}")]}]);
            fields.insert("static_configs".into(), serde_yaml::to_value(own)?);
            continue;
        }
        let targets: Vec<Value> = match name.strip_prefix("vllm/") {
            Some(model) => replicas
                .iter()
                .filter(|replica| replica.model == model)
                .map(|replica| target(replica.ip, &replica.pod, "inference"))
                .collect(),
            None => vec![target(
                COLLECTOR_IP,
                "vllm-monitoring-collector-0",
                "monitoring",
            )],
        };
        fields.insert("static_configs".into(), serde_yaml::to_value(targets)?);
    }
    write_yaml(&dir.join("prometheus.yaml"), &config)
}

/// A target as the Kubernetes API would describe its pod.
fn target(ip: Ipv4Addr, pod: &str, namespace: &str) -> Value {
    json!({
        "targets": [ip.to_string()],
        "labels": {
            "__meta_kubernetes_namespace": namespace,
            "__meta_kubernetes_pod_name": pod,
            "__meta_kubernetes_pod_ip": ip,
            "__meta_kubernetes_pod_phase": "Running",
            "__meta_kubernetes_pod_container_init": "false",
        },
    })
}

fn write_yaml(path: &Path, value: &impl serde::Serialize) -> Result<PathBuf> {
    fs::write(path, serde_yaml::to_string(value)?)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(path.to_owned())
}

//! The real collector and the real Prometheus, started with what the chart renders.
//!
//! Nothing of the rendered configuration is written twice: only places differ between a pod and this
//! machine (paths, addresses, and where Prometheus finds its targets).

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use harness::child::Child;
use harness::collector::Collector;
use harness::http::Prometheus;
use harness::render::Rendered;
use harness::repo;
use serde_json::{Value, json};
use serde_yaml::Value as Yaml;

use crate::replay::Replica;

/// Time a process may take to answer, on a machine that is busy with other things.
const START: Duration = Duration::from_secs(90);

/// The collector's own metrics: the rendered relabelling expects them at this port of its pod.
const METRICS_PORT: u16 = 8888;

/// The counts of vLLM's request spans, at the port that the rendered scrape names.
const SPAN_METRICS_PORT: u16 = 8889;

/// The collector's pod IP.
const COLLECTOR_IP: Ipv4Addr = Ipv4Addr::new(127, 0, 2, 1);

/// Where Prometheus finds the servers, in place of the Kubernetes API.
pub enum Targets<'a> {
    /// The fleet's own discovery, at this port of loopback.
    Discovered(u16),
    /// Known ones.
    Static(&'a [Replica]),
}

/// Starts the collector and waits until it answers.
///
/// # Errors
/// When a port is taken, a file cannot be written or it ends.
pub fn collector(dir: &Path, rendered: &Rendered) -> Result<Collector> {
    let counts = format!("{COLLECTOR_IP}:{SPAN_METRICS_PORT}");
    let extra = json!({"exporters": {"prometheus/spans": {"endpoint": counts}}});
    Collector::start(dir, rendered, &extra, (COLLECTOR_IP, METRICS_PORT))
}

/// Starts Prometheus at `port` of loopback and waits until it answers.
///
/// # Errors
/// As [`collector`].
pub fn prometheus(
    dir: &Path,
    rendered: &Rendered,
    targets: &Targets<'_>,
    port: u16,
) -> Result<(Child, Prometheus)> {
    let config = prometheus_config(dir, rendered, targets, port)?;
    let mut command = Command::new(repo::tool("prometheus")?);
    command.arg(format!("--config.file={}", config.display()));
    command.arg(format!(
        "--storage.tsdb.path={}",
        dir.join("tsdb").display()
    ));
    command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
    let mut child = Child::start("prometheus", command, &dir.join("prometheus.log"))?;
    let url = format!("http://127.0.0.1:{port}");
    child.wait_http(&format!("{url}/-/ready"), START)?;
    Ok((child, Prometheus { url }))
}

/// How often the rendered Prometheus scrapes, as `15s`.
///
/// # Errors
/// When the rendering has no Prometheus of its own.
pub fn scrape_interval(rendered: &Rendered) -> Result<String> {
    let text = rendered.prometheus()?.map_err(|why| anyhow!(why))?;
    let config: Yaml = serde_yaml::from_str(&text).context("rendered prometheus.yml")?;
    let job = &config["scrape_configs"][0]["scrape_interval"];
    let interval = job
        .as_str()
        .or(config["global"]["scrape_interval"].as_str());
    let missing = "rendered prometheus.yml: found no scrape_interval";
    Ok(interval.context(missing)?.to_owned())
}

/// Writes the rendered Prometheus configuration with this machine's targets in place of the
/// Kubernetes API; the rendered relabelling works on the same `__meta_kubernetes_*` labels.
fn prometheus_config(
    dir: &Path,
    rendered: &Rendered,
    targets: &Targets<'_>,
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
        let (kind, found) = match (name.strip_prefix("vllm/"), targets) {
            (Some(model), Targets::Discovered(control)) => (
                "http_sd_configs",
                json!([{
                    "url": format!("http://127.0.0.1:{control}/fleet/sd?model={model}"),
                    "refresh_interval": "1s",
                }]),
            ),
            (Some(model), Targets::Static(replicas)) => {
                let of_model = replicas.iter().filter(|replica| replica.model == model);
                let found = of_model.map(|r| target(r.ip, &r.pod, "inference"));
                ("static_configs", found.collect())
            }
            (None, _) => {
                let pod = "vllm-monitoring-collector-0";
                let own = target(COLLECTOR_IP, pod, "monitoring");
                ("static_configs", json!([own]))
            }
        };
        fields.insert(kind.into(), serde_yaml::to_value(found)?);
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

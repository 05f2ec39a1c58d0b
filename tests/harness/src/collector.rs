//! The real collector with a rendered configuration, on loopback.
//!
//! The rendered text is used as it is; a second file overrides only places that differ between a pod
//! and this machine (paths, addresses), and what a test asks for.

use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::child::Child;
use crate::http::{self, Sample};
use crate::render::Rendered;
use crate::{otlp, repo};

/// Time it may take to answer, on a machine that is busy with other things.
const START: Duration = Duration::from_secs(90);

/// Time it may take to decide and write what it holds.
const STOP: Duration = Duration::from_secs(90);

/// Start of the name of the policy's decision counter; a suffix follows by the exporter's settings.
const DECISIONS: &str = "otelcol_wasm_sampling_policy_decisions";

/// Start of the name of the metric that tells which module is loaded.
const INFO: &str = "otelcol_wasm_sampling_policy_info";

/// Where the collector's own metrics are served.
pub type Address = (Ipv4Addr, u16);

/// Decisions of the policy by reason, of the collector whose own metrics are at `url`; `none` are those that
/// were not kept.
///
/// # Errors
/// When it does not answer.
pub fn decisions(url: &str) -> Result<BTreeMap<String, u64>> {
    let mut by_reason = BTreeMap::new();
    for sample in http::parse_metrics(&http::get(url)?)? {
        if sample.name.starts_with(DECISIONS) {
            let count: &mut u64 = by_reason
                .entry(sample.label("reason").to_owned())
                .or_default();
            *count += sample.value as u64;
        }
    }
    Ok(by_reason)
}

/// A running collector.
pub struct Collector {
    /// The process.
    pub child: Child,
    /// Port of OTLP over gRPC on 127.0.0.1.
    pub otlp: u16,
    /// Port of OTLP over HTTP on 127.0.0.1, where the rendered receiver has it.
    pub otlp_http: u16,
    /// Where it writes kept traces, as OTLP/JSON lines.
    pub kept: PathBuf,
    /// Where its own metrics are served.
    pub metrics: Address,
}

/// Everything that a start needs, written to files; for a test that expects no start.
///
/// # Errors
/// When the render has no collector or a file cannot be written.
pub fn command(
    dir: &Path,
    rendered: &Rendered,
    extra: &Value,
    [grpc, http, health]: [u16; 3],
    metrics: Address,
) -> Result<Command> {
    let Ok(config) = rendered.collector()? else {
        bail!("the rendered manifests hold no collector");
    };
    let queue = dir.join("queue");
    fs::create_dir_all(&queue)?;
    let mut places = json!({
        "receivers": {"otlp": {"protocols": {
            "grpc": {"endpoint": format!("127.0.0.1:{grpc}")},
        }}},
        "exporters": {
            "file": {"path": dir.join("kept.jsonl")},
            // Any free port: nobody here reads the counts of spans unless it says so.
            "prometheus/spans": {"endpoint": "127.0.0.1:0"},
        },
        "extensions": {
            "health_check": {"endpoint": format!("127.0.0.1:{health}")},
            "file_storage": {"directory": queue},
            "queue_guard": {"directory": queue},
        },
        "service": {"telemetry": {"metrics": {"readers": [
            {"pull": {"exporter": {"prometheus": {"host": metrics.0, "port": metrics.1}}}},
        ]}}},
    });
    if config.contains("\":4318\"") {
        places["receivers"]["otlp"]["protocols"]["http"] =
            json!({"endpoint": format!("127.0.0.1:{http}")});
    }
    // The engine ottl has no plugin.
    if config.contains("wasm_sampling_policy") {
        let settings_file = dir.join("settings.json");
        fs::write(&settings_file, settings(rendered)?)?;
        places["extensions"]["wasm_sampling_policy"] = json!({
            "path": repo::root().join("chart/files/sampling-policy.wasm.gz"),
            "settings_file": settings_file,
        });
    }
    let mut command = Command::new(repo::collector()?);
    for (name, text) in [
        ("collector.yaml", config),
        ("collector-places.yaml", serde_yaml::to_string(&places)?),
        ("collector-extra.yaml", serde_yaml::to_string(extra)?),
    ] {
        let path = dir.join(name);
        fs::write(&path, text).with_context(|| path.display().to_string())?;
        command.arg("--config").arg(path);
    }
    Ok(command)
}

impl Collector {
    /// Starts it and waits until it is healthy. `extra` is merged over the rendered configuration.
    ///
    /// # Errors
    /// When a port is taken, a file cannot be written or it ends.
    pub fn start(dir: &Path, rendered: &Rendered, extra: &Value, metrics: Address) -> Result<Self> {
        let ports = repo::free_ports::<3>()?;
        let command = command(dir, rendered, extra, ports, metrics)?;
        let mut child = Child::start("collector", command, &dir.join("collector.log"))?;
        let [otlp, otlp_http, health] = ports;
        child.wait_http(&format!("http://127.0.0.1:{health}/"), START)?;
        Ok(Self {
            child,
            otlp,
            otlp_http,
            kept: dir.join("kept.jsonl"),
            metrics,
        })
    }

    /// Where its own metrics are.
    #[must_use]
    pub fn metrics_url(&self) -> String {
        format!("http://{}:{}/metrics", self.metrics.0, self.metrics.1)
    }

    /// Its own metrics.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn own_metrics(&self) -> Result<Vec<Sample>> {
        http::parse_metrics(&http::get(&self.metrics_url())?)
    }

    /// Decisions of the policy by reason; `none` are those that were not kept.
    ///
    /// # Errors
    /// As [`Collector::own_metrics`].
    pub fn decisions(&self) -> Result<BTreeMap<String, u64>> {
        decisions(&self.metrics_url())
    }

    /// The sha256 of the plugin that runs, in the collector's own words.
    ///
    /// # Errors
    /// When it does not answer, or names no plugin.
    pub fn plugin_sha256(&self) -> Result<String> {
        self.own_metrics()?
            .iter()
            .find(|sample| sample.name.starts_with(INFO))
            .map(|sample| sample.label("sha256").to_owned())
            .with_context(|| format!("{}: found no {INFO}", self.metrics_url()))
    }

    /// Ends it as Kubernetes does, and gives what it kept, the last traces included.
    ///
    /// # Errors
    /// When it does not end well or what it wrote cannot be read.
    pub fn stop(&mut self) -> Result<Vec<Value>> {
        let status = self.child.terminate(STOP)?;
        if !status.success() {
            bail!("the collector ended with {status}; {}", self.child.tail());
        }
        otlp::read_lines(&self.kept)
    }
}

/// The policy settings as rendered: the text of `settings.json`.
///
/// # Errors
/// When the render holds none, or several.
pub fn settings(rendered: &Rendered) -> Result<&str> {
    match rendered.config_maps_with("settings.json").as_slice() {
        [(_, text)] => Ok(*text),
        several => bail!(
            "rendered manifests: found {} ConfigMaps with settings.json, expected one",
            several.len()
        ),
    }
}

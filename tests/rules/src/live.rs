//! A real Prometheus with what the chart renders, over simulated servers that listen.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use fleet::server::serve_all;
use fleet::world::World;
use harness::child::Child;
use harness::http::Prometheus;
use harness::render::{Options, Rendered};
use harness::repo;
use serde_json::json;
use serde_yaml::Value;
use tokio::runtime::Runtime;

/// Time a process may take to answer, on a machine that is busy with other things.
pub const LIMIT: Duration = Duration::from_secs(90);

/// Lets the servers listen and live while the runtime does.
///
/// # Errors
/// When an address is taken.
pub fn serve(world: &Arc<World>) -> Result<Runtime> {
    let runtime = Runtime::new()?;
    runtime.block_on(serve_all(world))?;
    let world = Arc::clone(world);
    runtime.spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            world.tick();
        }
    });
    Ok(runtime)
}

/// The chart with these values.
///
/// # Errors
/// When helm refuses them.
pub fn render(release: &str, values: &serde_json::Value) -> Result<Rendered> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("values.yaml");
    fs::write(&file, values.to_string())?;
    Rendered::new(&Options {
        release: release.to_owned(),
        values: vec![file],
        ..Options::default()
    })
}

/// The rendered scrape jobs whose names begin so, each with one pod `<model>-0` in place of the Kubernetes
/// API; the rendered relabelling works on the same labels.
///
/// # Errors
/// When the rendering has no Prometheus of its own.
pub fn jobs(
    rendered: &Rendered,
    begin: &[&str],
    address: impl Fn(&str) -> Ipv4Addr,
) -> Result<Vec<Value>> {
    let text = rendered.prometheus()?.map_err(|why| anyhow!(why))?;
    let config: Value = serde_yaml::from_str(&text)?;
    let jobs = config["scrape_configs"].as_sequence();
    let mut found = Vec::new();
    for job in jobs.context("no scrape_configs")? {
        let name = job["job_name"].as_str().unwrap_or_default();
        let Some((kind, model)) = name.split_once('/') else {
            continue;
        };
        if !begin.contains(&kind) {
            continue;
        }
        let address = address(model).to_string();
        let pods = json!([{"targets": [address], "labels": {
            "__meta_kubernetes_namespace": "inference",
            "__meta_kubernetes_pod_name": format!("{model}-0"),
            "__meta_kubernetes_pod_ip": address,
        }}]);
        let mut job = job.clone();
        let fields = job.as_mapping_mut().context("a job is no object")?;
        fields.remove("kubernetes_sd_configs");
        fields.insert("static_configs".into(), serde_yaml::to_value(pods)?);
        found.push(job);
    }
    Ok(found)
}

/// A running Prometheus.
#[derive(Debug)]
pub struct Live {
    server: Child,
    /// Its API.
    pub prometheus: Prometheus,
}

impl Live {
    /// Starts it with these jobs and the rules of these renderings.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(dir: &Path, rendered: &[&Rendered], jobs: &[Value]) -> Result<Self> {
        let mut rule_files = Vec::new();
        for (number, rendered) in rendered.iter().enumerate() {
            let file = dir.join(format!("rules-{number}.yaml"));
            fs::write(&file, rendered.rules()?.map_err(|why| anyhow!(why))?)?;
            rule_files.push(file);
        }
        let config = json!({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": rule_files,
            "scrape_configs": jobs,
        });
        let file = dir.join("prometheus.yaml");
        fs::write(&file, serde_yaml::to_string(&config)?)?;
        let [port] = repo::free_ports::<1>()?;
        let mut command = Command::new(repo::tool("prometheus")?);
        command.arg(format!("--config.file={}", file.display()));
        command.arg(format!(
            "--storage.tsdb.path={}",
            dir.join("tsdb").display()
        ));
        command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let mut server = Child::start("prometheus", command, &dir.join("prometheus.log"))?;
        let url = format!("http://127.0.0.1:{port}");
        server.wait_http(&format!("{url}/-/ready"), LIMIT)?;
        Ok(Self {
            server,
            prometheus: Prometheus { url },
        })
    }

    /// Waits until a query has this one value.
    ///
    /// # Errors
    /// When it has not in time.
    pub fn wait(&mut self, query: &str, value: f64) -> Result<()> {
        self.wait_for(&format!("{query} to be {value}"), |prometheus| {
            let found = prometheus.query(query)?;
            Ok(found.len() == 1 && (found[0].value - value).abs() < 1e-9)
        })
    }

    /// Waits until something is so.
    ///
    /// # Errors
    /// When it is not in time.
    pub fn wait_for(&mut self, what: &str, is: impl Fn(&Prometheus) -> Result<bool>) -> Result<()> {
        let prometheus = &self.prometheus;
        self.server.wait_until(what, LIMIT, || is(prometheus))
    }
}

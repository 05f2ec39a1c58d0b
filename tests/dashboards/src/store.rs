//! A Prometheus over samples of the past, with the chart's rules evaluated over them.
//!
//! promtool evaluates rules over the past by asking a running Prometheus, so that a rule that reads
//! another's series comes after it: in passes, with the new blocks taken up in between.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use harness::child::Child;
use harness::repo;
use rules_tests::{all, expr};
use serde_yaml::{Mapping, Value};

/// How long a Prometheus may take to open its database.
const OPENS: Duration = Duration::from_secs(120);

/// The database and, when it runs, its Prometheus.
pub struct Store {
    dir: tempfile::TempDir,
    prometheus: Option<Child>,
    /// Of the running Prometheus.
    pub url: String,
}

impl Store {
    /// An empty one.
    ///
    /// # Errors
    /// When no folder can be made.
    pub fn new() -> Result<Self> {
        let dir = tempfile::tempdir()?;
        fs::write(dir.path().join("prometheus.yaml"), "global: {}\n")?;
        Ok(Self {
            dir,
            prometheus: None,
            url: String::new(),
        })
    }

    /// A place for a file to import.
    #[must_use]
    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }

    /// Takes samples in as OpenMetrics text.
    ///
    /// # Errors
    /// promtool's.
    pub fn import(&self, text: &Path) -> Result<()> {
        let mut promtool = repo::command("promtool")?;
        promtool.args(["tsdb", "create-blocks-from", "openmetrics", "--quiet"]);
        run(promtool.arg(text).arg(self.path("tsdb")))
    }

    /// Evaluates the recording rules from `start` to `end`, unix seconds, every `interval` seconds,
    /// and leaves Prometheus running over raw and recorded series.
    ///
    /// # Errors
    /// promtool's and Prometheus'.
    pub fn record(&mut self, rules: &Value, (start, end): (u64, u64), interval: u64) -> Result<()> {
        self.start()?;
        for pass in passes(rules)? {
            let mut group = Mapping::new();
            group.insert("name".into(), "pass".into());
            group.insert("interval".into(), format!("{interval}s").into());
            group.insert("rules".into(), pass.into());
            let mut file = Mapping::new();
            file.insert("groups".into(), vec![Value::Mapping(group)].into());
            let path = self.path("pass.yaml");
            fs::write(&path, serde_yaml::to_string(&file)?)?;
            let mut promtool = repo::command("promtool")?;
            promtool
                .args(["tsdb", "create-blocks-from", "rules"])
                .arg(format!("--start={start}"))
                .arg(format!("--end={end}"))
                .arg(format!("--url={}", self.url))
                .arg(format!("--eval-interval={interval}s"))
                .arg(format!("--output-dir={}", self.path("tsdb").display()))
                .arg(&path);
            run(&mut promtool)?;
            self.start()?;
        }
        Ok(())
    }

    /// Starts Prometheus, again where it runs: blocks are taken up at the start.
    ///
    /// # Errors
    /// When it does not open its database in time.
    pub fn start(&mut self) -> Result<()> {
        self.prometheus = None;
        let [port] = repo::free_ports()?;
        self.url = format!("http://127.0.0.1:{port}");
        let mut command = Command::new(repo::tool("prometheus")?);
        command
            .arg(format!(
                "--config.file={}",
                self.path("prometheus.yaml").display()
            ))
            .arg(format!(
                "--storage.tsdb.path={}",
                self.path("tsdb").display()
            ))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .args([
                "--query.max-samples=500000000",
                "--storage.tsdb.retention.time=90d",
            ]);
        let mut child = Child::start("prometheus", command, &self.path("prometheus.log"))?;
        child.wait_http(&format!("{}/-/ready", self.url), OPENS)?;
        self.prometheus = Some(child);
        Ok(())
    }

    /// CPU seconds that Prometheus has used since its start.
    ///
    /// # Errors
    /// When it does not say.
    pub fn cpu(&self) -> Result<f64> {
        let page = harness::http::get(&format!("{}/metrics", self.url))?;
        let samples = harness::http::parse_metrics(&page)?;
        let cpu = samples
            .iter()
            .find(|s| s.name == "process_cpu_seconds_total");
        Ok(cpu.context("Prometheus does not say its CPU time")?.value)
    }
}

fn run(command: &mut Command) -> Result<()> {
    let out = command.output()?;
    if !out.status.success() {
        bail!(
            "{command:?}: {}{}",
            String::from_utf8_lossy(&out.stdout),
            String::from_utf8_lossy(&out.stderr)
        );
    }
    Ok(())
}

/// Recording rules, those that read recorded series after those that record them.
fn passes(rules: &Value) -> Result<Vec<Vec<Value>>> {
    let mut level: BTreeMap<&str, usize> = BTreeMap::new();
    let mut passes: Vec<Vec<Value>> = Vec::new();
    for rule in all(rules) {
        let Some(record) = rule["record"].as_str() else {
            continue;
        };
        let read = expr::read(rule["expr"].as_str().context("a rule without expr")?)?;
        let read = read
            .selectors
            .iter()
            .filter_map(|s| level.get(s.metric.as_str()));
        let own = read.max().map_or(0, |deepest| deepest + 1);
        // Several rules may record one name.
        let own = own.max(level.get(record).copied().unwrap_or(0));
        level.insert(record, own);
        passes.resize_with(passes.len().max(own + 1), Vec::new);
        passes[own].push(rule.clone());
    }
    Ok(passes)
}

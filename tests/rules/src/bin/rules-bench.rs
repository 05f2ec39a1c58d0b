//! What the evaluation of the rules costs for 400 pods: a real Prometheus with the rendered rules
//! scrapes 400 targets, and then goes on without the rules.
//!
//! Everything runs six times as fast as by default (a scrape and an evaluation every 5 s, windows of
//! 50 s), so that each evaluation reads as many samples as with 30 s and 5 minutes; the result is a
//! sixth. Three days of recorded rates for the long windows are put into the database beforehand.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, bail, ensure};
use harness::child::Child;
use harness::http;
use harness::render::{Options, Rendered};
use harness::repo;
use serde_json::{Value, json};

const PODS: usize = 400;
const MODELS: usize = 10;
const FASTER: f64 = 6.0;
/// Most CPU time that rules may take, as a part of one core.
const BAR: f64 = 0.10;
/// Until every window is filled.
const WARM_UP: Duration = Duration::from_secs(70);
/// How long each state is measured.
const MEASURED: Duration = Duration::from_secs(40);

fn main() -> Result<()> {
    eprintln!(
        "bench: rules for {PODS} pods, {} s …",
        (WARM_UP + 2 * MEASURED).as_secs()
    );
    let dir = tempfile::tempdir()?;
    let rendered = Rendered::new(&Options {
        values: vec![rules_tests::here().join("values.yaml")],
        set: [
            "metrics.scrape.interval=5s",
            "metrics.scrape.timeout=5s",
            "rules.interval=5s",
            "rules.window=50s",
            "slos.interval=10s",
        ]
        .map(str::to_owned)
        .to_vec(),
        ..Options::default()
    })?;
    let rules = rendered.rules()?.map_err(|why| anyhow!(why))?;
    fs::write(dir.path().join("rules.yaml"), &rules)?;
    let targets = serve()?;
    backfill(dir.path())?;
    let config = |with_rules| configuration(&rendered, targets, with_rules);
    let path = dir.path().join("prometheus.yaml");
    fs::write(&path, config(true)?)?;

    let [port] = repo::free_ports()?;
    let url = format!("http://127.0.0.1:{port}");
    let mut command = Command::new(repo::tool("prometheus")?);
    command
        .arg(format!("--config.file={}", path.display()))
        .arg(format!(
            "--storage.tsdb.path={}",
            dir.path().join("tsdb").display()
        ))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .arg("--web.enable-lifecycle");
    let mut prometheus = Child::start("prometheus", command, &dir.path().join("prometheus.log"))?;
    prometheus.wait_http(&format!("{url}/-/ready"), Duration::from_secs(60))?;

    pass(&mut prometheus, WARM_UP)?;
    let failed = metric(&url, "prometheus_rule_evaluation_failures_total")?;
    ensure!(
        failed == 0.0,
        "{failed} evaluations failed: {}",
        prometheus.tail()
    );
    let series = metric(&url, "prometheus_tsdb_head_series")?;
    let with = cpu(&mut prometheus, &url)?;
    let wall = metric(&url, "prometheus_rule_group_last_duration_seconds")?;
    fs::write(&path, config(false)?)?;
    ureq::post(&format!("{url}/-/reload"))
        .send_empty()
        .context("Prometheus does not reload")?;
    pass(&mut prometheus, Duration::from_secs(10))?;
    let without = cpu(&mut prometheus, &url)?;

    let core = (with - without) / FASTER;
    println!(
        "Rules, {PODS} pods of {MODELS} models, evaluated every 30 s (CPU time of Prometheus):"
    );
    println!(
        "  one evaluation               {:>10.0} ms (all groups, elapsed {:.0} ms)",
        core * 30e3,
        wall * 1e3
    );
    println!(
        "  of one core                  {:>10.1} %, at most {:.0} %",
        core * 100.0,
        BAR * 100.0
    );
    println!("  series in the database       {series:>10.0}");
    record(core)?;
    ensure!(
        core < BAR,
        "rules take {:.1} % of a core, expected less than {:.0} %",
        core * 100.0,
        BAR * 100.0
    );
    Ok(())
}

/// Serves captured bodies as `/<model>` from threads that live as long as the process.
fn serve() -> Result<SocketAddr> {
    let folder = repo::root().join("tests/fixtures/vllm/0.32.0");
    let bodies: Vec<String> = (1..=4)
        .map(|n| fs::read_to_string(folder.join(format!("metrics-loaded-{n}.txt"))))
        .collect::<std::io::Result<_>>()?;
    let pages: Vec<Vec<String>> = (0..MODELS)
        .map(|model| {
            let name = format!("model-{model}");
            bodies
                .iter()
                .map(|body| body.replace("qwen3-235b", &name))
                .collect()
        })
        .collect();
    let server = Arc::new(tiny_http::Server::http("127.0.0.1:0").map_err(|e| anyhow!(e))?);
    let address = server.server_addr().to_ip().context("no address")?;
    let start = Instant::now();
    let pages = Arc::new(pages);
    for _ in 0..4 {
        let (server, pages) = (Arc::clone(&server), Arc::clone(&pages));
        std::thread::spawn(move || {
            for request in server.incoming_requests() {
                let model: usize = request.url().trim_start_matches('/').parse().unwrap_or(0);
                let bodies = &pages[model % MODELS];
                // They only grow: the last one stays.
                let step = (start.elapsed().as_secs() / 20) as usize;
                let body = &bodies[step.min(bodies.len() - 1)];
                let _ = request.respond(tiny_http::Response::from_string(body.as_str()));
            }
        });
    }
    Ok(address)
}

/// Three days of the recorded rates that the long windows add up.
fn backfill(dir: &Path) -> Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let mut text = String::new();
    for metric in ["good", "total"] {
        let _ = writeln!(text, "# TYPE model:vllm_slo_{metric}:rate gauge");
        for model in 0..MODELS {
            for slo in [
                "availability",
                "e2e_latency",
                "inter_token_latency",
                "time_to_first_token",
            ] {
                for time in (now - 72 * 3600..now - 60).step_by(30) {
                    let _ = writeln!(
                        text,
                        "model:vllm_slo_{metric}:rate{{vllm_monitoring=\"monitoring/vllm-monitoring\",model=\"qwen3\",namespace=\"inference\",model_name=\"model-{model}\",slo=\"{slo}\"}} 1 {time}"
                    );
                }
            }
        }
    }
    text += "# EOF\n";
    let path = dir.join("backfill.txt");
    fs::write(&path, text)?;
    let out = Command::new(repo::tool("promtool")?)
        .args(["tsdb", "create-blocks-from", "openmetrics", "--quiet"])
        .arg(&path)
        .arg(dir.join("tsdb"))
        .output()?;
    if !out.status.success() {
        bail!("promtool: {}", String::from_utf8_lossy(&out.stderr));
    }
    Ok(())
}

/// Prometheus' configuration: the rendered intervals and profile, and these targets.
fn configuration(rendered: &Rendered, address: SocketAddr, with_rules: bool) -> Result<String> {
    let text = rendered.prometheus()?.map_err(|why| anyhow!(why))?;
    let mut config: Value = serde_yaml::from_str(&text)?;
    let job = config["scrape_configs"]
        .as_array()
        .and_then(|jobs| {
            jobs.iter()
                .find(|job| !job["metric_relabel_configs"].is_null())
        })
        .context("no job with a profile")?;
    let targets: Vec<Value> = (0..PODS)
        .map(|pod| {
            json!({"targets": [address.to_string()], "labels": {
                "__metrics_path__": format!("/{}", pod % MODELS),
                "vllm_monitoring": "monitoring/vllm-monitoring", "model": "qwen3",
                "namespace": "inference", "pod": format!("p{pod}"),
            }})
        })
        .collect();
    let profile = job["metric_relabel_configs"].clone();
    config["scrape_configs"] = json!([{
        "job_name": "vllm", "static_configs": targets, "metric_relabel_configs": profile,
    }]);
    config["rule_files"] = if with_rules {
        json!(["rules.yaml"])
    } else {
        json!([])
    };
    Ok(serde_yaml::to_string(&config)?)
}

/// Waits, and fails where Prometheus ends meanwhile.
fn pass(prometheus: &mut Child, time: Duration) -> Result<()> {
    let end = Instant::now() + time;
    while Instant::now() < end {
        prometheus.check()?;
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// CPU seconds that Prometheus uses a second.
fn cpu(prometheus: &mut Child, url: &str) -> Result<f64> {
    let (before, start) = (metric(url, "process_cpu_seconds_total")?, Instant::now());
    pass(prometheus, MEASURED)?;
    Ok((metric(url, "process_cpu_seconds_total")? - before) / start.elapsed().as_secs_f64())
}

/// The sum of a metric of Prometheus' own.
fn metric(url: &str, name: &str) -> Result<f64> {
    let page = http::get(&format!("{url}/metrics"))?;
    let samples = http::parse_metrics(&page)?;
    Ok(samples
        .iter()
        .filter(|s| s.name == name)
        .map(|s| s.value)
        .sum())
}

/// Puts the figure beside the others.
fn record(core: f64) -> Result<()> {
    let path = std::env::var_os("BENCH_JSON")
        .map_or_else(|| repo::root().join("target/bench.json"), Into::into);
    let mut entries: Vec<Value> = match fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text)?,
        Err(_) => Vec::new(), // the first one
    };
    let name = format!("rules/{PODS}-pods");
    entries.retain(|entry| entry["name"] != name.as_str());
    let round = |value: f64| (value * 1e4).round() / 1e4;
    entries.push(json!({
        "name": name, "unit": "CPU s/s", "ours": round(core), "peer": 1, "peer_name": "one core", "ratio": round(core),
    }));
    Ok(fs::write(
        path,
        serde_json::to_string_pretty(&entries)? + "\n",
    )?)
}

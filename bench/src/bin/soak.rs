//! Memory and series over a long time: `make soak MINUTES=60`.
//!
//! The demo's parts (real collector, real Prometheus, simulated fleet) run as plain processes under steady
//! load and are looked at every half minute. Nothing may grow: the end is compared with the time after the
//! first minutes, in which heaps and windows fill.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use bench::report::median;
use harness::child::Child;
use harness::http::{self, Prometheus, Sample};
use harness::{interrupt, repo};
use serde_json::json;

/// Between two looks.
const PACE: Duration = Duration::from_secs(30);

/// Time for the start, on a machine that is busy with other things.
const START: Duration = Duration::from_secs(180);

/// The collector's metrics, where the demo has them.
const COLLECTOR: &str = "http://127.0.2.1:8888/metrics";

/// What may not grow by more than this, as a ratio of end to beginning.
const BARS: [(&str, f64); 3] = [
    ("collector: resident memory, bytes", 1.15),
    ("collector: traces that wait for their decision", 1.25),
    ("Prometheus: series", 1.02),
];

/// What each look measures: the metric's name begins so, and its series are added up.
const COLLECTOR_METRICS: [(&str, &str); 3] = [
    (
        "collector: resident memory, bytes",
        "otelcol_process_memory_rss",
    ),
    (
        "collector: heap, bytes",
        "otelcol_process_runtime_heap_alloc_bytes",
    ),
    (
        "collector: traces that wait for their decision",
        "otelcol_processor_tail_sampling_sampling_traces_on_memory",
    ),
];

/// The same of Prometheus.
const PROMETHEUS_METRICS: [(&str, &str); 3] = [
    (
        "Prometheus: resident memory, bytes",
        "process_resident_memory_bytes",
    ),
    ("Prometheus: series", "prometheus_tsdb_head_series"),
    ("Prometheus: goroutines", "go_goroutines"),
];

/// Counters at the end.
const COUNTERS: [(&str, &str); 4] = [
    ("spans received", "otelcol_receiver_accepted_spans"),
    ("spans refused", "otelcol_receiver_refused_spans"),
    ("spans written", "otelcol_exporter_sent_spans"),
    ("spans not written", "otelcol_exporter_send_failed_spans"),
];

type Looks = BTreeMap<&'static str, Vec<f64>>;

fn number(name: &str, default: u64) -> Result<u64> {
    match std::env::var(name) {
        Ok(text) if !text.is_empty() => text
            .parse()
            .with_context(|| format!("{name}: found '{text}', expected a number")),
        _ => Ok(default),
    }
}

fn main() -> Result<()> {
    interrupt::install()?;
    let minutes = number("MINUTES", 60)?;
    ensure!(minutes >= 6, "MINUTES: found {minutes}, expected 6 or more");
    let replicas = number("REPLICAS", 8)?;
    let dir = repo::root().join("target/soak");
    fs::create_dir_all(&dir)?;
    let [prometheus, page] = repo::free_ports::<2>()?;
    let mut demo = Command::new(repo::root().join("target/debug/demo"));
    demo.env("REPLICAS", replicas.to_string())
        .env("PROMETHEUS_PORT", prometheus.to_string())
        .env("DASHBOARDS_PORT", page.to_string())
        .stdin(Stdio::null());
    let mut demo = Child::start("demo", demo, &dir.join("demo.log"))?;
    let url = format!("http://127.0.0.1:{prometheus}");
    demo.wait_http(&format!("{url}/-/ready"), START)?;
    let api = Prometheus { url: url.clone() };

    let started = Instant::now();
    let mut looks = Looks::new();
    let mut alerts = BTreeSet::new();
    let mut counters = BTreeMap::new();
    let mut csv = String::from("second,what,value\n");
    while started.elapsed() < Duration::from_secs(minutes * 60) && !interrupt::requested() {
        std::thread::sleep(PACE);
        demo.check()?;
        let at = started.elapsed().as_secs();
        let collector = http::parse_metrics(&http::get(COLLECTOR)?)?;
        let own = http::parse_metrics(&http::get(&format!("{url}/metrics"))?)?;
        for (metrics, page) in [(COLLECTOR_METRICS, &collector), (PROMETHEUS_METRICS, &own)] {
            for (what, begin) in metrics {
                let value = sum(page, begin).with_context(|| format!("no metric {begin}"))?;
                looks.entry(what).or_default().push(value);
                writeln!(csv, "{at},{what},{value}")?;
            }
        }
        for (what, begin) in COUNTERS {
            counters.insert(what, sum(&collector, begin).unwrap_or_default());
        }
        let firing = api.alerts()?.into_iter().filter(|a| a.state == "firing");
        alerts.extend(firing.map(|a| a.name().to_owned()));
        fs::write(dir.join("looks.csv"), &csv)?;
    }
    let lasted = started.elapsed().as_secs() / 60;
    demo.terminate(START)?;
    report(&looks, &counters, &alerts, (lasted, replicas))
}

/// The sum of all series whose name begins so; nothing where there is none.
fn sum(page: &[Sample], begin: &str) -> Option<f64> {
    let values: Vec<f64> = page
        .iter()
        .filter(|s| s.name.starts_with(begin))
        .map(|s| s.value)
        .collect();
    (!values.is_empty()).then(|| values.iter().sum())
}

/// Prints and writes what was seen; fails where something has grown or was lost.
fn report(
    looks: &Looks,
    counters: &BTreeMap<&str, f64>,
    alerts: &BTreeSet<String>,
    (minutes, replicas): (u64, u64),
) -> Result<()> {
    let mut rows = Vec::new();
    let mut wrong = Vec::new();
    for (what, values) in looks {
        // The first sixth is warm-up; then the next sixth beside the last.
        let part = values.len() / 6;
        ensure!(part > 0, "too short: {} looks", values.len());
        let (begin, end) = (
            median(&values[part..2 * part]),
            median(&values[values.len() - part..]),
        );
        let most = values.iter().copied().fold(0.0, f64::max);
        let bar = BARS.iter().find(|(name, _)| name == what);
        let ratio = if begin > 0.0 { end / begin } else { 1.0 };
        println!("{what}: {begin:.0} → {end:.0} ({ratio:.2}), at most {most:.0}");
        if let Some((_, bar)) = bar
            && ratio > *bar
        {
            wrong.push(format!("{what}: grew to {ratio:.2}, bar {bar}"));
        }
        rows.push(json!({
            "what": what, "begin": begin, "end": end, "most": most,
            "bar": bar.map(|(_, bar)| bar),
        }));
    }
    println!("{counters:?}; alerts: {alerts:?}");
    let result = json!({
        "minutes": minutes, "replicas": replicas, "rows": rows, "counters": counters, "alerts": alerts,
    });
    let file = repo::root().join("target/soak/soak.json");
    fs::write(&file, serde_json::to_string_pretty(&result)?)?;
    println!("written: {}", file.display());
    for what in ["spans refused", "spans not written"] {
        let count = counters.get(what).copied().unwrap_or_default();
        if count > 0.0 {
            wrong.push(format!("{what}: {count}"));
        }
    }
    if !wrong.is_empty() {
        bail!("{}", wrong.join("; "));
    }
    Ok(())
}

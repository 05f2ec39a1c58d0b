//! What a waiting trace takes of the real collector's memory, against the figure by which the values
//! validator judges `numTraces`.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bench::load::Load;
use bench::report::{Series, compare};
use harness::child::Child;
use harness::render::{LIMITS_ALONE, Options, Rendered};
use harness::{collector, http, otlp, repo};
use serde_json::json;
use values_validator_core::rules::collector_memory::{BYTES_PER_TRACE, IDLE};

/// Traces that wait, of one captured span each.
const TRACES: usize = 30_000;

/// How far the measurement may be from the figure, either way.
const FACTOR: f64 = 1.33;

/// Time that a start, and taking in all traces, may take.
const LIMIT: Duration = Duration::from_secs(120);

const HELD: &str = "otelcol_processor_tail_sampling_new_trace_id_received";
const HEAP: &str = "otelcol_process_runtime_heap_alloc_bytes";

fn main() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let rendered = Rendered::new(&Options {
        set: [
            "metrics.mode=standalone",
            "tracing.collector.image.repository=otelcol-vllm",
            "tracing.exporters.debug.enabled=false",
            "tracing.exporters.file.enabled=true",
            // Nothing is decided while it is measured.
            "tracing.sampling.decisionWait=1h",
            "tracing.sampling.decisionWaitAfterRoot=1h",
        ]
        .into_iter()
        .chain(LIMITS_ALONE)
        .map(str::to_owned)
        .collect(),
        ..Options::default()
    })?;
    let extra = json!({"service": {"telemetry": {"logs": {"level": "warn"}}}});
    let [grpc, http, health, metrics] = repo::free_ports::<4>()?;
    let at = (Ipv4Addr::LOCALHOST, metrics);
    let mut command = collector::command(dir.path(), &rendered, &extra, [grpc, http, health], at)?;
    // Go collects when the heap has grown by a twentieth: what it says it has is what it holds.
    command.env("GOGC", "5");
    let mut child = Child::start("collector", command, &dir.path().join("collector.log"))?;
    child.wait_http(&format!("http://127.0.0.1:{health}/"), LIMIT)?;
    let url = format!("http://127.0.0.1:{metrics}/metrics");

    println!("\ncollector's memory: {TRACES} traces that wait, of one span each");
    let idle = least(&url)?;
    let load = Load::new(TRACES)?;
    let mut sender = otlp::Sender::connect(grpc)?;
    for message in load.messages {
        sender.send_message(message)?;
    }
    child.wait_until("holding all traces", LIMIT, || {
        Ok(sum(&url, HELD)? >= TRACES as f64)
    })?;
    let trace = (least(&url)? - idle) / TRACES as f64;
    let one = |policy, value| Series {
        policy,
        values: vec![value],
    };
    let ratio = compare(
        "collector-memory/trace",
        "bytes",
        &one("measured", trace),
        &one("collector-memory", BYTES_PER_TRACE),
    )?;
    let start = compare(
        "collector-memory/idle",
        "bytes",
        &one("measured", idle),
        &one("collector-memory", IDLE),
    )?;
    ensure!(
        (1.0 / FACTOR..=FACTOR).contains(&ratio) && start <= 1.0,
        "a waiting trace takes {trace:.0} bytes and an idle collector {idle:.0}; the rule \
         collector-memory takes {BYTES_PER_TRACE} and {IDLE}: put the measured figure there"
    );
    Ok(())
}

fn sum(url: &str, name: &str) -> Result<f64> {
    let samples = http::parse_metrics(&http::get(url)?)?;
    let named = samples.iter().filter(|s| s.name.starts_with(name));
    let values: Vec<f64> = named.map(|sample| sample.value).collect();
    ensure!(!values.is_empty(), "{url} has no {name}");
    Ok(values.iter().sum())
}

/// The least heap among many scrapes: what is left when garbage has just been collected.
fn least(url: &str) -> Result<f64> {
    let heaps: Vec<f64> = (0..200).map(|_| sum(url, HEAP)).collect::<Result<_>>()?;
    heaps.into_iter().reduce(f64::min).context("no scrape")
}

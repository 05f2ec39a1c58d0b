//! One run of the real collector under the load, and the CPU time it took.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Result;
use bench::cpu::{OWN, used, waited_for};
use harness::collector::Collector;
use harness::render::{LIMITS_ALONE, Options, Rendered};
use harness::{otlp, repo};
use serde_json::{Value, json};

use bench::load::Load;

/// Time that a run may take to decide on everything.
const LIMIT: Duration = Duration::from_secs(240);

/// How long spans are held before the decision: long enough to take all of a load in first.
const DECISION_WAIT: &str = "5s";

/// Start of the name of the processor's own counter, the same for every policy.
const DECIDED: &str = "otelcol_processor_tail_sampling_global_count_traces_sampled";

/// What a run showed.
pub struct Outcome {
    /// CPU time from the first span to the collector's end, in seconds.
    pub cpu: f64,
    /// Ids of the kept traces.
    pub kept: BTreeSet<String>,
}

/// The chart with an engine of the policy.
///
/// # Errors
/// When it does not render.
pub fn render(engine: &str) -> Result<Rendered> {
    Rendered::new(&Options {
        set: vec![
            "metrics.mode=standalone".to_owned(),
            format!("tracing.policy.engine={engine}"),
            "tracing.collector.image.repository=otelcol-vllm".to_owned(),
            "tracing.exporters.debug.enabled=false".to_owned(),
            "tracing.exporters.file.enabled=true".to_owned(),
            format!("tracing.sampling.decisionWait={DECISION_WAIT}"),
        ]
        .into_iter()
        // What both engines can do.
        .chain(LIMITS_ALONE.map(str::to_owned))
        .collect(),
        ..Options::default()
    })
}

/// Starts a collector, sends the load, waits for its decisions and ends it. `extensions` are merged
/// over the rendered ones.
///
/// # Errors
/// When the collector does not start, refuses spans or does not decide in time.
pub fn run(rendered: &Rendered, extensions: &Value, load: &Load) -> Result<Outcome> {
    let dir = tempfile::tempdir()?;
    let [metrics] = repo::free_ports::<1>()?;
    let extra = json!({
        "processors": {"tail_sampling": {"num_traces": 2 * load.traces}},
        "extensions": extensions,
        "service": {"telemetry": {"logs": {"level": "warn"}}},
    });
    let before = waited_for()?;
    let mut collector =
        Collector::start(dir.path(), rendered, &extra, (Ipv4Addr::LOCALHOST, metrics))?;
    let started = used(&format!("/proc/{}/stat", collector.child.id()), OWN)?;
    let mut sender = otlp::Sender::connect(collector.otlp)?;
    for message in &load.messages {
        sender.send_message(message.clone())?;
    }
    let url = collector.metrics_url();
    collector.child.wait_until("done deciding", LIMIT, || {
        let samples = harness::http::parse_metrics(&harness::http::get(&url)?)?;
        let decided = samples
            .iter()
            .filter(|sample| sample.name.starts_with(DECIDED));
        Ok(decided.map(|sample| sample.value).sum::<f64>() >= load.traces as f64)
    })?;
    let kept = collector.stop()?;
    Ok(Outcome {
        cpu: waited_for()? - before - started,
        kept: kept
            .iter()
            .flat_map(otlp::spans)
            .map(|(_, _, span)| span["traceId"].as_str().unwrap_or_default().to_lowercase())
            .collect(),
    })
}

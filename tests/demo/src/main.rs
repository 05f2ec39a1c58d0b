//! `make demo`: the main job without a cluster.
//!
//! Renders the chart with the demo's values, starts the real collector with the sampling policy and
//! a real Prometheus with the rendered rules, replays what a real vLLM said, and reports what was
//! kept and which alerts fire. With `ONESHOT=1` it ends by itself and holds the outcome against a
//! computation of its own.

mod options;
mod replicas;
mod stack;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use harness::render::{Options as RenderOptions, Rendered};
use harness::traffic::{self, LIMITS, Traffic};
use harness::{interrupt, otlp, repo};
use serde_json::Value;

use options::Options;
use replicas::Replica;
use stack::Stack;

/// Port of vLLM's /metrics, as in the demo's values.
const VLLM_PORT: u16 = 18000;

/// Traces sent in a one-shot run.
const ONESHOT_TRACES: usize = 3000;

/// Traces sent each tick of the loop.
const PER_TICK: usize = 30;

/// The loop's tick: ten a second.
const TICK: Duration = Duration::from_millis(100);

/// How long a one-shot run waits for its alerts.
const ALERT_LIMIT: Duration = Duration::from_secs(90);

/// How long after the last trace all must have been decided.
const DECISION_LIMIT: Duration = Duration::from_secs(30);

/// Alerts that the replayed fleet must raise, and no other.
const EXPECTED: [&str; 4] = [
    "VllmPreemptionSpike",
    "VllmQueueTooLong",
    "VllmReplicaDown",
    "VllmTimeToFirstTokenHigh",
];

/// The model that has nothing to complain about.
const QUIET_MODEL: &str = "llama3-70b";

/// Of the capture, the phase with a full KV cache and preemptions.
const RUSH_HOUR: RangeInclusive<u64> = 1_795_489_090..=1_795_489_235;

/// Of the capture, a phase of short requests, one at a time.
const QUIET: RangeInclusive<u64> = 1_795_489_285..=1_795_489_340;

/// Three replicas of the first model, in the capture's rush hour; a fourth is expected and missing.
/// One replica of the second model, in a quiet phase.
fn fleet() -> Vec<Replica> {
    let busy = |n: u8| Replica {
        pod: format!("qwen3-235b-{n}"),
        model: "qwen3-235b",
        ip: Ipv4Addr::new(127, 0, 1, n),
        part: RUSH_HOUR,
        offset: 3 * usize::from(n),
    };
    let mut fleet: Vec<Replica> = (1..=3).map(busy).collect();
    fleet.push(Replica {
        pod: "llama3-70b-1".to_owned(),
        model: QUIET_MODEL,
        ip: Ipv4Addr::new(127, 0, 1, 11),
        part: QUIET,
        offset: 0,
    });
    fleet
}

/// What was seen so far.
#[derive(Default)]
struct Seen {
    exports: Vec<Value>,
    traces: BTreeSet<String>,
    fired: BTreeSet<String>,
    /// Alerts that fired for the quiet model.
    false_alarms: BTreeSet<String>,
    decisions: BTreeMap<String, u64>,
}

fn main() -> ExitCode {
    match interrupt::install().and_then(|()| run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let options = Options::from_env()?;
    let dir = repo::root().join("target/demo");
    match fs::remove_dir_all(&dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => fs::create_dir_all(&dir)?,
    }
    let rendered = Rendered::new(&RenderOptions {
        values: vec![repo::root().join("tests/demo/values.yaml")],
        ..RenderOptions::default()
    })?;
    rendered.write(&repo::root().join("target/render"))?;

    let fixtures = repo::root().join("tests/fixtures/vllm/0.32.0");
    let series = {
        let archive = fixtures.join("scrapes.tar.gz");
        let name = archive.display().to_string();
        std::fs::File::open(&archive)
            .map_err(anyhow::Error::from)
            .and_then(harness::capture::bodies)
            .context(name)?
    };
    let started = Instant::now();
    let fleet = fleet();
    for replica in &fleet {
        replica.serve(VLLM_PORT, &series, started)?;
    }
    let mut stack = Stack::start(&dir, &rendered, &fleet, options.prometheus_port)?;
    let plugin = stack.collector.plugin_sha256()?;
    where_to_look(&options, &stack, &dir);

    let mut seen = Seen::default();
    let mut sender = otlp::Sender::connect(stack.collector.otlp)?;
    let recorded = match &options.spans {
        Some(file) => Some(otlp::read_lines(file)?),
        None => None,
    };
    if let Some(exports) = recorded {
        for export in exports {
            sender.send(&export)?;
            note(&mut seen, export);
        }
    }
    let seed = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64 | 1;
    let mut traffic = match &options.spans {
        Some(_) => None,
        None => Some(Traffic::new(
            &otlp::read_lines(&fixtures.join("traces.jsonl"))?,
            seed,
        )?),
    };

    let mut last_report = Instant::now();
    while !interrupt::requested() {
        stack.collector.child.check()?;
        stack.prometheus.check()?;
        if let Some(traffic) = &mut traffic {
            for _ in 0..PER_TICK {
                let trace = traffic.next()?;
                sender.send(&trace.export)?;
                seen.traces.insert(trace.id);
                seen.exports.push(trace.export);
            }
        }
        if last_report.elapsed() >= Duration::from_secs(2) {
            last_report = Instant::now();
            report(&mut seen, &stack)?;
            let all_fired = EXPECTED.iter().all(|name| seen.fired.contains(*name));
            let all_sent = traffic.is_none() || seen.traces.len() >= ONESHOT_TRACES;
            if options.oneshot && all_sent {
                traffic = traffic.filter(|_| false);
                if all_fired || started.elapsed() >= ALERT_LIMIT {
                    break;
                }
            }
        }
        std::thread::sleep(TICK);
    }
    let interrupted = interrupt::requested();
    if !interrupted {
        let total = seen.traces.len() as u64;
        let started = Instant::now();
        loop {
            seen.decisions = stack.collector.decisions()?;
            if seen.decisions.values().sum::<u64>() >= total {
                break;
            }
            if started.elapsed() >= DECISION_LIMIT {
                bail!(
                    "of {total} traces the policy decided only on {:?}",
                    seen.decisions
                );
            }
            interrupt::check()?;
            stack.collector.child.check()?;
            std::thread::sleep(TICK);
        }
    }
    let kept = stack.collector.stop()?;
    if let Some(file) = &options.kept {
        otlp::write_lines(file, &kept)?;
    }
    verdict(&seen, &kept, &plugin, options.oneshot && !interrupted)
}

fn note(seen: &mut Seen, export: Value) {
    for (_, _, span) in otlp::spans(&export) {
        let id = span["traceId"].as_str().unwrap_or_default();
        seen.traces.insert(id.to_lowercase());
    }
    seen.exports.push(export);
}

fn where_to_look(options: &Options, stack: &Stack, dir: &Path) {
    println!(
        "demo: Prometheus         http://127.0.0.1:{}/alerts",
        options.prometheus_port
    );
    println!("demo: collector metrics  {}", stack.collector.metrics_url());
    println!(
        "demo: kept traces        {}",
        dir.join("kept.jsonl").display()
    );
    println!("demo: logs               {}", dir.join("*.log").display());
    if !options.oneshot {
        println!("demo: Ctrl-C ends it");
    }
}

/// One line of the state, and a line for each alert when it fires for the first time.
fn report(seen: &mut Seen, stack: &Stack) -> Result<()> {
    seen.decisions = stack.collector.decisions()?;
    let dropped = seen.decisions.get("none").copied().unwrap_or(0);
    let kept: Vec<String> = seen
        .decisions
        .iter()
        .filter(|(reason, _)| *reason != "none")
        .map(|(reason, count)| format!("{reason} {count}"))
        .collect();
    let mut pending = BTreeSet::new();
    for alert in stack.api.alerts()? {
        let name = alert.name().to_owned();
        let of_quiet = alert.labels.get("model").is_some_and(|m| m == QUIET_MODEL);
        if alert.state == "firing" && of_quiet {
            seen.false_alarms.insert(name.clone());
        }
        if alert.state != "firing" {
            pending.insert(name);
        } else if seen.fired.insert(name.clone()) {
            let annotation = |key| alert.annotations.get(key).map_or("", String::as_str);
            println!("demo: FIRING {name}: {}", annotation("description"));
            println!("demo:        {}", annotation("runbook_url"));
        }
    }
    println!(
        "demo: traces seen {}, kept: {}; dropped {dropped}; alerts firing {}, pending {}",
        seen.traces.len(),
        if kept.is_empty() {
            "0".to_owned()
        } else {
            kept.join(", ")
        },
        seen.fired.len(),
        if pending.is_empty() {
            "none".to_owned()
        } else {
            list(&pending)
        },
    );
    Ok(())
}

fn list(names: &BTreeSet<String>) -> String {
    names
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(",")
}

/// The last line, and what is wrong if something is.
fn verdict(seen: &Seen, kept: &[Value], plugin: &str, judge: bool) -> Result<()> {
    let slow = traffic::slow_traces(&seen.exports, &LIMITS);
    let kept: BTreeSet<String> = kept
        .iter()
        .flat_map(otlp::spans)
        .map(|(_, _, span)| span["traceId"].as_str().unwrap_or_default().to_lowercase())
        .collect();
    let lost: Vec<&String> = slow.keys().filter(|id| !kept.contains(*id)).collect();
    let extra: Vec<&String> = kept.iter().filter(|id| !slow.contains_key(*id)).collect();
    let fired = if seen.fired.is_empty() {
        "none".to_owned()
    } else {
        list(&seen.fired)
    };
    let expected: BTreeSet<String> = EXPECTED.iter().map(|name| (*name).to_owned()).collect();
    let line = format!(
        "demo: kept {} of {} slow traces, {} of {} others; alerts fired: {fired}; plugin sha256 {}",
        slow.len() - lost.len(),
        slow.len(),
        extra.len(),
        seen.traces.len() - slow.len(),
        plugin,
    );
    if judge {
        for id in lost.iter().take(5) {
            eprintln!("demo: lost {id}, slow by {}", slow[*id]);
        }
        for id in extra.iter().take(5) {
            eprintln!("demo: kept {id}, which is not slow");
        }
        if !seen.false_alarms.is_empty() {
            println!("{line}");
            bail!(
                "{QUIET_MODEL} is healthy, and these alerts fired for it: {}",
                list(&seen.false_alarms)
            );
        }
        if !lost.is_empty() || !extra.is_empty() || seen.fired != expected {
            println!("{line}");
            bail!(
                "expected every slow trace, no other, and the alerts {}",
                list(&expected)
            );
        }
    }
    println!("{line}");
    Ok(())
}

//! `tracing.sampling.mode: immediate` beside `whole` in the real collector, with the engine `ottl` and the
//! chart's configuration: peak memory, CPU time of a span, and the time from the end of a request until its
//! trace is in the store, here a file.

use std::collections::BTreeSet;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use bench::cpu::{OWN, used, waited_for};
use bench::report::{Series, compare};
use bench::tables;
use harness::child::Child;
use harness::otlp::{self, Message};
use harness::render::{LIMITS_ALONE, Options, Rendered};
use harness::traffic::{LIMITS, Traffic, slow_traces};
use harness::{collector, http, repo};
use lexopt::prelude::*;
use serde_json::{Value, json};

/// Most memory of `immediate`, and most time until a trace is in the store, as shares of `whole`.
const MEMORY_BAR: f64 = 0.95;
const LATENCY_BAR: f64 = 0.2;

/// Most memory of `immediate` where callers send spans, which wait for the request in both modes.
const CALLERS_BAR: f64 = 1.1;

/// Most CPU time of a span, as a multiple of `whole`'s.
const CPU_BAR: f64 = 1.5;

/// Most memory with `decisionWait` of 3m, as a multiple of 15s, where callers send their roots.
const WAIT_BAR: f64 = 1.33;

/// Time that a start, or deciding on everything, may take.
const LIMIT: Duration = Duration::from_secs(120);

/// How often spans are sent: so many times a second.
const TICKS: usize = 10;

/// Requests whose way to the store is timed, a third of a second apart.
const TIMED: usize = 6;

/// GOMEMLIMIT as the chart sets it for the default memory limit, 2Gi.
const GO_MEMORY: &str = "1638MiB";

/// Counts decisions on traces.
const DECIDED: &str = "otelcol_processor_tail_sampling_global_count_traces_sampled";

/// A mode of sampling, with its `decisionWait`.
struct Mode {
    name: &'static str,
    mode: &'static str,
    wait: &'static str,
}

const WHOLE: Mode = Mode {
    name: "whole",
    mode: "whole",
    wait: "15s",
};
const IMMEDIATE: Mode = Mode {
    name: "immediate",
    mode: "immediate",
    wait: "15s",
};
const LONG: Mode = Mode {
    name: "immediate-3m",
    mode: "immediate",
    wait: "3m",
};

/// What is sent, by tick.
struct Load {
    ticks: Vec<Vec<Message>>,
    spans: usize,
    traces: usize,
    slow: BTreeSet<String>,
}

/// What a run showed.
struct Outcome {
    /// Bytes of the process at its peak.
    memory: f64,
    /// Seconds of CPU time for a span.
    cpu: f64,
    /// Seconds until a timed request was in the file; the middle one.
    latency: f64,
}

fn main() -> Result<()> {
    bench(rounds()?)
}

fn rounds() -> Result<usize> {
    let mut rounds = 3;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("rounds") => rounds = arguments.value()?.parse()?,
            other => bail!("{}; expected --rounds", other.unexpected()),
        }
    }
    Ok(rounds)
}

fn bench(rounds: usize) -> Result<()> {
    let (alone, callers) = (requests(10, 3000)?, with_callers(20, 300)?);
    println!(
        "\nmodes of sampling: {} traces of one request, and {} of three spans and ten seconds; {rounds} rounds in turns",
        alone.traces, callers.traces
    );
    let mut of_requests = [Vec::new(), Vec::new()];
    let mut of_callers = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..rounds {
        for (mode, outcomes) in [IMMEDIATE, WHOLE].iter().zip(&mut of_requests) {
            outcomes.push(run(mode, &alone)?);
        }
        for (mode, outcomes) in [IMMEDIATE, WHOLE, LONG].iter().zip(&mut of_callers) {
            outcomes.push(run(mode, &callers)?);
        }
    }
    let megabytes = |outcome: &Outcome| outcome.memory / 1e6;
    let microseconds = |outcome: &Outcome| outcome.cpu * 1e6;
    let seconds = |outcome: &Outcome| outcome.latency;
    let [immediate, whole] = &of_requests;
    let [with_immediate, with_whole, with_long] = &of_callers;
    let missed: Vec<String> = [
        held(
            "modes/time-to-store",
            "s",
            seconds,
            (IMMEDIATE, immediate),
            (WHOLE, whole),
            LATENCY_BAR,
        )?,
        held(
            "modes/memory-requests",
            "MB",
            megabytes,
            (IMMEDIATE, immediate),
            (WHOLE, whole),
            MEMORY_BAR,
        )?,
        held(
            "modes/cpu-requests",
            "µs",
            microseconds,
            (IMMEDIATE, immediate),
            (WHOLE, whole),
            CPU_BAR,
        )?,
        held(
            "modes/memory-callers",
            "MB",
            megabytes,
            (IMMEDIATE, with_immediate),
            (WHOLE, with_whole),
            CALLERS_BAR,
        )?,
        held(
            "modes/cpu-callers",
            "µs",
            microseconds,
            (IMMEDIATE, with_immediate),
            (WHOLE, with_whole),
            CPU_BAR,
        )?,
        held(
            "modes/memory-decision-wait",
            "MB",
            megabytes,
            (LONG, with_long),
            (IMMEDIATE, with_immediate),
            WAIT_BAR,
        )?,
    ]
    .into_iter()
    .flatten()
    .collect();
    tables::write()?;
    ensure!(missed.is_empty(), "bars missed: {}", missed.join("; "));
    Ok(())
}

/// Runs of a mode.
type Runs<'a> = (Mode, &'a [Outcome]);

/// Compares a figure of two modes; says so where the bar is missed.
fn held(
    name: &str,
    unit: &str,
    figure: fn(&Outcome) -> f64,
    ours: Runs<'_>,
    peer: Runs<'_>,
    bar: f64,
) -> Result<Option<String>> {
    let series = |(mode, outcomes): Runs<'_>| Series {
        policy: mode.name,
        values: outcomes.iter().map(figure).collect(),
    };
    let ratio = compare(name, unit, &series(ours), &series(peer))?;
    Ok((ratio > bar).then(|| format!("{name}: {ratio:.2}; the bar is {bar}")))
}

fn traffic() -> Result<Traffic> {
    let capture = repo::root().join("tests/fixtures/vllm/0.32.0/traces.jsonl");
    Traffic::new(&otlp::read_lines(&capture)?, 5)
}

/// Traces of one vLLM span: so many a second, for so many seconds.
fn requests(seconds: usize, rate: usize) -> Result<Load> {
    let mut traffic = traffic()?;
    let mut load = Load {
        ticks: Vec::new(),
        spans: seconds * rate,
        traces: seconds * rate,
        slow: BTreeSet::new(),
    };
    for _ in 0..seconds * TICKS {
        let exports = (0..rate / TICKS)
            .map(|_| Ok(traffic.next()?.export))
            .collect::<Result<Vec<_>>>()?;
        load.slow.extend(slow_traces(&exports, &LIMITS).into_keys());
        load.ticks.push(vec![together(&exports)?]);
    }
    Ok(load)
}

/// Traces of three spans, in the order of real ones: a caller's early span, ten seconds later vLLM's, and
/// then the caller's root.
fn with_callers(seconds: usize, rate: usize) -> Result<Load> {
    const LENGTH: usize = 10 * TICKS;
    let mut traffic = traffic()?;
    let mut ticks = vec![Vec::new(); seconds * TICKS + LENGTH + 1];
    let (mut slow, mut traces) = (BTreeSet::new(), 0);
    for tick in 0..seconds * TICKS {
        let (mut early, mut requests, mut roots) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rate / TICKS {
            let export = traffic.next()?.export;
            slow.extend(slow_traces([&export], &LIMITS).into_keys());
            let (resource, scope, span) = otlp::spans(&export).next().context("no span")?;
            let mut span = span.clone();
            let trace = span["traceId"].clone();
            span["parentSpanId"] = json!("00000000000000aa");
            early.push(gateway(
                &trace,
                "auth",
                "00000000000000ab",
                "00000000000000aa",
            ));
            roots.push(gateway(&trace, "POST /chat", "00000000000000aa", ""));
            requests.push(otlp::request(resource, scope, &span));
            traces += 1;
        }
        ticks[tick].push(together(&early)?);
        ticks[tick + LENGTH].push(together(&requests)?);
        ticks[tick + LENGTH + 1].push(together(&roots)?);
    }
    Ok(Load {
        ticks,
        spans: 3 * traces,
        traces,
        slow,
    })
}

/// A span of a gateway's.
fn gateway(trace: &Value, name: &str, id: &str, parent: &str) -> Value {
    let attribute = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    otlp::request(
        &json!({"attributes": [attribute("service.name", "gateway")]}),
        &json!({"name": "gateway"}),
        &json!({
            "traceId": trace, "spanId": id, "parentSpanId": parent, "name": name, "kind": 3,
            "startTimeUnixNano": "1795508851160510410", "endTimeUnixNano": "1795508855341305524",
            "attributes": [attribute("http.route", "/chat"), attribute("http.request.method", "POST")],
        }),
    )
}

/// As one export.
fn together(exports: &[Value]) -> Result<Message> {
    let lists: Vec<&Value> = exports
        .iter()
        .flat_map(|export| export["resourceSpans"].as_array())
        .flatten()
        .collect();
    otlp::to_message(&json!({"resourceSpans": lists}))
}

/// A collector of the mode under the load.
fn run(mode: &Mode, load: &Load) -> Result<Outcome> {
    let dir = tempfile::tempdir()?;
    let set = [
        "metrics.mode=standalone".to_owned(),
        "tracing.policy.engine=ottl".to_owned(),
        "tracing.exporters.debug.enabled=false".to_owned(),
        "tracing.exporters.file.enabled=true".to_owned(),
        format!("tracing.sampling.mode={}", mode.mode),
        format!("tracing.sampling.decisionWait={}", mode.wait),
    ];
    let rendered = Rendered::new(&Options {
        set: set
            .into_iter()
            .chain(LIMITS_ALONE.map(str::to_owned))
            .collect(),
        ..Options::default()
    })?;
    let quiet = json!({"service": {"telemetry": {"logs": {"level": "warn"}}}});
    let [grpc, port, health, metrics] = repo::free_ports::<4>()?;
    let at = (Ipv4Addr::LOCALHOST, metrics);
    let mut command = collector::command(dir.path(), &rendered, &quiet, [grpc, port, health], at)?;
    command.env("GOMEMLIMIT", GO_MEMORY);
    let before = waited_for()?;
    let mut child = Child::start("collector", command, &dir.path().join("collector.log"))?;
    child.wait_http(&format!("http://127.0.0.1:{health}/"), LIMIT)?;
    let kept = dir.path().join("kept.jsonl");
    let mut sender = otlp::Sender::connect(grpc)?;

    let (latency, timed) = time_to_store(&mut sender, &kept)?;
    let process = format!("/proc/{}", child.id());
    let started = used(&format!("{process}/stat"), OWN)?;
    let began = Instant::now();
    for (tick, messages) in load.ticks.iter().enumerate() {
        let due = Duration::from_secs_f64(tick as f64 / TICKS as f64);
        std::thread::sleep(due.saturating_sub(began.elapsed()));
        for message in messages {
            sender.send_message(message.clone())?;
        }
    }
    // `immediate` has decided on what it has taken; `whole` waits, which is part of its peak.
    if mode.mode == WHOLE.mode {
        let url = format!("http://127.0.0.1:{metrics}/metrics");
        child.wait_until("done deciding", LIMIT, || {
            let samples = http::parse_metrics(&http::get(&url)?)?;
            let counted = samples.iter().filter(|s| s.name.starts_with(DECIDED));
            Ok(counted.map(|s| s.value).sum::<f64>() >= load.traces as f64)
        })?;
    }
    let status = fs::read_to_string(format!("{process}/status"))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.context("no VmHWM")?.trim().trim_end_matches(" kB");
    let memory = peak.parse::<f64>()? * 1024.0;
    ensure!(child.terminate(LIMIT)?.success(), "{}", child.tail());
    let cpu = (waited_for()? - before - started) / load.spans as f64;

    let expected: BTreeSet<String> = load.slow.union(&timed).cloned().collect();
    let found = ids(&fs::read_to_string(&kept)?)?;
    ensure!(
        found == expected,
        "{}: found {} kept traces; expected the {} slow ones; more: {:?}, missing: {:?}",
        mode.name,
        found.len(),
        expected.len(),
        found.difference(&expected).take(5).collect::<Vec<_>>(),
        expected.difference(&found).take(5).collect::<Vec<_>>()
    );
    println!(
        "  {:<14} {:>6} spans: {:.0} MB, {:.1} µs a span, {latency:.3} s to the store",
        mode.name,
        load.spans,
        memory / 1e6,
        cpu * 1e6
    );
    Ok(Outcome {
        memory,
        cpu,
        latency,
    })
}

/// Sends slow requests alone and waits until each is in the file; the middle time, and their ids.
fn time_to_store(sender: &mut otlp::Sender, kept: &Path) -> Result<(f64, BTreeSet<String>)> {
    let mut traffic = traffic()?;
    let (mut sent, mut timed, mut times) = (Vec::new(), BTreeSet::new(), Vec::new());
    let mut due = Instant::now();
    let limit = due + LIMIT;
    while times.len() < TIMED {
        ensure!(
            Instant::now() < limit,
            "{} of {TIMED} are there",
            times.len()
        );
        if sent.len() < TIMED && Instant::now() >= due {
            due += Duration::from_millis(333);
            let export = loop {
                let export = traffic.next()?.export;
                if !slow_traces([&export], &LIMITS).is_empty() {
                    break export;
                }
            };
            let mut export = export;
            // No id of the load's, also by its last half, by which the processor's cache knows traces.
            let span = &mut export["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
            let id = format!(
                "{:032x}",
                0xabcd_0000_0000_0000_u128 | (sent.len() as u128 + 1)
            );
            span["traceId"] = json!(id);
            sent.push((id.clone(), Instant::now()));
            timed.insert(id);
            sender.send_message(otlp::to_message(&export)?)?;
        }
        let there = fs::read_to_string(kept).unwrap_or_default();
        let now = Instant::now();
        for (id, at) in sent.iter().skip(times.len()) {
            if there.contains(id.as_str()) {
                times.push((now - *at).as_secs_f64());
            } else {
                break;
            }
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok((bench::report::median(&times), timed))
}

fn ids(lines: &str) -> Result<BTreeSet<String>> {
    Ok(otlp::parse_lines(lines)?
        .iter()
        .flat_map(otlp::spans)
        .map(|(_, _, span)| span["traceId"].as_str().unwrap_or_default().to_lowercase())
        .collect())
}

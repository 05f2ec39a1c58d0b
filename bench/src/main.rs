//! The sampling policy in the real collector, beside what the stock collector has: `bench/run`.

mod run;

use anyhow::{Result, bail, ensure};
use harness::render::Rendered;
use lexopt::prelude::*;
use serde_json::{Value, json};

use bench::load::Load;
use bench::policies::Does;
use bench::report::{Series, compare};
use bench::tables;

/// Least spans a second of CPU time that the policy lets through, as a share of the peer's.
const THROUGHPUT_BAR: f64 = 0.95;

/// Most CPU time of a run in which every call fails, as a multiple of a healthy one.
const STORM_BAR: f64 = 1.5;

const PEER: &str = "ottl_condition";
const OURS: &str = "wasm_sampling_policy";

/// How much is measured.
struct Options {
    rounds: usize,
    traces: usize,
    storm_rounds: usize,
    /// 0 leaves the storms out.
    storm_traces: usize,
}

fn main() -> Result<()> {
    bench(&options()?)
}

fn options() -> Result<Options> {
    let mut options = Options {
        rounds: 5,
        storm_rounds: 3,
        traces: 100_000,
        storm_traces: 50_000,
    };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("rounds") => options.rounds = arguments.value()?.parse()?,
            Long("traces") => options.traces = arguments.value()?.parse()?,
            Long("storm-rounds") => options.storm_rounds = arguments.value()?.parse()?,
            Long("storm-traces") => options.storm_traces = arguments.value()?.parse()?,
            other => bail!(
                "{}; expected --rounds, --traces, --storm-rounds or --storm-traces",
                other.unexpected()
            ),
        }
    }
    Ok(options)
}

fn bench(options: &Options) -> Result<()> {
    let throughput = throughput(options)?;
    let storms = if options.storm_traces > 0 {
        storms(options)?
    } else {
        Vec::new()
    };
    tables::write()?;
    ensure!(
        throughput >= THROUGHPUT_BAR,
        "end-to-end: {throughput:.2} of the spans that {PEER} lets through; the bar is {THROUGHPUT_BAR}"
    );
    for (name, ratio) in storms {
        ensure!(
            ratio <= STORM_BAR,
            "{name}: {ratio:.2} times the CPU time of a healthy run; the bar is {STORM_BAR}"
        );
    }
    Ok(())
}

/// Spans a second of CPU time, with the identical kept set.
fn throughput(options: &Options) -> Result<f64> {
    let load = Load::new(options.traces)?;
    let (ottl, wasm) = (run::render("ottl")?, run::render("wasm")?);
    println!(
        "\nend to end: {} traces of one span, {} of them slow, {} rounds in turns",
        load.traces,
        load.slow.len(),
        options.rounds
    );
    let measure = |rendered: &Rendered| -> Result<f64> {
        let outcome = run::run(rendered, &json!({}), &load)?;
        ensure!(
            outcome.kept == load.slow,
            "found {} kept traces, {} of them slow; expected the {} slow ones",
            outcome.kept.len(),
            outcome.kept.intersection(&load.slow).count(),
            load.slow.len()
        );
        Ok(load.traces as f64 / outcome.cpu)
    };
    let [mut ours, mut peer] = [OURS, PEER].map(|policy| Series {
        policy,
        values: Vec::new(),
    });
    for round in 0..options.rounds {
        if round % 2 == 0 {
            peer.values.push(measure(&ottl)?);
            ours.values.push(measure(&wasm)?);
        } else {
            ours.values.push(measure(&wasm)?);
            peer.values.push(measure(&ottl)?);
        }
    }
    compare("end-to-end/throughput", "spans/CPU s", &ours, &peer)
}

/// CPU time of runs in which every call fails, beside one in which every call keeps its trace, as
/// `on_error` does.
fn storms(options: &Options) -> Result<Vec<(String, f64)>> {
    let load = Load::new(options.storm_traces)?;
    let rendered = run::render("wasm")?;
    let dir = tempfile::tempdir()?;
    println!(
        "\nfault storms: {} traces, every call of the policy fails, {} rounds in turns",
        load.traces, options.storm_rounds
    );
    let measure = |extensions: &Value| -> Result<f64> {
        let outcome = run::run(&rendered, extensions, &load)?;
        ensure!(
            outcome.kept.len() == load.traces,
            "found {} kept traces; expected all {}: on_error is keep",
            outcome.kept.len(),
            load.traces
        );
        Ok(outcome.cpu)
    };
    let healthy = Does::Keep.install(dir.path())?;
    let faults = [
        ("trap", Does::Trap),
        ("endless-loop", Does::Loop),
        ("bad-decision", Does::Nonsense),
    ];
    let mut installed = Vec::new();
    for (name, does) in faults {
        installed.push((name, does.install(dir.path())?, Vec::new()));
    }
    let mut peer = Series {
        policy: "healthy",
        values: Vec::new(),
    };
    for _ in 0..options.storm_rounds {
        peer.values.push(measure(&healthy)?);
        for (_, extensions, values) in &mut installed {
            values.push(measure(extensions)?);
        }
    }
    installed
        .into_iter()
        .map(|(fault, _, values)| {
            let name = format!("fault-storm/{fault}");
            let ratio = compare(
                &name,
                "CPU s",
                &Series {
                    policy: fault,
                    values,
                },
                &peer,
            )?;
            Ok((name, ratio))
        })
        .collect()
}

//! What a refresh of the fleet's dashboard costs: six hours in steps of a minute, over 40 and 400
//! pods, beside the dashboard that it is held against.
//!
//!     cargo run -p dashboards-tests --bin dashboards-bench [-- 40 400]

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use dashboards_tests::{Asked, STEP, ask, asked, fleet, seed, store::Store};
use harness::repo;
use serde_json::{Value, json};

/// Most samples of a refresh, by pods.
const BARS: [(usize, u64); 2] = [(40, 120_000), (400, 150_000)];
/// What the seed's own file read at 40 pods, see seed/queries.txt.
const SEED_AT_40: f64 = 23_453_920.0;

fn main() -> ExitCode {
    match bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn bench() -> Result<()> {
    let chosen: Vec<usize> = std::env::args()
        .skip(1)
        .map(|a| a.parse())
        .collect::<Result<_, _>>()?;
    // Grafana's rate interval at a step of a minute: four scrapes.
    let theirs = seed("2m");
    let boards = dashboards::boards::all();
    let board = boards
        .iter()
        .find(|b| b.slug == "fleet")
        .context("no fleet")?;
    let ours = asked(std::slice::from_ref(board), "p0");
    for (pods, bar) in BARS
        .into_iter()
        .filter(|(pods, _)| chosen.is_empty() || chosen.contains(pods))
    {
        eprintln!("bench: six hours of {pods} pods …");
        let all: Vec<Asked> = ours.iter().chain(&theirs).cloned().collect();
        let (store, time) = fleet(pods, 6, &all)?;
        let (samples, cpu) = refresh(&store, &ours, time)?;
        let (peer, peer_cpu) = refresh(&store, &theirs, time)?;
        println!("Dashboard over {pods} pods, one refresh of six hours:");
        println!(
            "  ours   {:>12} samples {cpu:>8.2} CPU s, {} queries; at most {bar} samples",
            samples,
            ours.len()
        );
        println!(
            "  seed   {:>12} samples {peer_cpu:>8.2} CPU s, {} queries",
            peer,
            theirs.len()
        );
        record(pods, (samples, cpu), (peer, peer_cpu))?;
        ensure!(
            samples <= bar,
            "{samples} samples over {pods} pods, expected at most {bar}"
        );
        let scale = peer as f64 / (SEED_AT_40 * pods as f64 / 40.0);
        ensure!(
            (0.9..1.1).contains(&scale),
            "the seed's queries read {peer} samples, {scale:.2} times what its file was measured at"
        );
    }
    Ok(())
}

/// Samples read and CPU seconds used by one refresh.
fn refresh(store: &Store, queries: &[Asked], (start, end): (u64, u64)) -> Result<(u64, f64)> {
    let before = store.cpu()?;
    let mut samples = 0;
    for query in queries {
        let answer = if query.instant {
            ask::at(&store.url, &query.expr, end - STEP)
        } else {
            ask::range(&store.url, &query.expr, (start, end), STEP)
        };
        samples += answer.with_context(|| query.place.clone())?.samples;
    }
    Ok((samples, store.cpu()? - before))
}

/// Puts both figures beside the others.
fn record(pods: usize, ours: (u64, f64), seed: (u64, f64)) -> Result<()> {
    let path = std::env::var_os("BENCH_JSON")
        .map_or_else(|| repo::root().join("target/bench.json"), Into::into);
    let mut entries: Vec<Value> = match fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text)?,
        Err(_) => Vec::new(), // the first one
    };
    let name = format!("dashboard/fleet-{pods}");
    entries.retain(|entry| {
        !entry["name"].as_str().is_some_and(|n| {
            n.starts_with(&name) && (n == name || n[name.len()..].starts_with('/'))
        })
    });
    let round = |value: f64| (value * 1e5).round() / 1e5;
    entries.push(json!({
        "name": name, "unit": "samples", "ours": ours.0, "peer": seed.0, "peer_name": "seed",
        "ratio": round(ours.0 as f64 / seed.0 as f64),
    }));
    entries.push(json!({
        "name": format!("{name}/cpu"), "unit": "CPU s", "ours": round(ours.1), "peer": round(seed.1), "peer_name": "seed",
        "ratio": round(ours.1 / seed.1),
    }));
    Ok(fs::write(
        path,
        serde_json::to_string_pretty(&entries)? + "\n",
    )?)
}

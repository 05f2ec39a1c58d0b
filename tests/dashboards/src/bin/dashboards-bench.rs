//! What a refresh of each dashboard costs: six hours in steps of a minute, over 40 and 400 pods,
//! beside the dashboard that they are held against. Every query is held to have an answer where its
//! series are exported.
//!
//!     cargo run -p dashboards-tests --bin dashboards-bench [-- 40 400]

use std::fs;

use anyhow::{Result, ensure};
use dashboards::boards;
use dashboards_tests::refresh::Refresh;
use dashboards_tests::{Asked, asked, fleet, seed};
use harness::repo;
use serde_json::{Value, json};

/// Most samples of a refresh of Fleet, by pods.
const BARS: [(usize, u64); 2] = [(40, 120_000), (400, 150_000)];
/// What the seed's own file read at 40 pods, see seed/queries.txt.
const SEED_AT_40: f64 = 23_453_920.0;
/// Seconds between two scrapes, as the seed's file was measured.
const SCRAPE: u64 = 30;

fn main() -> Result<()> {
    let chosen: Vec<usize> = std::env::args()
        .skip(1)
        .map(|a| a.parse())
        .collect::<Result<_, _>>()?;
    // Grafana's rate interval at a step of a minute: four scrapes.
    let theirs = seed("2m");
    let boards = boards::all();
    let all: Vec<Asked> = asked(&boards, "p7")
        .into_iter()
        .chain(theirs.clone())
        .collect();
    for (pods, bar) in BARS
        .into_iter()
        .filter(|(pods, _)| chosen.is_empty() || chosen.contains(pods))
    {
        eprintln!("bench: six hours of {pods} pods …");
        let history = fleet(pods, 6, SCRAPE, &all)?;
        let peer = history.refresh(&theirs)?;
        println!("Dashboards over {pods} pods, one refresh of six hours each:");
        row("seed", &peer, &theirs);
        for board in &boards {
            let ours = asked(std::slice::from_ref(board), "p7");
            let cost = history.proven(&ours)?;
            row(board.slug, &cost, &ours);
            record(&format!("dashboard/{}-{pods}", board.slug), &cost, &peer)?;
            ensure!(
                board.slug != "fleet" || cost.samples <= bar,
                "{}: {} samples over {pods} pods, expected at most {bar}",
                board.slug,
                cost.samples
            );
        }
        let scale = peer.samples as f64 / (SEED_AT_40 * pods as f64 / 40.0);
        ensure!(
            (0.9..1.1).contains(&scale),
            "the seed's queries read {} samples, {scale:.2} times what its file was measured at",
            peer.samples
        );
    }
    Ok(())
}

fn row(name: &str, cost: &Refresh, queries: &[Asked]) {
    println!(
        "  {name:<14} {:>12} samples {:>8.2} CPU s, {} of {} queries have data",
        cost.samples,
        cost.cpu,
        cost.answered,
        queries.len()
    );
}

/// Puts both figures beside the others.
fn record(name: &str, ours: &Refresh, seed: &Refresh) -> Result<()> {
    let path = std::env::var_os("BENCH_JSON")
        .map_or_else(|| repo::root().join("target/bench.json"), Into::into);
    let mut entries: Vec<Value> = match fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text)?,
        Err(_) => Vec::new(), // the first one
    };
    let cpu = format!("{name}/cpu");
    entries.retain(|entry| entry["name"] != name && entry["name"] != cpu.as_str());
    let round = |value: f64| (value * 1e5).round() / 1e5;
    entries.push(json!({
        "name": name, "unit": "samples", "ours": ours.samples, "peer": seed.samples, "peer_name": "seed",
        "ratio": round(ours.samples as f64 / seed.samples as f64),
    }));
    entries.push(json!({
        "name": cpu, "unit": "CPU s", "ours": round(ours.cpu), "peer": round(seed.cpu), "peer_name": "seed",
        "ratio": round(ours.cpu / seed.cpu),
    }));
    Ok(fs::write(
        path,
        serde_json::to_string_pretty(&entries)? + "\n",
    )?)
}

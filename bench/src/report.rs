//! What the bench leaves behind: `target/bench.json` and the raw rounds.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use harness::repo;
use serde::{Deserialize, Serialize};

/// One figure, as the decision bench writes it too.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// What was measured.
    pub name: String,
    unit: String,
    ours: f64,
    peer: f64,
    /// What it is held against.
    pub peer_name: String,
    /// Ours as a multiple of the peer.
    pub ratio: f64,
}

/// Where the figures lie.
pub struct Files {
    /// The entries, as JSON.
    pub entries: PathBuf,
    /// Every round, as CSV.
    pub raw: PathBuf,
}

impl Files {
    /// As `run` says, or where it puts them.
    #[must_use]
    pub fn from_env() -> Self {
        let file = |variable: &str, default: &str| {
            std::env::var_os(variable).map_or_else(|| repo::root().join(default), PathBuf::from)
        };
        Self {
            entries: file("BENCH_JSON", "target/bench.json"),
            raw: file("BENCH_RAW", "target/bench/raw.csv"),
        }
    }

    /// The entries so far.
    ///
    /// # Errors
    /// When they cannot be read as such.
    pub fn entries(&self) -> Result<Vec<Entry>> {
        match fs::read(&self.entries) {
            Ok(text) => {
                serde_json::from_slice(&text).with_context(|| self.entries.display().to_string())
            }
            Err(_) => Ok(Vec::new()), // the first one
        }
    }
}

/// A measured policy: its name, and its value in each round.
pub struct Series<'a> {
    /// The policy.
    pub policy: &'a str,
    /// One value a round.
    pub values: Vec<f64>,
}

/// The middle one.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Puts a comparison into the files; the median of the rounds' ratios.
///
/// # Errors
/// When a file cannot be read or written.
pub fn compare(name: &str, unit: &str, ours: &Series<'_>, peer: &Series<'_>) -> Result<f64> {
    let pairs = ours.values.iter().zip(&peer.values);
    let ratio = median(&pairs.map(|(ours, peer)| ours / peer).collect::<Vec<_>>());
    let round = |value: f64| (value * 1000.0).round() / 1000.0;
    println!(
        "  {name:<28} {:>10.1} {unit:<16} x {} {ratio:.2}",
        median(&ours.values),
        peer.policy
    );
    raw(name, unit, ours)?;
    raw(name, unit, peer)?;
    merge(Entry {
        name: name.to_owned(),
        unit: unit.to_owned(),
        ours: round(median(&ours.values)),
        peer: round(median(&peer.values)),
        peer_name: peer.policy.to_owned(),
        ratio: round(ratio),
    })?;
    Ok(ratio)
}

/// Puts an entry in place of the older one of its name.
fn merge(entry: Entry) -> Result<()> {
    let files = Files::from_env();
    let mut entries = files.entries()?;
    entries.retain(|old| old.name != entry.name);
    entries.push(entry);
    let text = format!("{}\n", serde_json::to_string_pretty(&entries)?);
    fs::write(&files.entries, text).with_context(|| files.entries.display().to_string())
}

fn raw(name: &str, unit: &str, series: &Series<'_>) -> Result<()> {
    let path = Files::from_env().raw;
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .with_context(|| path.display().to_string())?;
    for (round, value) in series.values.iter().enumerate() {
        writeln!(
            file,
            "{name},{},{},{value:.4},{unit}",
            series.policy,
            round + 1
        )?;
    }
    Ok(())
}

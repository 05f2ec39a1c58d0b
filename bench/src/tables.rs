//! The raw rounds as tables, for docs/benchmarks.md: `target/bench/tables.md`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result};
use harness::repo;

use crate::report::{Entry, Files, median};

/// Values of a measurement by policy, the policies in the order of the file.
type Policies = Vec<(String, Vec<f64>)>;

/// Writes the tables of everything that was measured.
///
/// # Errors
/// When a file cannot be read or written.
pub fn write() -> Result<()> {
    let files = Files::from_env();
    let raw = fs::read_to_string(&files.raw).with_context(|| files.raw.display().to_string())?;
    let mut text = format!("Measured on {}.\n", machine()?);
    for entry in files.entries()? {
        let (mut policies, mut unit) = (Policies::new(), "");
        for line in raw.lines().skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            let [measurement, policy, _, value, found] = fields[..] else {
                anyhow::bail!("{}: found '{line}', expected 5 fields", files.raw.display());
            };
            if measurement != entry.name {
                continue;
            }
            unit = found;
            let value = value.parse().with_context(|| line.to_owned())?;
            match policies.iter_mut().find(|(known, _)| known == policy) {
                Some((_, values)) => values.push(value),
                None => policies.push((policy.to_owned(), vec![value])),
            }
        }
        if !policies.is_empty() {
            table(&mut text, &entry, unit, &policies)?;
        }
    }
    let path = repo::root().join("target/bench/tables.md");
    fs::write(&path, text).with_context(|| path.display().to_string())
}

fn table(text: &mut String, entry: &Entry, unit: &str, policies: &Policies) -> Result<()> {
    let by_name: BTreeMap<&str, &[f64]> = policies
        .iter()
        .map(|(policy, values)| (policy.as_str(), &values[..]))
        .collect();
    let peer = by_name.get(entry.peer_name.as_str());
    writeln!(text, "\n### {}\n", entry.name)?;
    writeln!(
        text,
        "| | {unit}, median | least | most | × {} |",
        entry.peer_name
    )?;
    writeln!(text, "|---|---|---|---|---|")?;
    for (policy, values) in policies {
        let ratio = match peer {
            Some(peer) => median(
                &values
                    .iter()
                    .zip(*peer)
                    .map(|(v, p)| v / p)
                    .collect::<Vec<_>>(),
            ),
            None => entry.ratio, // the peer is a bar, not a measured one
        };
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(0.0, f64::max);
        writeln!(
            text,
            "| {policy} | {} | {} | {} | {ratio:.2} |",
            short(median(values)),
            short(least),
            short(most)
        )?;
    }
    Ok(())
}

/// Three digits are what such a measurement gives.
fn short(value: f64) -> String {
    let digits = (2.0 - value.abs().log10().floor()).clamp(0.0, 3.0);
    format!("{value:.*}", digits as usize)
}

/// Processor, number of them, kernel.
fn machine() -> Result<String> {
    let info = fs::read_to_string("/proc/cpuinfo")?;
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(": "))
            .map_or("?", |(_, value)| value)
    };
    let processors = info
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let release = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let release = release.split('-').next().unwrap_or_default().trim();
    Ok(format!(
        "{processors} × {}, Linux {release}",
        field("model name")
    ))
}

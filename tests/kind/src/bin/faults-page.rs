//! Puts what `make faults` and `make soak` measured (target/faults, target/soak) into docs/faults.json, and
//! writes docs/faults.md of it. What was not measured again stays as it was.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use kind_tests::faults::Row;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Everything that the page shows.
#[derive(Default, Serialize, Deserialize)]
struct Measured {
    faults: BTreeMap<String, Dated<Row>>,
    soak: Option<Dated<Value>>,
}

/// When it was measured.
#[derive(Serialize, Deserialize)]
struct Dated<T> {
    date: String,
    measured: T,
}

fn main() -> Result<()> {
    let root = harness::repo::root();
    let store = root.join("docs/faults.json");
    let mut measured: Measured = match fs::read_to_string(&store) {
        Ok(text) => serde_json::from_str(&text).context("docs/faults.json")?,
        Err(_) => Measured::default(),
    };
    if let Ok(folder) = fs::read_dir(root.join("target/faults")) {
        for entry in folder {
            let path = entry?.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let row = read(&path)?;
            measured.faults.insert(name.into_owned(), row);
        }
    }
    let soak = root.join("target/soak/soak.json");
    if soak.is_file() {
        measured.soak = Some(read(&soak)?);
    }
    fs::write(&store, serde_json::to_string_pretty(&measured)? + "\n")?;
    fs::write(root.join("docs/faults.md"), page(&measured)?)?;
    Ok(())
}

/// A file's content, dated by the file.
fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Dated<T>> {
    let text = fs::read_to_string(path)?;
    let measured = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    let out = Command::new("date")
        .args(["-u", "+%F", "-r"])
        .arg(path)
        .output()?;
    let date = String::from_utf8(out.stdout)?.trim().to_owned();
    Ok(Dated { date, measured })
}

fn page(measured: &Measured) -> Result<String> {
    let mut text = TOP.to_owned();
    let (detection, faults): (Vec<_>, Vec<_>) =
        (measured.faults.iter()).partition(|(name, _)| name.starts_with("detect-"));
    text += FAULTS;
    for (
        name,
        Dated {
            date,
            measured: row,
        },
    ) in faults
    {
        let mut seen = Vec::new();
        if row.sent > 0 {
            seen.push(format!(
                "{} of {} lost, {} twice",
                row.lost, row.sent, row.twice
            ));
        }
        if row.refused > 0 {
            seen.push(format!("{} refused to the sender", row.refused));
        }
        if let Some((alert, seconds)) = &row.alert {
            seen.push(format!("{alert} after {seconds:.0} s"));
        }
        if !row.seen.is_empty() {
            seen.push(row.seen.clone());
        }
        seen.push(match row.others.as_slice() {
            [] => "no other alert".to_owned(),
            others => format!("also {}", others.join(", ")),
        });
        writeln!(
            text,
            "| {} | {} | {} | {date} | `{name}` |",
            row.fault,
            row.promised,
            seen.join("; ")
        )?;
    }
    text += DETECTION;
    for (
        name,
        Dated {
            date,
            measured: row,
        },
    ) in detection
    {
        let (alert, seconds) = row.alert.clone().unwrap_or_default();
        writeln!(
            text,
            "| {} | {alert} | {seconds:.0} s | {date} | `{name}` |",
            row.fault
        )?;
    }
    text += AFTER_DETECTION;
    if let Some(Dated {
        date,
        measured: soak,
    }) = &measured.soak
    {
        soak_section(&mut text, date, soak)?;
    }
    Ok(text)
}

fn soak_section(text: &mut String, date: &str, soak: &Value) -> Result<()> {
    writeln!(
        text,
        "\n## An hour under load\n\n`make soak`: the demo's real collector and Prometheus as plain processes, {} simulated \
         replicas at ten times\ntheir speed, scrapes and evaluations every 2 s. Measured on {date} over {} minutes. \
         *Begin* is the middle value of the\nsecond sixth of the time, *end* of the last.\n",
        soak["replicas"], soak["minutes"]
    )?;
    writeln!(
        text,
        "| | begin | end | end / begin | bar | most |\n|---|---|---|---|---|---|"
    )?;
    for row in soak["rows"].as_array().into_iter().flatten() {
        let number = |key: &str| row[key].as_f64().unwrap_or_default();
        let bytes = row["what"].as_str().is_some_and(|w| w.ends_with("bytes"));
        let (unit, by) = if bytes { (" MB", 1e6) } else { ("", 1.0) };
        let bar = row["bar"]
            .as_f64()
            .map_or("none".to_owned(), |bar| format!("≤ {bar}"));
        writeln!(
            text,
            "| {} | {:.0}{unit} | {:.0}{unit} | {:.2} | {bar} | {:.0}{unit} |",
            row["what"]
                .as_str()
                .unwrap_or_default()
                .trim_end_matches(", bytes"),
            number("begin") / by,
            number("end") / by,
            number("end") / number("begin").max(f64::MIN_POSITIVE),
            number("most") / by
        )?;
    }
    let counts: Vec<String> = (soak["counters"].as_object().into_iter().flatten())
        .map(|(what, count)| format!("{what} {:.0}", count.as_f64().unwrap_or_default()))
        .collect();
    let alerts: Vec<&str> = (soak["alerts"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    writeln!(
        text,
        "\nCounted: {}. Alerts in state firing at any time: {}. {}\n\nPrometheus keeps the samples of two to three hours in \
         memory before it writes a block: its memory grows for that long by design, and has no bar here; the number of \
         its series has.",
        counts.join(", "),
        if alerts.is_empty() {
            "none".to_owned()
        } else {
            alerts.join(", ")
        },
        soak["note"].as_str().unwrap_or_default()
    )?;
    Ok(())
}

const TOP: &str = "<!-- Written by `make faults` and `make soak`, from docs/faults.json. -->
# What faults cost

Measured on a kind cluster of one node with the chart of this tree, the real collector, Prometheus and Alertmanager,
and a store and a webhook that count what arrives, on two cores that other programs kept busy. `make faults` repeats
it (`CASE=drain` one of them), fails where a promise is not kept, and writes this page.

";

const FAULTS: &str = "## Under load

Up to five requests a second go to the release's collectors as OTLP over HTTP, from a sender that tries each for a
minute; every request with a measured latency is to be kept. *Lost* were taken from the sender and never reached the
store; *twice* reached it more than once. Scrapes and evaluations are every 5 s, `rules.window` is 30s; alerts keep
their default durations, except VllmKeptTracesLost in `disk-full` (5 s) and VllmReplicaDown in `prometheus-firing`
(70 s).

| fault | promised | seen | date | case |
|---|---|---|---|---|
";

const DETECTION: &str = "
## From the fault to the notification

Default windows and durations: scrapes and evaluations every 30 s, `rules.window: 5m`, `group_wait: 30s`.

| fault | alert | fault to webhook | date | case |
|---|---|---|---|---|
";

const AFTER_DETECTION: &str = "
[Compatibility](compatibility.md#on-a-cluster) has the hanging engine and the deleted pods on the same cluster, beside
kube-prometheus-stack's alerts for any workload. Those read pods, Deployments and targets, and do not fire when spans or
kept traces are lost. [peers.md](peers.md) has every simulated fault in virtual time.
";

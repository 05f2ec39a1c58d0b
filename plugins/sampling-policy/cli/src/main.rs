//! `vllm-policy try`: the sampling policy on recorded traces.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use vllm_policy::input;
use vllm_policy::trial::Trial;

const USAGE: &str = "\
usage: vllm-policy try --settings FILE [--in-force FILE] [--collectors N] [--json] SPANS...

Says what the sampling policy keeps of recorded traces: by reason and model, traces and bytes a day,
and what differs from the settings in force.

  --settings FILE   settings on trial, as in the release's ConfigMap …-policy-settings (settings.json)
  --in-force FILE   the same, as they are now
  --collectors N    collectors that share the budget (1)
  --json            the outcome as JSON
  SPANS             OTLP/JSON lines, or a document of Jaeger's or Tempo's API; - is standard input

Spans are decided on as they come, as with tracing.sampling.mode: immediate, at the time of their end.
Record every request, not kept traces alone: of a store that has slow ones only, all are slow.
";

/// How often progress is told.
const TELL: Duration = Duration::from_secs(2);

struct Arguments {
    settings: Vec<u8>,
    in_force: Option<Vec<u8>>,
    collectors: u32,
    json: bool,
    files: Vec<String>,
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<Option<Arguments>> {
    match given.next().as_deref() {
        Some("try") => {}
        Some("--help" | "-h" | "help") => return Ok(None),
        found => bail!("found {found:?}; expected the command try\n\n{USAGE}"),
    }
    let (mut settings, mut in_force, mut collectors, mut json) = (None, None, 1, false);
    let mut files = Vec::new();
    while let Some(argument) = given.next() {
        let mut value = || {
            let value = given.next();
            value.with_context(|| format!("{argument}: expected a value behind it"))
        };
        let file = |path: String| std::fs::read(&path).context(path);
        match argument.as_str() {
            "--settings" => settings = Some(file(value()?)?),
            "--in-force" => in_force = Some(file(value()?)?),
            "--collectors" => {
                let number = value()?;
                collectors = number
                    .parse()
                    .ok()
                    .filter(|number| *number > 0)
                    .with_context(|| {
                        format!("--collectors: found {number:?}; expected a number from 1")
                    })?;
            }
            "--json" => json = true,
            "--help" | "-h" => return Ok(None),
            "-" => files.push(argument),
            other if other.starts_with('-') => bail!("found the argument {other}\n\n{USAGE}"),
            _ => files.push(argument),
        }
    }
    let settings = settings.with_context(|| format!("--settings is missing\n\n{USAGE}"))?;
    if files.is_empty() {
        bail!("no file of spans is named\n\n{USAGE}");
    }
    Ok(Some(Arguments {
        settings,
        in_force,
        collectors,
        json,
        files,
    }))
}

fn run() -> Result<()> {
    let Some(given) = arguments(std::env::args().skip(1))? else {
        print!("{USAGE}");
        return Ok(());
    };
    let mut trial = Trial::new(&given.settings, given.in_force.as_deref(), given.collectors)?;
    for path in &given.files {
        let (file, size): (Box<dyn Read>, u64) = if path == "-" {
            (Box::new(std::io::stdin()), 0)
        } else {
            let file = File::open(path).context(path.clone())?;
            let size = file.metadata().context(path.clone())?.len();
            (Box::new(file), size)
        };
        let (mut told, mut failed) = (Instant::now(), Ok(()));
        let mut progress = |bytes: u64| {
            if told.elapsed() >= TELL {
                told = Instant::now();
                let percent = (100 * bytes)
                    .checked_div(size)
                    .map(|part| format!(", {part} %"));
                eprintln!(
                    "{path}: {} MB{}",
                    bytes / 1_000_000,
                    percent.unwrap_or_default()
                );
            }
        };
        input::read(BufReader::new(file), &mut progress, &mut |spans| {
            if failed.is_ok() {
                failed = trial.take(spans);
            }
        })
        .context(path.clone())?;
        failed.context(path.clone())?;
    }
    let outcome = trial.outcome();
    let text = if given.json {
        format!("{:#}\n", outcome.to_json())
    } else {
        outcome.to_text()
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vllm-policy: {error:#}");
            ExitCode::FAILURE
        }
    }
}

//! `policy-host --module policy.wasm [--settings settings.json] [--whole] spans.jsonl`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use lexopt::prelude::{Long, Short, Value};

const USAGE: &str = "policy-host --module POLICY.wasm [--settings SETTINGS.json] [--whole] SPANS.jsonl

Runs a sampling policy in the real collector (target/collector/otelcol-vllm, from collector/build) on
recorded spans, OTLP/JSON lines as the collector's file exporter writes them, in their order. Prints a line
for each trace: its id, the spans that were kept of those sent, and what the policy says of it.

  --settings FILE   the policy's settings, a JSON object; default {}
  --whole           decide once, by all spans of a trace, not whenever spans arrive
";

struct Arguments {
    module: PathBuf,
    settings: Option<PathBuf>,
    whole: bool,
    spans: PathBuf,
}

fn arguments() -> Result<Option<Arguments>> {
    let mut parser = lexopt::Parser::from_env();
    let (mut module, mut settings, mut spans, mut whole) = (None, None, None, false);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(None),
            Long("module") => module = Some(parser.value()?.into()),
            Long("settings") => settings = Some(parser.value()?.into()),
            Long("whole") => whole = true,
            Value(path) if spans.is_none() => spans = Some(path.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(Arguments {
        module: module.context("--module is missing: the policy's .wasm")?,
        settings,
        whole,
        spans: spans.context("SPANS.jsonl is missing: the recorded spans")?,
    }))
}

fn run() -> Result<()> {
    let Some(arguments) = arguments()? else {
        print!("{USAGE}");
        return Ok(());
    };
    let settings = match &arguments.settings {
        None => serde_json::json!({}),
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            serde_json::from_str(&text).with_context(|| path.display().to_string())?
        }
    };
    let exports = harness::otlp::read_lines(&arguments.spans)?;
    let fates = policy_host::run(&arguments.module, &settings, arguments.whole, &exports)?;
    let kept = fates.values().filter(|fate| fate.kept > 0).count();
    for (id, fate) in &fates {
        let why: Vec<String> = fate
            .why
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        println!("{id} {}/{} {}", fate.kept, fate.sent, why.join(" "));
    }
    println!("kept {kept} of {} traces", fates.len());
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("policy-host: {error:#}");
            ExitCode::from(2)
        }
    }
}

//! Runs a sampling policy in the real collector, with the extension `wasm_sampling_policy`, on recorded
//! spans.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use harness::child::Child;
use harness::{http, otlp, repo};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// How long the collector may take to start, or to write what it has kept.
const LIMIT: Duration = Duration::from_secs(90);

/// Attributes in which the collector says why a trace is kept.
const STAMP: &str = "vllm.sampling.";

/// What became of a trace.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fate {
    /// Spans that were sent.
    pub sent: usize,
    /// Spans that were kept.
    pub kept: usize,
    /// What the policy says of it: `reason`, `value`, `limit`, … of `vllm.sampling.*`.
    pub why: BTreeMap<String, Value>,
}

/// Sends the exports, OTLP/JSON, one after the other to a collector with this module and these settings.
/// What became of each trace, by its id in small letters.
///
/// With `whole` a trace is decided once, by all of its spans; else whenever spans arrive.
///
/// # Errors
/// When the module or its settings are refused, in the collector's words, or the collector is not built.
pub fn run(
    module: &Path,
    settings: &Value,
    whole: bool,
    exports: &[Value],
) -> Result<BTreeMap<String, Fate>> {
    let dir = tempfile::tempdir()?;
    let [receiver, health] = repo::free_ports::<2>()?;
    let kept = dir.path().join("kept.jsonl");
    let config = config(module, settings, whole, &kept, [receiver, health])?;
    let path = dir.path().join("collector.yaml");
    fs::write(&path, serde_yaml::to_string(&config)?)?;
    let mut command = Command::new(repo::collector()?);
    command.arg("--config").arg(&path);
    let mut collector = Child::start("collector", command, &dir.path().join("collector.log"))?;
    collector.wait_http(&format!("http://127.0.0.1:{health}/"), LIMIT)?;

    let mut fates: BTreeMap<String, Fate> = BTreeMap::new();
    let url = format!("http://127.0.0.1:{receiver}/v1/traces");
    for export in exports {
        let answer = http::post_json(&url, &export.to_string())?;
        if answer.contains("rejectedSpans") {
            bail!("the collector rejected spans: {answer}");
        }
        for (_, _, span) in otlp::spans(export) {
            fates.entry(id(span)).or_default().sent += 1;
        }
    }
    // What waits is decided on as it ends.
    let status = collector.terminate(LIMIT)?;
    if !status.success() {
        bail!("the collector ended with {status}; {}", collector.tail());
    }
    for export in &otlp::read_lines(&kept)? {
        for (_, _, span) in otlp::spans(export) {
            let fate = fates.entry(id(span)).or_default();
            fate.kept += 1;
            for attribute in span["attributes"].as_array().into_iter().flatten() {
                let key = attribute["key"].as_str().unwrap_or_default();
                if let Some(key) = key.strip_prefix(STAMP) {
                    let value = attribute["value"].as_object().into_iter().flatten();
                    let value = value.map(|(_, value)| value.clone()).next();
                    fate.why.insert(key.to_owned(), value.unwrap_or_default());
                }
            }
        }
    }
    Ok(fates)
}

fn id(span: &Value) -> String {
    span["traceId"].as_str().unwrap_or_default().to_lowercase()
}

fn config(
    module: &Path,
    settings: &Value,
    whole: bool,
    kept: &Path,
    [receiver, health]: [u16; 2],
) -> Result<Value> {
    let strategy = if whole {
        "trace-complete"
    } else {
        "span-ingest"
    };
    let module = module
        .canonicalize()
        .with_context(|| module.display().to_string())?;
    Ok(json!({
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": format!("127.0.0.1:{receiver}")}}}},
        "processors": {"tail_sampling": {
            "decision_wait": "1h",
            "sampling_strategy": strategy,
            "num_traces": 1_000_000,
            "decision_cache": {
                "sampled_cache_size": 1_000_000,
                "non_sampled_cache_size": if whole { 1_000_000 } else { 0 },
            },
            "policies": [{"name": "policy", "type": "wasm_sampling_policy", "wasm_sampling_policy": {}}],
        }},
        "exporters": {"file": {"path": kept}},
        "extensions": {
            "health_check": {"endpoint": format!("127.0.0.1:{health}")},
            "wasm_sampling_policy": {
                "path": module,
                "sha256": sha256(&module)?,
                "settings": settings,
                "sampling_strategy": strategy,
            },
        },
        "service": {
            "extensions": ["health_check", "wasm_sampling_policy"],
            "telemetry": {"metrics": {"level": "none"}},
            "pipelines": {"traces": {
                "receivers": ["otlp"], "processors": ["tail_sampling"], "exporters": ["file"],
            }},
        },
    }))
}

/// SHA-256 of a module, of itself whether the file has it gzipped or not.
///
/// # Errors
/// When the file cannot be read.
pub fn sha256(module: &Path) -> Result<String> {
    let mut bytes = fs::read(module)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let packed = std::mem::take(&mut bytes);
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes)?;
    }
    let sum = Sha256::digest(&bytes);
    Ok(sum.iter().map(|byte| format!("{byte:02x}")).collect())
}

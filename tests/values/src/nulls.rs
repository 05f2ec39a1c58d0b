//! Defaults without which the chart still renders what every program takes: `null` there is a warning. And defaults
//! without which no template renders: the chart refuses `null` there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use harness::render::{Options, Rendered};
use harness::repo;
use serde_json::{Map, Value, json};
use values_validator_core::embedded;

/// What writes the file.
pub const COMMAND: &str = "cargo run -p values-tests --bin nulls";

/// Where the validator's core reads them.
#[must_use]
pub fn file() -> PathBuf {
    repo::root().join("plugins/values-validator/core/src/renders.txt")
}

/// Where the chart reads the defaults that it needs.
#[must_use]
pub fn required_file() -> PathBuf {
    repo::root().join("chart/files/required.txt")
}

/// Whether what stands at a path is on in the values that are rendered here: what is off breaks nothing.
fn judged(path: &str) -> bool {
    let off = [
        "autoscaling",
        "tracing.balancer",
        "tracing.exporters.file",
        "tracing.k8sAttributes",
        "tracing.policy",
        "tracing.spanMetrics",
    ];
    // Without a part of its image no pod starts, and no program here says so.
    let image = path.to_ascii_lowercase().contains("image") && !path.ends_with("pullPolicy");
    let alert = path.starts_with("rules.alerts.");
    let plain = ["enabled", "for", "severity"];
    !image
        && !off.iter().any(|section| path.starts_with(section))
        && (!alert || plain.iter().any(|key| path.ends_with(&format!(".{key}"))))
}

/// Every default that is not empty and that rendering shows the use of, by its path; none of `resources` and
/// of security contexts, whose parts may always go.
///
/// # Errors
/// When the chart's own values cannot be read.
pub fn paths() -> Result<Vec<String>> {
    let all = defaults()?.into_iter().map(|(path, _)| path);
    Ok(all.filter(|path| judged(path)).collect())
}

/// Every default that is not empty, by its path, and whether it is a part that can be turned off.
///
/// # Errors
/// When the chart's own values cannot be read.
pub fn defaults() -> Result<Vec<(String, bool)>> {
    fn collect(map: &Map<String, Value>, at: &str, out: &mut Vec<(String, bool)>) {
        for (key, value) in map {
            let path = if at.is_empty() {
                key.clone()
            } else {
                format!("{at}.{key}")
            };
            let empty = match value {
                Value::Object(map) => map.is_empty(),
                Value::Array(items) => items.is_empty(),
                Value::String(text) => text.is_empty(),
                Value::Null => true,
                _ => false,
            };
            if empty || path == "global" {
                continue;
            }
            let switch = value["enabled"].is_boolean();
            out.push((path.clone(), switch));
            let free = ["resources", "podSecurityContext", "securityContext"];
            if let Value::Object(map) = value
                && !free.contains(&key.as_str())
            {
                collect(map, &path, out);
            }
        }
    }
    let defaults: Map<String, Value> = serde_yaml::from_str(embedded::defaults())?;
    let mut out = Vec::new();
    collect(&defaults, "", &mut out);
    Ok(out)
}

/// Null at a path.
#[must_use]
pub fn null(path: &str) -> Value {
    path.rsplit('.')
        .fold(Value::Null, |below, key| json!({ key: below }))
}

/// Whether the chart renders with null at a path, alone and with all its parts, and promtool and the
/// collector take it.
///
/// # Errors
/// When a tool cannot be run.
pub fn renders(path: &str) -> Result<bool> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("null.yaml");
    fs::write(&file, null(path).to_string())?;
    let all = ["standalone", "bundled", "deployed"];
    let all = all.map(|name| repo::root().join(format!("chart/ci/{name}-values.yaml")));
    for mut values in [Vec::new(), all.to_vec()] {
        values.push(file.clone());
        let Ok(rendered) = Rendered::new(&Options {
            values,
            ..Options::default()
        }) else {
            return Ok(false);
        };
        let promtool = repo::tool("promtool")?;
        let collector = repo::collector()?;
        let parts = [
            (
                rendered.rules(),
                promtool.clone(),
                &["check", "rules", "--lint=none"][..],
            ),
            (
                rendered.prometheus(),
                promtool,
                &["check", "config", "--syntax-only"][..],
            ),
            (
                rendered.collector(),
                collector,
                &["validate", "--config"][..],
            ),
        ];
        for (part, tool, arguments) in parts {
            let Ok(Ok(text)) = part else { continue };
            let given = folder.path().join("part.yaml");
            // Folders of volumes, which the collector looks for.
            for volume in ["queue", "kept"] {
                fs::create_dir_all(folder.path().join(volume))?;
            }
            let folder = folder.path().display().to_string();
            fs::write(&given, text.replace("/var/lib/otelcol", &folder))?;
            let out = Command::new(&tool)
                .args(arguments)
                .arg(&given)
                .output()
                .with_context(|| tool.display().to_string())?;
            if !out.status.success() {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Whether it is a refusal that names the place already: of the schema, or of a section of the policy.
fn refused(said: &str) -> bool {
    said.contains("specifications") || said.contains("is null, which removes the default")
}

/// Whether helm renders nothing with null at a path, with the chart's defaults or with all its parts, in a chart
/// that does not refuse null.
///
/// # Errors
/// When a file cannot be written.
pub fn stops(chart: &Path, path: &str) -> Result<bool> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("null.yaml");
    fs::write(&file, null(path).to_string())?;
    let more = ["probe.enabled=true", "alertmanager.replicas=2"];
    let bases: [(Option<&str>, &[&str]); 4] = [
        (None, &[]),
        (Some("bundled"), &more),
        (Some("deployed"), &[]),
        (Some("operator"), &[]),
    ];
    for (example, set) in bases {
        let example = example.map(|name| chart.join(format!("ci/{name}-values.yaml")));
        let options = Options {
            chart: chart.to_owned(),
            values: example.into_iter().chain([file.clone()]).collect(),
            set: set.iter().map(|&set| set.to_owned()).collect(),
            ..Options::default()
        };
        if let Err(error) = Rendered::new(&options)
            && !refused(&format!("{error:#}"))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

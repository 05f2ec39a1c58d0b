//! The examples and presets, and the objects that each gives.

use std::path::PathBuf;

use anyhow::{Context, Result};
use harness::render::{Options, Rendered};
use harness::repo;
use serde_yaml::Value;

/// The command that writes the lists anew.
pub const COMMAND: &str = "cargo run -p chart-tests --bin list-examples";

/// Every example and preset, with the file that lists its objects.
///
/// # Errors
/// When a folder cannot be read.
pub fn examples() -> Result<Vec<(PathBuf, PathBuf)>> {
    let examples = repo::root().join("examples");
    let mut found = Vec::new();
    for folder in [examples.clone(), crate::chart()] {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path
                .file_name()
                .and_then(|n| n.to_str())
                .unwrap_or_default();
            let preset = path.starts_with(crate::chart());
            if name.ends_with(".yaml") && (!preset || name.starts_with("values-")) {
                let list = examples.join(name).with_extension("objects");
                found.push((path, list));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The objects of a values file, a line each: kind, namespace, name, and images or keys of data.
///
/// # Errors
/// When helm refuses the values.
pub fn outline(values: PathBuf) -> Result<String> {
    let rendered = Rendered::new(&Options {
        values: vec![values],
        ..Options::default()
    })?;
    let mut lines = rendered
        .objects
        .iter()
        .map(line)
        .collect::<Result<Vec<_>>>()?;
    lines.sort();
    Ok(lines.join("\n") + "\n")
}

fn line(object: &Value) -> Result<String> {
    let kind = object["kind"].as_str().context("no kind")?;
    let name = object["metadata"]["name"].as_str().context("no name")?;
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or("-");
    let pod = match kind {
        "Pod" => &object["spec"],
        _ => &object["spec"]["template"]["spec"],
    };
    let mut more: Vec<&str> = Vec::new();
    for container in pod["containers"].as_sequence().into_iter().flatten() {
        more.extend(container["image"].as_str());
    }
    for data in ["data", "binaryData", "stringData"] {
        let keys = object[data].as_mapping().into_iter().flatten();
        more.extend(keys.filter_map(|(key, _)| key.as_str()));
    }
    Ok(format!("{kind} {namespace}/{name} {}", more.join(" "))
        .trim_end()
        .to_owned())
}

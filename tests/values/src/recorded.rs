//! The names that the chart's rules record, which the validator looks names up in.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context, Result};
use harness::render::{Options, Rendered};
use harness::repo;

/// What writes the file.
pub const COMMAND: &str = "cargo run -p values-tests --bin recorded";

/// Where the validator's core reads them.
#[must_use]
pub fn file() -> PathBuf {
    repo::root().join("plugins/values-validator/core/src/recorded.txt")
}

/// All of them, with every switch on: one a line.
///
/// # Errors
/// When the chart cannot be rendered.
pub fn names() -> Result<String> {
    let on = [
        "tracing.balancer.enabled=true",
        "rules.alerts.VllmPrefixCacheCollapse.enabled=true",
        "metrics.mode=operator",
    ];
    let rendered = Rendered::new(&Options {
        set: on.map(str::to_owned).to_vec(),
        values: vec![repo::root().join("chart/values-qwen3-235b.yaml")],
        ..Options::default()
    })?;
    let rules: serde_yaml::Value =
        serde_yaml::from_str(&rendered.rules()?.map_err(anyhow::Error::msg)?)?;
    let groups = rules["groups"].as_sequence().context("no groups")?;
    let names: BTreeSet<&str> = groups
        .iter()
        .filter_map(|group| group["rules"].as_sequence())
        .flatten()
        .filter_map(|rule| rule["record"].as_str())
        .collect();
    Ok(names.into_iter().map(|name| format!("{name}\n")).collect())
}

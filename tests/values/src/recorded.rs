//! The names that the chart's rules record with their labels, which the validator looks up.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use harness::render::{Options, Rendered};
use harness::repo;
use values_validator_core::embedded::recorded_labels;
use values_validator_core::promql::meaning::{Kept, kept};
use values_validator_core::promql::parse;

/// What writes the file.
pub const COMMAND: &str = "cargo run -p values-tests --bin recorded";

/// Where the validator's core reads them.
#[must_use]
pub fn file() -> PathBuf {
    repo::root().join("plugins/values-validator/core/src/recorded.txt")
}

/// All of them, with every switch on: one a line, with the labels of its series where its expression keeps no
/// others.
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
    let mut names: BTreeMap<&str, Option<Vec<String>>> = BTreeMap::new();
    let rules = groups
        .iter()
        .filter_map(|group| group["rules"].as_sequence());
    for rule in rules.flatten() {
        let Some(name) = rule["record"].as_str() else {
            continue;
        };
        let labels = labels(rule);
        // A name that several rules record has the labels of all.
        names
            .entry(name)
            .and_modify(|all| match (all.as_mut(), &labels) {
                (Some(all), Some(more)) => all.extend(more.iter().cloned()),
                _ => *all = None,
            })
            .or_insert(labels);
    }
    let line = |(name, labels): (&str, Option<Vec<String>>)| match labels {
        Some(mut labels) => {
            labels.sort();
            labels.dedup();
            format!("{name} {}\n", labels.join(","))
        }
        None => format!("{name}\n"),
    };
    Ok(names.into_iter().map(line).collect())
}

/// The labels of what a rule records, where all of them are known.
fn labels(rule: &serde_yaml::Value) -> Option<Vec<String>> {
    let mut all = Vec::new();
    let expr = parse(rule["expr"].as_str()?).ok()?;
    for side in kept(&expr) {
        match side {
            Kept::Only(names) => all.extend(names.iter().map(str::to_owned)),
            // What it reads is recorded, too: the labels of that.
            Kept::Without(gone) => {
                let mut read = Vec::new();
                expr.metrics(&mut read);
                for (_, name) in read {
                    let labels = recorded_labels(&name)?.split(',').map(str::to_owned);
                    all.extend(labels.filter(|label| !gone.contains(label)));
                }
            }
        }
    }
    let own = rule["labels"].as_mapping();
    all.extend(
        own.into_iter()
            .flatten()
            .filter_map(|(key, _)| Some(key.as_str()?.to_owned())),
    );
    Some(all)
}

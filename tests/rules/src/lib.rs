//! Recording rules and alerts through the real promtool, as the chart renders them.
//!
//! `cases/<alert>.yaml` holds what each alert must do, one named case each, in promtool's own
//! form; [`Cases`] is such a file. Cases run on the rules of two releases side by side
//! ([`rules`]), so that each of them also shows that the second release changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use harness::render::{Options, Rendered};
use serde::Deserialize;
use serde_yaml::{Mapping, Value};

/// Cases of one alert.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cases {
    /// The alert's name, which is also the file's.
    pub alert: String,
    /// By name (`fires`, `not-yet`, …): a promtool test, with `why` in words.
    pub cases: BTreeMap<String, Mapping>,
}

/// This crate's folder.
#[must_use]
pub fn here() -> PathBuf {
    harness::repo::root().join("tests/rules")
}

/// Every file of cases.
///
/// # Errors
/// When a file cannot be read, or is not of the form of [`Cases`].
pub fn cases() -> Result<Vec<Cases>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(here().join("cases"))? {
        let path = entry?.path();
        let text = fs::read_to_string(&path)?;
        all.push(serde_yaml::from_str(&text).with_context(|| path.display().to_string())?);
    }
    Ok(all)
}

/// The rules of a release in namespace `monitoring`, as a rules file.
///
/// # Errors
/// When the chart cannot be rendered.
pub fn rules(release: &str, values: &[PathBuf]) -> Result<Value> {
    let rendered = Rendered::new(&Options {
        release: release.to_owned(),
        values: values.to_vec(),
        set: vec!["metrics.mode=standalone".to_owned()],
        ..Options::default()
    })?;
    let text = rendered
        .config_maps_with("rules.yaml")
        .first()
        .map(|(_, text)| (*text).to_owned())
        .context("the chart rendered no ConfigMap with rules.yaml")?;
    Ok(serde_yaml::from_str(&text)?)
}

/// Every rule of a rules file.
#[must_use]
pub fn all(rules: &Value) -> Vec<&Value> {
    let groups = rules["groups"].as_sequence();
    groups
        .into_iter()
        .flatten()
        .filter_map(|group| group["rules"].as_sequence())
        .flatten()
        .collect()
}

/// Names of the alerts of a rules file.
#[must_use]
pub fn alerts(rules: &Value) -> Vec<&str> {
    all(rules)
        .into_iter()
        .filter_map(|r| r["alert"].as_str())
        .collect()
}

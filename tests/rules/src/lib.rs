//! Recording rules and alerts through the real promtool, as the chart renders them.
//!
//! `cases/<alert>.yaml` holds what raises an alert and what resembles it and must not
//! ([`cases::Cases`]); [`derived`] makes the other timelines of them: not yet, counter reset, data
//! gap, recovery, outage, both spellings of `le`. Each runs on the rules of two releases side by
//! side, and once more with every series scraped by others as well.

pub mod answers;
pub mod by_version;
pub mod captured;
pub mod cases;
pub mod derived;
pub mod expr;
pub mod live;
pub mod pages;
pub mod peers;
pub mod promtool;
pub mod simulated;
pub mod timeline;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use harness::render::{Options, Rendered};
use serde_yaml::Value;

/// This crate's folder.
#[must_use]
pub fn here() -> PathBuf {
    harness::repo::root().join("tests/rules")
}

/// The rules of a release in namespace `monitoring`, as a rules file.
///
/// # Errors
/// When the chart cannot be rendered.
pub fn rules(release: &str, values: &[PathBuf], set: &[&str]) -> Result<Value> {
    let mut set: Vec<String> = set.iter().map(|s| (*s).to_owned()).collect();
    set.push("metrics.mode=standalone".to_owned());
    let rendered = Rendered::new(&Options {
        release: release.to_owned(),
        values: values.to_vec(),
        set,
        ..Options::default()
    })?;
    let text = rendered
        .config_maps_with("rules.yaml")
        .first()
        .map(|(_, text)| (*text).to_owned())
        .context("the chart rendered no ConfigMap with rules.yaml")?;
    Ok(serde_yaml::from_str(&text)?)
}

/// The rules of the release that the cases are about, with every alert on.
///
/// # Errors
/// When the chart cannot be rendered.
pub fn own_rules() -> Result<Value> {
    rules("vllm-monitoring", &[here().join("values.yaml")], &[])
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
pub fn alerts(rules: &Value) -> BTreeSet<&str> {
    all(rules)
        .into_iter()
        .filter_map(|r| r["alert"].as_str())
        .collect()
}

/// The rules file with one alert and the records that it reads, directly or through others.
///
/// # Errors
/// When an expression is no PromQL.
pub fn only(rules: &Value, alert: &str) -> Result<Value> {
    reading(rules, BTreeSet::from([alert.to_owned()]))
}

/// The rules file with the alerts and records of these names and the records that they read.
///
/// # Errors
/// When an expression is no PromQL.
pub fn reading(rules: &Value, mut wanted: BTreeSet<String>) -> Result<Value> {
    // Records stand before their readers.
    for rule in all(rules).into_iter().rev() {
        if name(rule).is_some_and(|name| wanted.contains(name)) {
            let found = expr::read(rule["expr"].as_str().context("a rule without expr")?)?;
            wanted.extend(found.selectors.into_iter().map(|s| s.metric));
            wanted.extend(queried(rule));
        }
    }
    let mut kept = rules.clone();
    for group in kept["groups"].as_sequence_mut().into_iter().flatten() {
        if let Some(rules) = group["rules"].as_sequence_mut() {
            rules.retain(|rule| name(rule).is_some_and(|name| wanted.contains(name)));
        }
    }
    Ok(kept)
}

/// Names of recorded series that an alert's description queries.
fn queried(rule: &Value) -> Vec<String> {
    let text = rule["annotations"]["description"]
        .as_str()
        .unwrap_or_default();
    let queries = text.split('`').skip(1).step_by(2);
    queries
        .filter_map(|q| Some(q.split_once('{')?.0.to_owned()))
        .collect()
}

fn name(rule: &Value) -> Option<&str> {
    rule["alert"].as_str().or_else(|| rule["record"].as_str())
}

/// Does the same with each item, as many at a time as there are cores; the results in order.
pub fn on_every_core<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut done: Vec<(usize, R)> = std::thread::scope(|threads| {
        let workers: Vec<_> = (0..cores.min(items.len()))
            .map(|_| {
                threads.spawn(|| {
                    let mut mine = Vec::new();
                    while let Some((i, item)) = {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        items.get(i).map(|item| (i, item))
                    } {
                        mine.push((i, work(item)));
                    }
                    mine
                })
            })
            .collect();
        let joined = workers.into_iter().map(|worker| match worker.join() {
            Ok(mine) => mine,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.flatten().collect()
    });
    done.sort_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, result)| result).collect()
}

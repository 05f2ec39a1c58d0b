//! Whether the release's rule groups are loaded and evaluate without an error.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::input::Prometheus;
use crate::outcome::Look;

/// Prometheus' answer to `/api/v1/rules`, as far as it is read.
#[derive(Debug, Clone, Deserialize)]
pub struct Rules {
    /// Its groups.
    pub groups: Vec<Group>,
}

/// A group.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Seconds between two evaluations.
    pub interval: f64,
    /// When it was last evaluated, as text.
    #[serde(default)]
    pub last_evaluation: String,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// A rule, recording or alerting.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// The record, or the alert's name.
    pub name: String,
    /// `ok`, `err`, or `unknown` before the first evaluation.
    pub health: String,
    /// Its expression.
    #[serde(default)]
    pub query: String,
    /// Why the last evaluation failed.
    #[serde(default)]
    pub last_error: String,
}

/// Prometheus' answer to `/api/v1/status/runtimeinfo`, as far as it is read.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Runtime {
    /// Whether it took up its configuration and rules when it last read them.
    pub reload_config_success: bool,
}

/// Nothing, or that the rules in force are older than the installed ones.
#[must_use]
pub fn refused(asked: &Prometheus, runtime: Runtime) -> Option<Look> {
    (!runtime.reload_config_success).then(|| {
        Look::NotYet(format!(
            "{} refuses the configuration or rules that it was given last, and keeps the previous ones; its log names the mistake",
            asked.url
        ))
    })
}

/// All groups are there, and no rule of them fails. Those evaluated at least every `patience` seconds
/// must have been evaluated.
#[must_use]
pub fn healthy(asked: &Prometheus, rules: &Rules, patience: f64) -> Look {
    let loaded: BTreeSet<&str> = rules.groups.iter().map(|g| g.name.as_str()).collect();
    let missing: Vec<&str> = (asked.rule_groups.iter().map(String::as_str))
        .filter(|name| !loaded.contains(name))
        .collect();
    if !missing.is_empty() {
        let remedy = if asked.operator.is_some() {
            "see the line `selected`"
        } else {
            "check the log of Prometheus, and whether metrics.operator.prometheusURL is this release's"
        };
        return Look::NotYet(format!(
            "{} does not have the rule groups {}; {remedy}",
            asked.url,
            missing.join(", ")
        ));
    }
    let ours = || {
        (rules.groups.iter())
            .filter(|group| asked.rule_groups.contains(&group.name))
            .flat_map(|group| group.rules.iter().map(move |rule| (group, rule)))
    };
    if let Some((group, rule)) = ours().find(|(_, rule)| rule.health == "err") {
        let failing = ours().filter(|(_, rule)| rule.health == "err").count();
        return Look::NotYet(format!(
            "{failing} rules fail, the first is {} in {}: {}; two sources of the same series are the usual cause, else report it",
            rule.name, group.name, rule.last_error
        ));
    }
    let waiting = |often: bool| {
        ours()
            .filter(|(group, rule)| rule.health != "ok" && (group.interval <= patience) == often)
            .count()
    };
    if waiting(true) > 0 {
        return Look::NotYet(format!(
            "{} rules have not been evaluated yet; see the load and the log of {}",
            waiting(true),
            asked.url
        ));
    }
    let (all, groups) = (ours().count(), asked.rule_groups.len());
    Look::Holds(match waiting(false) {
        0 => format!("{all} rules in {groups} groups are evaluated"),
        rare => format!(
            "{all} rules in {groups} groups are loaded, {rare} of them evaluated too rarely to wait for"
        ),
    })
}

/// Whether every group of the release that is evaluated at least every `patience` seconds was
/// evaluated between two answers.
#[must_use]
pub fn evaluated_since(asked: &Prometheus, before: &Rules, now: &Rules, patience: f64) -> bool {
    let often = (now.groups.iter())
        .filter(|group| asked.rule_groups.contains(&group.name) && group.interval <= patience);
    often.into_iter().all(|group| {
        let earlier = before.groups.iter().find(|was| was.name == group.name);
        earlier.is_none_or(|was| was.last_evaluation != group.last_evaluation)
    })
}

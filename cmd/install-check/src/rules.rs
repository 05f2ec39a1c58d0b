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
    /// Why the last evaluation failed.
    #[serde(default)]
    pub last_error: String,
}

/// All groups are there, and every rule of them was evaluated well.
#[must_use]
pub fn healthy(asked: &Prometheus, rules: &Rules) -> Look {
    let loaded: BTreeSet<&str> = rules.groups.iter().map(|g| g.name.as_str()).collect();
    let missing: Vec<&str> = (asked.rule_groups.iter().map(String::as_str))
        .filter(|name| !loaded.contains(name))
        .collect();
    if !missing.is_empty() {
        let remedy = if asked.operator {
            "check whether your Prometheus selects PrometheusRules by the labels in metrics.operator.labels and in this namespace"
        } else {
            "check the log of Prometheus, and whether prometheusURL is this release's"
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
    let waiting = ours().filter(|(_, rule)| rule.health != "ok").count();
    if waiting > 0 {
        return Look::NotYet(format!(
            "{waiting} rules have not been evaluated yet; check rules.interval, and the load of {}",
            asked.url
        ));
    }
    Look::Holds(format!(
        "{} rules in {} groups are evaluated",
        ours().count(),
        asked.rule_groups.len()
    ))
}

/// Whether every group of the release was evaluated between two answers.
#[must_use]
pub fn evaluated_since(asked: &Prometheus, before: &Rules, now: &Rules) -> bool {
    let of = |rules: &Rules, name: &str| -> Option<String> {
        let group = rules.groups.iter().find(|group| group.name == name)?;
        Some(group.last_evaluation.clone())
    };
    (asked.rule_groups.iter()).all(|name| of(before, name) != of(now, name))
}

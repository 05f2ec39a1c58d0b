//! Who watches the watcher in operator mode: whether the cluster's own rules have alerts on Prometheus
//! and Alertmanager themselves, which the chart has for its own in standalone mode.

use std::collections::BTreeMap;

use crate::rules::Rules;

/// What is looked for that no alert of the server speaks of. A rule speaks of something when its name or
/// expression contains one of the words.
#[must_use]
pub fn lacking<'a>(watched: &'a BTreeMap<String, Vec<String>>, rules: &Rules) -> Vec<&'a str> {
    let spoken: Vec<String> = (rules.groups.iter())
        .flat_map(|group| &group.rules)
        .map(|rule| format!("{} {}", rule.name, rule.query))
        .collect();
    let lacks = |words: &[String]| {
        !(spoken.iter()).any(|rule| words.iter().any(|word| rule.contains(word)))
    };
    (watched.iter())
        .filter(|(_, words)| lacks(words))
        .map(|(what, _)| what.as_str())
        .collect()
}

/// The line's words. Not a failure: the release works, and the rules are others'.
#[must_use]
pub fn said(watched: &BTreeMap<String, Vec<String>>, rules: &Rules) -> String {
    let lacking = lacking(watched, rules);
    if lacking.is_empty() {
        return "the cluster's rules watch Prometheus and Alertmanager themselves".to_owned();
    }
    format!(
        "the cluster's rules have no alert on: {}; kube-prometheus-stack brings them (defaultRules.rules.prometheus, alertmanager, general)",
        lacking.join(", ")
    )
}

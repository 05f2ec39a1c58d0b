//! A release that neither has rules nor dashboards nor traces only scrapes; and one whose models all
//! expect no replica watches nothing.

#[cfg(feature = "full")]
mod workers;

use super::Rule;
use super::look::{models, on};
use crate::node::blamed;
use crate::{Findings, Node, Severity, Values};

/// The chart's large switches, and `models[].replicas`.
pub const RULE: Rule = Rule {
    code: "nothing-monitored",
    severity: Severity::Warning,
    title: text!("Nothing is monitored, or no notification is sent"),
    check,
};

const PARTS: [&str; 3] = ["rules.enabled", "dashboards.enabled", "tracing.enabled"];

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    workers::check(values, findings);
    let nodes: Vec<&Node> = PARTS.iter().filter_map(|path| values.get(path)).collect();
    let off = nodes.iter().all(|node| node.as_bool() == Some(false));
    if nodes.len() == PARTS.len()
        && off
        && let Some(at) = blamed(&nodes)
    {
        let path = PARTS
            .iter()
            .zip(&nodes)
            .find(|(_, node)| std::ptr::eq(**node, at));
        findings.push(
            RULE.at(path.map_or("", |(path, _)| path), &at.place)
                .found(text!("rules, dashboards and tracing are all off"))
                .expected("one of them")
                .why(text!("vLLM is scraped, and nothing reads its series."))
                .fix("turn one on"),
        );
    }
    if let (true, Some(alerts)) = (on(values, "rules.enabled"), values.get("rules.alerts")) {
        let switches: Vec<&Node> = alerts
            .entries()
            .filter_map(|(_, a)| a.child("enabled"))
            .collect();
        let off = switches.iter().all(|node| node.as_bool() == Some(false));
        let added = values
            .get("rules.additionalAlerts")
            .is_some_and(|a| !a.items().is_empty());
        if off
            && !added
            && let Some(at) = blamed(&switches)
        {
            findings.push(
                RULE.finds(
                    "rules.alerts",
                    &at.place,
                    text!("every alert is off"),
                    text!("an alert, or rules.enabled: false"),
                    text!("Nothing is measured and no alert can fire."),
                )
                .fix(text!("turn some on; dashboards need rules.enabled")),
            );
        }
    }
    let models = models(values);
    let none: Vec<_> = models
        .iter()
        .filter_map(|m| Some((m, m.node.child("replicas")?)))
        .filter(|(_, replicas)| replicas.as_i64() == Some(0))
        .collect();
    if let Some((model, replicas)) = none.last().filter(|_| none.len() == models.len()) {
        findings.push(
            RULE.finds(
                format!("{}.replicas", model.path),
                &replicas.place,
                text!("0 replicas, of every model"),
                text!("a model with replicas"),
                text!("There is nothing to watch, and no alert says so."),
            )
            .fix(text!("leave replicas out where no number is expected")),
        );
    }
}

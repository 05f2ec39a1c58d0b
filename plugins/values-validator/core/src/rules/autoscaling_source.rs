//! An autoscaler reads what this release's rules record, from the Prometheus that evaluates them:
//! standalone mode's own, or in operator mode the one that `metrics.operator.prometheusURL` names.
//!
//! The chart refuses it too.

use super::Rule;
use super::look::{foreign_prometheus, models, text};
use crate::{Findings, Node, Severity, Values};

/// `rules.enabled` and `metrics.operator.prometheusURL` with `models[].autoscaling`.
pub const RULE: Rule = Rule {
    code: "autoscaling-source",
    severity: Severity::Error,
    title: text!("An autoscaler has no Prometheus to query"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let models = models(values);
    let switch = |m| -> Option<(String, &Node)> {
        let m: &super::look::Model<'_> = m;
        let path = format!("{}.autoscaling.enabled", m.path);
        Some((
            path,
            m.node
                .get("autoscaling.enabled")
                .filter(|_| m.autoscaling().is_some())?,
        ))
    };
    let Some((path, node)) = models.iter().find_map(switch) else {
        return;
    };
    if let Some(rules) = values
        .get("rules.enabled")
        .filter(|r| r.as_bool() == Some(false))
    {
        findings.push(
            RULE.at("rules.enabled", &rules.place)
                .found(text!("false, and an autoscaler"))
                .expected("true")
                .why(text!("It reads what the rules record."))
                .fix(text!("set rules.enabled to true; single alerts can be off"))
                .related(node.place, "the autoscaler"),
        );
    }
    let named =
        ["metrics.operator", "autoscaling", "helmTest"].map(|of| format!("{of}.prometheusURL"));
    if foreign_prometheus(values) && named.iter().all(|path| text(values, path).is_empty()) {
        findings.push(
            RULE.finds(path, &node.place, text!("true in operator mode, and no metrics.operator.prometheusURL"), text!("the Prometheus that reads this release's rules"), text!("In operator mode the Prometheus is not this chart's, and KEDA must be told where it is."))
                .fix(text!("name it: metrics: {operator: {prometheusURL: http://prometheus-operated.monitoring.svc:9090}}")),
        );
    }
}

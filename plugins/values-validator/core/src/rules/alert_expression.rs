//! One expression that does not parse, and Prometheus refuses the whole file of rules, or the operator's
//! webhook the object. Types are checked too: `rate` needs a range (`[5m]`).

use super::Rule;
use super::promql::metrics;
use crate::{Findings, Node, Severity, Values};

/// `rules.additionalAlerts[].expr` as PromQL.
pub const RULE: Rule = Rule {
    code: "alert-expression",
    severity: Severity::Error,
    title: "An added alert's expression is no PromQL",
    check,
};

/// Path, node and text of every added alert's expression.
pub(super) fn expressions(values: &Values) -> impl Iterator<Item = (String, &Node, &str)> {
    values
        .list("rules.additionalAlerts")
        .filter_map(|(path, alert)| {
            let expr = alert.child("expr")?;
            Some((format!("{path}.expr"), expr, expr.as_str()?))
        })
}

fn check(values: &Values, findings: &mut Findings) {
    for (path, node, text) in expressions(values) {
        let Err(fault) = metrics(text) else {
            continue;
        };
        let near: String = text[fault.at..].chars().take(20).collect();
        let near = near.lines().next().unwrap_or("");
        let place = if near.is_empty() {
            "at its end".into()
        } else {
            format!("at `{near}`")
        };
        findings.push(
            RULE.at(path, node.place)
                .found(format!("{}, {place}", fault.text))
                .expected("a PromQL expression that gives a vector")
                .why("Prometheus refuses the whole file of rules: no alert is left.")
                .fix("try the expression in Prometheus, at /query"),
        );
    }
}

//! Routes to receivers go by `severity`, and each alert has its own. A label of that name, or
//! `alertname`, in `labels` would say something else than the chart does.

use super::Rule;
use super::look::walk_given;
use crate::node::join;
use crate::{Findings, Severity, Values};

/// Keys of `labels` of alerts.
pub const RULE: Rule = Rule {
    code: "alert-labels",
    severity: Severity::Error,
    title: text!("A label of an alert is one of the chart's own"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let Some(rules) = values.get("rules") else {
        return;
    };
    walk_given(rules, "rules", &mut |path, key, node| {
        if key != "labels" {
            return;
        }
        if let Some(value) = node.child("__name__") {
            findings.push(
                RULE.finds(
                    join(path, "__name__"),
                    value.key_place(),
                    text!("the label __name__"),
                    text!("a label's name that does not begin with __"),
                    text!("Prometheus refuses the whole file of rules: no alert is left."),
                )
                .fix(text!("rename the label")),
            );
        }
        for name in ["alertname", "severity"] {
            let Some(value) = node.child(name) else {
                continue;
            };
            findings.push(
                RULE.finds(
                    join(path, name),
                    value.key_place(),
                    format!("{name} in labels"),
                    text!("a label that the chart does not set"),
                    text!("Routes to receivers go by it, and it would be set twice."),
                )
                .fix(text!("set severity beside labels, not in it"))
                .remove(value),
            );
        }
    });
}

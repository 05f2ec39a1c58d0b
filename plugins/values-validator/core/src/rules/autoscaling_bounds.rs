//! An autoscaler moves between `minReplicas` and `maxReplicas`. From 0 nothing leads back by vLLM's own
//! series, which are gone with the last replica: that needs a trigger that something else feeds.
//!
//! The chart refuses it too.

use super::Rule;
use super::look::models;
use crate::node::{blamed, join};
use crate::{Findings, Node, Severity, Values};

/// `models[].autoscaling.minReplicas` against `maxReplicas` and `triggers`.
pub const RULE: Rule = Rule {
    code: "autoscaling-bounds",
    severity: Severity::Error,
    title: text!("An autoscaler without a way up"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let Some(autoscaling) = model.autoscaling() else {
            continue;
        };
        let path = |key: &str| join(&join(&model.path, "autoscaling"), key);
        let least = autoscaling.child("minReplicas");
        let most = autoscaling.child("maxReplicas");
        let count = least.map_or(Some(1), Node::as_i64);
        if let (Some(count), Some(most), Some(limit)) = (count, most, most.and_then(Node::as_i64))
            && count > limit
        {
            let at = blamed(&[least.unwrap_or(most), most]).unwrap_or(most);
            let key = if std::ptr::eq(at, most) {
                "maxReplicas"
            } else {
                "minReplicas"
            };
            findings.push(
                RULE.at(path(key), &at.place)
                    .found(format!("at least {count} replicas, at most {limit}"))
                    .expected(text!("minReplicas not above maxReplicas"))
                    .why(text!("KEDA refuses the object."))
                    .fix(text!("exchange the two, or raise maxReplicas")),
            );
        }
        let fed = autoscaling
            .child("triggers")
            .is_some_and(|t| !t.items().is_empty());
        if let (Some(least), Some(0), false) = (least, count, fed) {
            findings.push(
                RULE.at(path("minReplicas"), &least.place)
                    .found("0, and no triggers")
                    .expected(text!("1, or a trigger of your own"))
                    .why(text!(
                        "A model without replicas has no series that ask for the first one."
                    ))
                    .fix(text!(
                        "set minReplicas to 1, or add a trigger that a gateway or a clock feeds"
                    )),
            );
        }
    }
}

//! An autoscaler whose bounds are the same number has nothing to choose. A `fallback` outside of them is
//! cut to them without a word.

#[cfg(feature = "full")]
mod unused;

use super::Rule;
use super::look::models;
use crate::node::join;
use crate::{Findings, Node, Severity, Values};

/// `models[].autoscaling`: the bounds against each other and against `fallback.replicas`.
pub const RULE: Rule = Rule {
    code: "autoscaling-range",
    severity: Severity::Warning,
    title: text!("An autoscaler that cannot move, or a fallback outside its bounds"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let Some(autoscaling) = model.autoscaling() else {
            continue;
        };
        let path = |key: &str| join(&join(&model.path, "autoscaling"), key);
        let least = autoscaling
            .child("minReplicas")
            .map_or(Some(1), Node::as_i64);
        let most = autoscaling.child("maxReplicas");
        let (Some(least), Some(most), Some(limit)) = (least, most, most.and_then(Node::as_i64))
        else {
            continue;
        };
        #[cfg(feature = "full")]
        {
            let path = join(&model.path, "autoscaling");
            unused::waits(&path, autoscaling, least, findings);
            unused::clocks(&path, autoscaling, limit, findings);
            unused::upwards(&path, autoscaling, findings);
            unused::running(&path, &model, autoscaling, findings);
        }
        if least == limit {
            findings.push(
                RULE.finds(path("maxReplicas"), &most.place, format!("at least and at most {limit}"), text!("room between the two"), text!("There is nothing to scale, and the number of replicas is not expected either."))
                    .fix(format!("raise maxReplicas, or write replicas: {limit} in place of autoscaling")),
            );
        }
        let fallback = autoscaling.get("fallback.replicas");
        if let (Some(node), Some(count)) = (fallback, fallback.and_then(Node::as_i64))
            && least <= limit
            && !(least..=limit).contains(&count)
        {
            findings.push(
                RULE.finds(
                    join(&path("fallback"), "replicas"),
                    &node.place,
                    format!("{count}, and {least} to {limit} replicas"),
                    text!("a number between minReplicas and maxReplicas"),
                    text!("It is cut to the bounds."),
                )
                .fix(text!("choose a number within them")),
            );
        }
    }
}

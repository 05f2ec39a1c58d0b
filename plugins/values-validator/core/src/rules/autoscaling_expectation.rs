//! A number of replicas that is expected (`replicas`) and an autoscaler contradict each other: whatever
//! else it chooses raises VllmReplicaDown, and each upgrade sets a Deployment of the chart's back.
//! Without `replicas` as many are expected as the autoscaler wants.
//!
//! The chart refuses it too.

use super::Rule;
use super::look::models;
use crate::node::{blamed, join};
use crate::{Findings, Severity, Values};

/// `models[].replicas` with `autoscaling`.
pub const RULE: Rule = Rule {
    code: "autoscaling-expectation",
    severity: Severity::Error,
    title: text!("A fixed number of replicas under an autoscaler"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let Some(switch) = model.autoscaling().and_then(|a| a.child("enabled")) else {
            continue;
        };
        let Some(replicas) = model.node.child("replicas") else {
            continue;
        };
        let Some(count) = replicas.as_i64() else {
            continue;
        };
        let at = blamed(&[replicas, switch]).unwrap_or(replicas);
        let key = if std::ptr::eq(at, replicas) {
            "replicas"
        } else {
            "autoscaling.enabled"
        };
        let path = key
            .split('.')
            .fold(model.path.clone(), |path, key| join(&path, key));
        findings.push(
            RULE.at(path, &at.place)
                .found(format!("{count} replicas expected, and an autoscaler"))
                .expected("one of them")
                .why(text!(
                    "With any other number that the autoscaler sets, VllmReplicaDown fires."
                ))
                .fix(text!(
                    "leave replicas out; minReplicas and maxReplicas bound the autoscaler"
                ))
                .related(replicas.place, "replicas")
                .remove(replicas),
        );
    }
}

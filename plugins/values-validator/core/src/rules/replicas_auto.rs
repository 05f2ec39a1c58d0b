//! `replicas: auto` expects as many replicas as a Deployment or StatefulSet wants. Its name is known
//! where this chart deploys it, and must be given as `workload` elsewhere.
//!
//! The chart refuses it too.

mod unscraped;

use super::Rule;
use super::look::models;
use crate::{Findings, Node, Severity, Values};

/// `models[].workload` with `replicas: auto`.
pub const RULE: Rule = Rule {
    code: "replicas-auto",
    severity: Severity::Error,
    title: text!("replicas: auto without a workload"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    if crate::FULL {
        unscraped::check(values, findings);
    }
    for model in models(values).iter().filter(|m| m.deploy.is_none()) {
        let Some(replicas) = model.node.child("replicas") else {
            continue;
        };
        let workload = model.node.child("workload").and_then(Node::as_str);
        if replicas.as_str() != Some("auto") || workload.is_some_and(|w| !w.is_empty()) {
            continue;
        }
        findings.push(
            RULE.finds(
                format!("{}.replicas", model.path),
                &replicas.place,
                text!("auto, without workload"),
                text!("the name of the Deployment or StatefulSet in workload"),
                text!("Nothing else says how many replicas are wanted."),
            )
            .fix(format!(
                "add workload: {}, or leave replicas out",
                model.slug()
            )),
        );
    }
}

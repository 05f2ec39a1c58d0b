//! This chart deploys into the release's namespace only, so `namespaces` says nothing for a model
//! that it deploys.
//!
//! The chart refuses every other namespace too.

use super::Rule;
use super::look::models;
use crate::{Findings, Node, Severity, Values};

/// `models[].namespaces` of a deployed model.
pub const RULE: Rule = Rule {
    code: "deployed-namespaces",
    severity: Severity::Error,
    title: text!("A deployed model names namespaces that are not the release's"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values).iter().filter(|m| m.deploy.is_some()) {
        let Some(namespaces) = model.node.child("namespaces") else {
            continue;
        };
        // One name may be the release's own, which values do not say.
        let items = namespaces.items();
        let all = items.first().and_then(Node::as_str) == Some("*");
        if items.len() < 2 && !all {
            continue;
        }
        findings.push(
            RULE.finds(
                format!("{}.namespaces", model.path),
                namespaces.key_place(),
                if all {
                    "all namespaces".into()
                } else {
                    namespaces.described()
                },
                text!("no namespaces where deploy.enabled is true"),
                text!(
                    "This chart deploys into the release's namespace; elsewhere is nothing of it."
                ),
            )
            .fix(text!("leave namespaces out")),
        );
    }
}

//! What an autoscaler scales is known where this chart deploys it; elsewhere it is named, by `workload` or
//! `autoscaling.scaleTargetRef`, and is in the entry's one namespace.
//!
//! The chart refuses it too, but for a kind that it does not deploy.

#[cfg(feature = "full")]
mod group;

use super::Rule;
use super::look::{Model, models};
use crate::{Findings, Node, Severity, Values};

/// `models[].workload` and `namespaces` with `autoscaling`.
pub const RULE: Rule = Rule {
    code: "autoscaling-target",
    severity: Severity::Error,
    title: text!("An autoscaler does not name what it scales"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    group::objects(values, findings);
    for model in models(values) {
        let Some(autoscaling) = model.autoscaling() else {
            continue;
        };
        if model.deploy.is_some() {
            deployed(&model, autoscaling, findings);
            #[cfg(feature = "full")]
            group::deployed(&model, autoscaling, findings);
            continue;
        }
        #[cfg(feature = "full")]
        group::check(&model, autoscaling, findings);
        let given =
            |node: Option<&Node>| node.and_then(Node::as_str).is_some_and(|s| !s.is_empty());
        let named =
            given(model.node.child("workload")) || given(autoscaling.get("scaleTargetRef.name"));
        if let (false, Some(target)) = (named, autoscaling.child("scaleTargetRef")) {
            findings.push(
                RULE.finds(
                    format!("{}.autoscaling.scaleTargetRef", model.path),
                    &target.key_place(),
                    text!("scaleTargetRef without name"),
                    text!("the name of the workload"),
                    text!("This chart does not deploy the model and does not know its workload."),
                )
                .fix(text!(
                    "add name: <name of the Deployment> below scaleTargetRef"
                )),
            );
        } else if let (false, Some(switch)) = (named, autoscaling.child("enabled")) {
            findings.push(
                RULE.finds(
                    format!("{}.autoscaling.enabled", model.path),
                    &switch.place,
                    text!("true, without workload"),
                    text!("the name of the Deployment in workload, or scaleTargetRef"),
                    text!("This chart does not deploy the model and does not know its workload."),
                )
                .fix(format!("add workload: {}", model.slug())),
            );
        }
        let Some(namespaces) = model.node.child("namespaces") else {
            continue;
        };
        let names = namespaces.items();
        if names.len() > 1 || names.iter().any(|n| n.as_str() == Some("*")) {
            findings.push(
                RULE.finds(
                    format!("{}.namespaces", model.path),
                    &namespaces.place,
                    text!("several namespaces, and an autoscaler"),
                    text!("the namespace of what is scaled"),
                    text!("A ScaledObject scales one workload, in its own namespace."),
                )
                .fix(text!("name that one; make an entry of each workload")),
            );
        }
    }
}

/// What this chart deploys is a Deployment.
fn deployed(model: &Model<'_>, autoscaling: &Node, findings: &mut Findings) {
    if let Some(kind) = autoscaling.get("scaleTargetRef.kind")
        && kind.as_str().is_some_and(|kind| kind != "Deployment")
    {
        findings.push(
            RULE.at(
                format!("{}.autoscaling.scaleTargetRef.kind", model.path),
                &kind.place,
            )
            .found(kind.described())
            .expected("Deployment")
            .why(text!(
                "The chart deploys the model as a Deployment: KEDA finds no other."
            ))
            .fix(text!("remove scaleTargetRef")),
        );
    }
}

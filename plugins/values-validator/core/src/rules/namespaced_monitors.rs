//! With `metrics.operator.namespaced` monitors and rules are written into each namespace of an entry: it
//! must name them, and its rules see the pods of one namespace alone, so that an expected number of
//! replicas over several cannot be compared.
//!
//! The chart refuses it too.

use super::Rule;
use super::look::{models, on};
use crate::{Findings, Node, Severity, Values};

/// `models[].namespaces` with `metrics.operator.namespaced`.
pub const RULE: Rule = Rule {
    code: "namespaced-monitors",
    severity: Severity::Error,
    title: text!("Namespaces that monitors in each namespace cannot have"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    const SWITCH: &str = "metrics.operator.namespaced";
    let Some(switch) = values.get(SWITCH).filter(|_| on(values, SWITCH)) else {
        return;
    };
    for model in models(values) {
        let Some(namespaces) = model.node.child("namespaces") else {
            continue;
        };
        let items = namespaces.items();
        let all = items.iter().find(|item| item.as_str() == Some("*"));
        let replicas = (model.node.child("replicas")).filter(|node| node.as_f64().is_some());
        let finding = if let Some(all) = all {
            RULE.finds(format!("{}.namespaces", model.path), &all.place, text!("all namespaces, and a monitor in each of them"), text!("the names of the namespaces"), text!("The chart writes a monitor into each namespace, and cannot know which there are."))
                .fix(text!("name them, or leave metrics.operator.namespaced out"))
        } else if let Some(replicas) = replicas.filter(|_| items.len() > 1) {
            RULE.finds(
                format!("{}.replicas", model.path),
                &replicas.place,
                format!(
                    "{} replicas over {} namespaces",
                    replicas.described(),
                    items.len()
                ),
                text!("an entry of models for each namespace"),
                text!(
                    "The rules of one namespace see its pods alone: they cannot count the others."
                ),
            )
            .fix(text!(
                "make an entry of each namespace, with its own number of replicas"
            ))
            .related(namespaces.place, "the namespaces")
        } else {
            continue;
        };
        findings.push(finding.related(
            if switch.is_default() {
                Node::key_place(namespaces)
            } else {
                switch.place
            },
            "the switch",
        ));
    }
}

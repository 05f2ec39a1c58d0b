//! The collector waits for spans of vLLM. Where this chart deploys every model, and all of them with
//! `deploy.tracing: false`, none will ever send one.

use super::Rule;
use super::look::{models, on};
use crate::{Findings, Node, Severity, Values};

/// `models[].deploy.tracing` of all.
pub const RULE: Rule = Rule {
    code: "nothing-traced",
    severity: Severity::Warning,
    title: text!("Tracing is on, and no model sends a trace"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let models = models(values);
    if !on(values, "tracing.enabled") || models.is_empty() {
        return;
    }
    let mut last = None;
    for model in &models {
        let switch = model.deploy.and_then(|deploy| deploy.child("tracing"));
        match switch {
            Some(node) if node.as_bool() == Some(false) => last = Some((model, node)),
            _ => return,
        }
    }
    let Some((model, node)): Option<(_, &Node)> = last else {
        return;
    };
    findings.push(
        RULE.finds(
            model.deploy_path("tracing"),
            &node.place,
            text!("false, for every model"),
            text!("a model that sends traces"),
            text!("The collector runs and receives no span, and VllmTracingSilent fires."),
        )
        .fix(text!("set tracing.enabled to false")),
    );
}

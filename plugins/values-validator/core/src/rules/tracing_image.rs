//! vLLM's images come with OpenTelemetry from 0.17.0 on. An older one stops at its start when the
//! tracing flag is given, and the pod restarts again and again. `deploy.tracing: false` leaves the flag out.
//! What an image in a repository of your own adds is not known.
//!
//! The chart refuses it too.

use vllm_catalog::image::TRACES_SINCE;

use super::Rule;
use super::look::{Model, models, on};
use crate::node::join;
use crate::{Findings, Node, Severity, Values};

/// `models[].deploy.image` against tracing.
pub const RULE: Rule = Rule {
    code: "tracing-image",
    severity: Severity::Error,
    title: text!("An image of vLLM is too old to trace"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    if !on(values, "tracing.enabled") {
        return;
    }
    let models = models(values);
    for model in &models {
        let switch = model.deploy.and_then(|deploy| deploy.child("tracing"));
        let Some((tag, version)) = model.release() else {
            continue;
        };
        if switch.and_then(Node::as_bool) == Some(false) || version >= TRACES_SINCE {
            continue;
        }
        findings.push(
            RULE.at(join(&model.deploy_path("image"), "tag"), &tag.place)
                .found(format!("vLLM {version}, with tracing on"))
                .expected(format!(
                    "vLLM {TRACES_SINCE} or newer, or deploy.tracing: false"
                ))
                .why(text!("The image lacks OpenTelemetry: vLLM stops at the tracing flag, again and again."))
                .fix(if crate::FULL && alone(&models, model) {
                    "take a newer image, or set deploy.tracing: false and tracing.enabled: false, as no other model sends traces"
                } else {
                    text!("set deploy.tracing to false for this model, or take a newer image").as_str()
                }),
        );
    }
}

/// Whether no other entry sends a trace.
fn alone(models: &[Model<'_>], own: &Model<'_>) -> bool {
    models
        .iter()
        .filter(|model| model.path != own.path)
        .all(|model| {
            let switch = model.deploy.and_then(|deploy| deploy.child("tracing"));
            switch.and_then(Node::as_bool) == Some(false)
        })
}

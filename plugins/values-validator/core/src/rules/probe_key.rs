//! vLLM with `--api-key` or VLLM_API_KEY answers requests without it with 401. The probe sends requests, and has
//! the key from `probe.apiKey`.

use super::Rule;
use super::look::{models, on, text};
use crate::{Findings, Node, Severity, Values};

/// The key of deployed models and the probe's.
pub const RULE: Rule = Rule {
    code: "probe-key",
    severity: Severity::Warning,
    title: text!("The probe has no key for models that ask for one"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    if !on(values, "probe.enabled") || !text(values, "probe.apiKey.secretName").is_empty() {
        return;
    }
    for model in models(values) {
        let env = model.deploy.and_then(|deploy| deploy.child("env"));
        let mut env = env.map_or(&[][..], Node::items).iter();
        let of_env =
            env.find(|item| item.child("name").and_then(Node::as_str) == Some("VLLM_API_KEY"));
        let Some(node) = of_env.or(model.arg("--api-key").map(|arg| arg.node)) else {
            continue;
        };
        if model.node.get("probe.request").and_then(Node::as_str) == Some("none") {
            continue;
        }
        let reference = node.get("valueFrom.secretKeyRef");
        let part = |key: &str, other| {
            let text = reference.and_then(|of| of.child(key)?.as_str());
            text.unwrap_or(other).to_owned()
        };
        let (name, key) = (part("name", "<Secret>"), part("key", "token"));
        findings.push(
            RULE.says(
                "probe.apiKey".to_owned(),
                values.get("probe.enabled").unwrap_or(node).key_place(),
                text!("a model with an API key, and a probe without one").to_string(),
                text!("the same key in probe.apiKey").as_str(),
                text!("vLLM answers the probe with 401: VllmProbeFailing fires."),
            )
            .fix(format!(
                "add probe.apiKey: {{secretName: {name}, secretKey: {key}}}"
            ))
            .related(node.place, "the key"),
        );
        return;
    }
}

//! Heads of known models: tensor-parallel ranks share them, and each has as many.

use super::RULE;
use crate::rules::look::Model;
use crate::{Findings, Node};

/// A part of a model's name, in small letters, and its attention heads.
const HEADS: [(&str, i64); 24] = [
    ("distill-qwen-32b", 40),
    ("distill-qwen-14b", 40),
    ("distill-qwen-7b", 28),
    ("distill-llama-70b", 64),
    ("distill-llama-8b", 32),
    ("qwen3-235b", 64),
    ("qwen3-32b", 64),
    ("qwen3-30b", 32),
    ("qwen3-14b", 40),
    ("qwen3-8b", 32),
    ("qwen2.5-72b", 64),
    ("qwen2.5-32b", 40),
    ("qwen2.5-14b", 40),
    ("qwen2.5-7b", 28),
    ("llama-3.3-70b", 64),
    ("llama-3.1-70b", 64),
    ("llama-3.1-8b", 32),
    ("llama-3.1-405b", 128),
    ("deepseek-v3", 128),
    ("deepseek-r1", 128),
    ("gpt-oss", 64),
    ("mixtral-8x7b", 32),
    ("mixtral-8x22b", 48),
    ("gemma-3-27b", 32),
];

pub(super) fn check(model: &Model<'_>, findings: &mut Findings) {
    let Some(deploy) = model.deploy else { return };
    let Some(size) = deploy.child("tensorParallelSize") else {
        return;
    };
    let Some(ranks) = size.as_i64().filter(|ranks| *ranks > 1) else {
        return;
    };
    let name = deploy
        .child("model")
        .and_then(Node::as_str)
        .unwrap_or(model.name)
        .to_ascii_lowercase()
        .replace("meta-llama-", "llama-");
    let Some((_, heads)) = HEADS.iter().find(|(part, _)| name.contains(part)) else {
        return;
    };
    // Distilled models have the heads of the model below them.
    if heads % ranks == 0 || *heads == 128 && name.contains("distill") {
        return;
    }
    let fits: Vec<String> = (1..=16)
        .filter(|n| heads % n == 0)
        .map(|n| n.to_string())
        .collect();
    let near = |up: bool| (1..=*heads).filter(move |n| heads % n == 0 && (*n > ranks) == up);
    let [below, above] = [near(false).max(), near(true).min()].map(|n| n.unwrap_or(1));
    findings.push(
        RULE.at(model.deploy_path("tensorParallelSize"), &size.place)
            .found(format!("{ranks} ranks for {heads} attention heads"))
            .expected(format!("a divisor of {heads}: {}", fits.join(", ")))
            .why("Each rank has as many heads: vLLM ends at its start, again and again.")
            .fix(format!(
                "write {below} or {above}; more GPUs go to pipelineParallelSize"
            )),
    );
}

//! Models that Hugging Face gives only to those who accepted their licence, downloaded without a token.

use super::RULE;
use crate::rules::look::Model;
use crate::{Finding, Node, Severity};

/// Beginnings of ids, all of whose models are given to accounts alone.
const GATED: [&str; 8] = [
    "meta-llama/",
    "google/gemma-2",
    "google/gemma-3",
    "google/gemma-7b",
    "google/codegemma-",
    "google/paligemma",
    "CohereLabs/c4ai-command-",
    "CohereForAI/c4ai-command-",
];
/// Parts of a pod by which weights or a token may come.
const OTHERS: [&str; 6] = [
    "volumes",
    "volumeMounts",
    "initContainers",
    "extraContainers",
    "envFrom",
    "podAnnotations",
];

/// Whether something else than `huggingFaceToken` may give the token or the weights.
fn otherwise(model: &Model<'_>, deploy: &Node) -> bool {
    let given = |path: &str| {
        let node = deploy.get(path);
        node.is_some_and(|node| node.as_str() != Some("") && node.as_bool() != Some(false))
    };
    let env = deploy.child("env").map_or(&[][..], Node::items);
    let named = env.iter().any(|one| {
        let name = one.child("name").and_then(Node::as_str).unwrap_or("HF_");
        [
            "HF_",
            "HUGGING",
            "VLLM_USE_MODELSCOPE",
            "TRANSFORMERS_",
            "HTTP",
            "http",
        ]
        .iter()
        .any(|start| name.starts_with(start))
    });
    let args = deploy.child("args").map_or(&[][..], Node::items);
    let told = args.iter().any(|arg| {
        let text = arg.as_str().unwrap_or("--hf-token").replace('_', "-");
        [
            "--hf-token",
            "--config",
            "--load-format",
            "--model",
            "--download-dir",
        ]
        .iter()
        .any(|flag| text == *flag || text.starts_with(&format!("{flag}=")))
    });
    let stored = ["existingClaim", "hostPath", "image"]
        .iter()
        .any(|key| given(&format!("storage.{key}")));
    let listed = OTHERS
        .iter()
        .filter_map(|key| deploy.child(key))
        .any(|node| !node.items().is_empty() || node.entries().next().is_some());
    named
        || told
        || stored
        || listed
        || given("huggingFaceToken.secretName")
        // A mirror of vLLM's image has no weights in it.
        || given("image.repository") && model.release().is_none()
}

pub(super) fn check(model: &Model<'_>) -> Option<Finding> {
    let deploy = model.deploy?;
    let node = deploy.child("model")?;
    let text = node.as_str()?;
    let gated = GATED.iter().any(|start| text.starts_with(start));
    if !gated || otherwise(model, deploy) {
        return None;
    }
    // Worth knowing, no more: which models are gated their owners may change.
    Some(
        Finding::new(RULE.code, Severity::Info, model.deploy_path("model"), &node.place)
            .found(format!("{text}, downloaded without a token"))
            .expected("a token of Hugging Face for a model with a licence to accept")
            .why("Hugging Face answers 401: vLLM ends at its start, again and again.")
            .fix("add deploy.huggingFaceToken: {secretName: <Secret>}, with the token under the key token"),
    )
}

//! Weights in an image: nothing looks for a name of Hugging Face there.

use super::RULE;
use super::paths::CACHES;
use crate::rules::look::Model;
use crate::{Findings, Node};

pub(super) fn check(model: &Model<'_>, findings: &mut Findings) {
    let Some(deploy) = model.deploy else { return };
    let text = |key: &str| deploy.get(key).and_then(Node::as_str).unwrap_or("");
    let (Some(node), Some(image)) = (deploy.child("model"), deploy.get("storage.image")) else {
        return;
    };
    let name = node.as_str().unwrap_or("");
    let hub =
        name.contains('/') && !name.starts_with(['/', '.', '~', '$']) && !name.contains("://");
    let env = deploy.child("env").map_or(&[][..], Node::items);
    let named = |variable: &Node| {
        variable
            .child("name")
            .and_then(Node::as_str)
            .unwrap_or("")
            .to_owned()
    };
    let cached = env
        .iter()
        .any(|variable| CACHES.contains(&named(variable).as_str()));
    let placed = ["--download-dir", "--model", "--config"]
        .iter()
        .any(|flag| model.arg(flag).is_some());
    if text("storage.image").is_empty() || !hub || cached || placed {
        return;
    }
    let base = match text("storage.mountPath") {
        "" => "/models",
        own => own,
    };
    findings.push(
        RULE.at(model.deploy_path("model"), &node.place)
            .found(format!("the name {name}, and weights that an image has at {base}"))
            .expected(format!("{base}, or the folder below it with config.json"))
            .why("vLLM asks Hugging Face for the name and downloads it, or ends where it may not; it does not look into the mount.")
            .writes(node.place, base)
            .related(image.place, "the image"),
    );
}

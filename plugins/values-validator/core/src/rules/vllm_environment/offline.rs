//! Weights that may not be downloaded, and are nowhere else.

use super::RULE;
use crate::rules::look::Model;
use crate::{Findings, Node, Values};

const SWITCHES: [&str; 2] = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"];

pub(super) fn check(values: &Values, model: &Model<'_>, findings: &mut Findings) {
    let Some(deploy) = model.deploy else { return };
    let env = deploy.child("env").map_or(&[][..], Node::items);
    let Some((why, fix)) = missing(values, model, deploy) else {
        return;
    };
    for (at, variable) in env.iter().enumerate() {
        let [Some(name), Some(value)] = ["name", "value"].map(|key| variable.child(key)) else {
            continue;
        };
        let (Some(name), Some(text)) = (name.as_str(), value.as_str()) else {
            continue;
        };
        let on = matches!(
            text.to_ascii_lowercase().as_str(),
            "1" | "true" | "yes" | "on"
        );
        if on && SWITCHES.contains(&name) {
            findings.push(
                RULE.at(
                    format!("{}[{at}].value", model.deploy_path("env")),
                    &value.place,
                )
                .found(format!("{name}={text}"))
                .expected("downloads, or storage that contains the weights")
                .why(why)
                .fix(fix),
            );
        }
    }
}

/// Why the weights are not there, and what to do; nothing where something may have them.
fn missing(
    values: &Values,
    model: &Model<'_>,
    deploy: &Node,
) -> Option<(&'static str, &'static str)> {
    let hub = deploy.child("model").and_then(Node::as_str)?;
    let given = |key: &str| deploy.child(key).is_some_and(|node| !node.is_default());
    let text = |key: &str| deploy.get(key).and_then(Node::as_str).unwrap_or("");
    // vLLM's own image, from a mirror, too: it has no weights.
    let repository = text("image.repository");
    let stock = repository.is_empty() || format!("/{repository}").ends_with("/vllm/vllm-openai");
    let filled = ["volumes", "volumeMounts", "initContainers"]
        .iter()
        .any(|key| given(key));
    if hub.starts_with('/') || !stock || filled || unseen(deploy) {
        return None;
    }
    if !given("storage") {
        return Some((
            "vLLM may not download the weights, and no storage contains them: it ends at its start.",
            "remove it, or name the claim with the weights in deploy.storage: {existingClaim: …}",
        ));
    }
    let others = ["existingClaim", "image", "hostPath"];
    let other = others
        .iter()
        .any(|key| !text(&format!("storage.{key}")).is_empty());
    let new = !other && !text("storage.size").is_empty();
    (new && !claimed(values, model)).then_some((
        "The claim of that size is new and empty, and vLLM may not download the weights into it: it ends at its start.",
        "remove it until the claim is filled, or write existingClaim: <claim with the weights> in place of size",
    ))
}

/// Whether an argument names a path that no value mounts: something that the values do not show does, and may
/// have the weights, too.
fn unseen(deploy: &Node) -> bool {
    let base = deploy
        .get("storage.mountPath")
        .and_then(Node::as_str)
        .unwrap_or("/models");
    let args = deploy.child("args").map_or(&[][..], Node::items).iter();
    let mut paths = args.filter_map(|arg| arg.as_str()?.rsplit('=').next());
    paths.any(|path| path.starts_with('/') && !path.starts_with(base))
}

/// Whether an object among the extra ones may fill the model's claim.
fn claimed(values: &Values, model: &Model<'_>) -> bool {
    let end = format!("{}-models", model.slug());
    let mut found = false;
    for (_, object) in values.list("extraObjects") {
        crate::rules::look::walk(object, "", &mut |_, key, node| {
            found |= key == "claimName" && node.as_str().is_some_and(|name| name.ends_with(&end));
        });
    }
    found
}

//! Containers beside the pod's own: each has an image and a name of its own.

use super::{REFUSED, RULE};
use crate::{Findings, Node};

pub(super) fn containers(path: &str, node: &Node, findings: &mut Findings) {
    for (i, container) in node.items().iter().enumerate() {
        let name = container.child("name").and_then(Node::as_str);
        let before = &node.items()[..i];
        if let Some(policy) = container.child("restartPolicy")
            && path.ends_with("initContainers")
            && policy.as_str().is_some_and(|policy| policy != "Always")
        {
            findings.push(
                RULE.finds(
                    format!("{path}[{i}].restartPolicy"),
                    &policy.place,
                    policy.described(),
                    text!("Always, for a sidecar, or no restartPolicy"),
                    REFUSED,
                )
                .fix("remove restartPolicy")
                .remove(policy),
            );
        }
        // The chart's own container of a model.
        let vllm = name == Some("vllm") && path.starts_with("models[");
        if let (Some(name), Some(own)) = (name, container.child("name"))
            && (vllm
                || before
                    .iter()
                    .any(|other| other.child("name").and_then(Node::as_str) == Some(name)))
        {
            findings.push(
                RULE.finds(
                    format!("{path}[{i}].name"),
                    &own.place,
                    format!("a second container {name}"),
                    text!("a name of its own"),
                    REFUSED,
                )
                .fix("rename it"),
            );
        }
        if (container.child("image")).is_none_or(|image| image.as_str() == Some("")) {
            findings.push(
                RULE.at(format!("{path}[{i}].image"), &container.place)
                    .found(text!("a container without image"))
                    .expected("an image")
                    .why(REFUSED)
                    .fix(text!("add image: registry/name:tag")),
            );
        }
    }
}

//! Hooks of helm: words that it knows, and objects that are not there yet when a hook runs.

use super::RULE;
use super::refusal::plain;
use crate::node::join;
use crate::rules::look::{models, walk};
use crate::shape::nearest;
use crate::{Findings, Node, Values};

/// Annotation, and the words that it may list.
const ANNOTATIONS: [(&str, &[&str]); 3] = [
    (
        "helm.sh/hook",
        &[
            "pre-install",
            "post-install",
            "pre-delete",
            "post-delete",
            "pre-upgrade",
            "post-upgrade",
            "pre-rollback",
            "post-rollback",
            "test",
            "test-success",
            "crd-install",
        ],
    ),
    (
        "helm.sh/hook-delete-policy",
        &["before-hook-creation", "hook-succeeded", "hook-failed"],
    ),
    ("helm.sh/resource-policy", &["keep"]),
];

fn annotation<'a>(object: &'a Node, name: &str) -> Option<&'a Node> {
    object.get("metadata.annotations")?.child(name)
}

pub(super) fn check(values: &Values, path: &str, object: &Node, findings: &mut Findings) {
    for (name, known) in ANNOTATIONS {
        let Some((node, text)) =
            annotation(object, name).and_then(|node| Some((node, node.as_str()?)))
        else {
            continue;
        };
        let wrong = text
            .split(',')
            .map(str::trim)
            .find(|word| !known.contains(word) && !word.contains("{{"));
        let Some(wrong) = wrong.filter(|_| !text.contains("{{")) else {
            continue;
        };
        let path = join(&format!("{path}.metadata.annotations"), name);
        let finding = RULE
            .warning(path, &node.place)
            .found(format!("{name}: {wrong}"))
            .expected(known.iter().take(8).copied().collect::<Vec<_>>().join(", "))
            .why(match name {
                "helm.sh/hook" => "helm does not know the hook and leaves the object out: it is never created.",
                "helm.sh/resource-policy" => "helm does not know the policy: `helm uninstall` removes the object.",
                _ => "helm does not know the policy: the hook of the next release finds the old object.",
            });
        findings.push(match nearest(wrong, known.iter().copied()) {
            Some(near) => finding.quotes(node.place, &text.replacen(wrong, near, 1)),
            None => finding.fix(format!("write one of {}", known.join(", "))),
        });
    }
    early(values, path, object, findings);
}

/// Whether it is created before all that is no hook.
fn first(object: &Node) -> bool {
    let hook = annotation(object, "helm.sh/hook")
        .and_then(Node::as_str)
        .unwrap_or("");
    hook.contains("pre-install")
}

/// A hook before the install that waits for what the install creates.
fn early(values: &Values, path: &str, object: &Node, findings: &mut Findings) {
    if !first(object) {
        return;
    }
    let Some(spec) = object.child("spec") else {
        return;
    };
    let claims: Vec<String> = (models(values).iter())
        .filter(|model| {
            model
                .node
                .get("deploy.storage.size")
                .and_then(Node::as_str)
                .is_some_and(|size| !size.is_empty())
        })
        .map(|model| format!("-{}-models", model.slug()))
        .collect();
    let made = |kind: &str, name: &str| {
        values.list("extraObjects").any(|(_, other)| {
            plain(other, "kind") == Some(kind)
                && plain(other, "metadata.name") == Some(name)
                && annotation(other, "helm.sh/hook").is_none()
        })
    };
    walk(spec, &join(path, "spec"), &mut |path, key, node| {
        let Some(name) = node.as_str() else { return };
        let late = match key {
            "claimName" => {
                claims.iter().any(|end| name.ends_with(end)) || made("PersistentVolumeClaim", name)
            }
            "secretName" => made("Secret", name),
            "serviceAccountName" => made("ServiceAccount", name),
            "name" if path.ends_with("secretRef.name") || path.ends_with("secretKeyRef.name") => {
                made("Secret", name)
            }
            "name" if path.ends_with("configMap.name") || path.ends_with("configMapRef.name") => {
                made("ConfigMap", name)
            }
            _ => false,
        };
        if late {
            let finding = RULE
                .warning(path, &node.place)
                .found(format!("{name}, which helm creates after this hook"))
                .expected("what is there before the install, or a hook itself")
                .why("helm waits for the hook, and the pod for the object: the install ends with a timeout.")
                .fix("write helm.sh/hook: post-install, or give the other object the annotations helm.sh/hook: pre-install and a lower helm.sh/hook-weight");
            findings.push(finding);
        }
    });
}

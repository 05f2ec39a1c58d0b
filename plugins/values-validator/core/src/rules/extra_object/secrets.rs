//! A Secret that another object makes under another name than the values ask for.

use super::RULE;
use super::refusal::plain;
use crate::rules::look::walk_given;
use crate::{Findings, Node, Values};

/// Keys whose text is the name of a Secret.
const NAMES: [&str; 3] = ["secretName", "existingSecret", "clientSecretName"];

/// The name of the Secret that an object makes.
pub(super) fn made(object: &Node) -> Option<(&str, &Node)> {
    let of = |path: &str| Some((plain(object, path)?, object.get(path)?));
    match plain(object, "kind")? {
        "Secret" => of("metadata.name"),
        "ExternalSecret" => of("spec.target.name").or_else(|| of("metadata.name")),
        "SealedSecret" => of("spec.template.metadata.name").or_else(|| of("metadata.name")),
        "Certificate" => of("spec.secretName"),
        _ => None,
    }
}

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let objects: Vec<&Node> = values
        .list("extraObjects")
        .map(|(_, object)| object)
        .collect();
    let all: Vec<(&str, &Node)> = objects.iter().filter_map(|object| made(object)).collect();
    // The object's own name, where the Secret has another.
    let renamed = objects.iter().filter_map(|object| {
        let (name, node) = made(object)?;
        let own = plain(object, "metadata.name").filter(|own| *own != name)?;
        Some((own, name, node))
    });
    let renamed: Vec<(&str, &str, &Node)> = renamed
        .filter(|(own, ..)| !all.iter().any(|(name, _)| name == own))
        .collect();
    if renamed.is_empty() {
        return;
    }
    walk_given(&values.root, "", &mut |path, key, node| {
        let reference = key == "name"
            && (path.ends_with("secretKeyRef.name") || path.ends_with("secretRef.name"));
        if path.starts_with("extraObjects") || !(reference || NAMES.contains(&key)) {
            return;
        }
        let text = node.as_str().unwrap_or("");
        if let Some((_, name, target)) = renamed.iter().find(|(own, ..)| *own == text) {
            findings.push(
                RULE.warning(path, &node.place)
                    .found(format!(
                        "the Secret {text}, which is the name of the object that makes {name}"
                    ))
                    .expected(*name)
                    .why("There is no Secret of that name: the pod does not start.")
                    .writes(node.place, name)
                    .related(target.place, "the Secret's name"),
            );
        }
    });
}

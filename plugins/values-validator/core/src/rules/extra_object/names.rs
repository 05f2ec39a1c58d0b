//! Names of objects that extra objects nearly have: a claim, a ConfigMap, a Secret or an account that nothing makes,
//! beside one that nothing else asks for.

use super::RULE;
use super::purpose::same;
use super::refusal::plain;
use super::secrets::made as secret;
use crate::rules::look::walk_given;
use crate::shape::nearest;
use crate::{Findings, Node, Values};

/// The kind of object that a value names.
fn kind(path: &str, key: &str) -> Option<&'static str> {
    let name = |above: &str| key == "name" && path.ends_with(&format!("{above}.name"));
    match key {
        "existingClaim" | "claimName" => Some("PersistentVolumeClaim"),
        "secretName" | "existingSecret" | "clientSecretName" => Some("Secret"),
        "serviceAccountName" => Some("ServiceAccount"),
        "" if path.starts_with("imagePullSecrets[") => Some("Secret"),
        _ if ["secretKeyRef", "secretRef"]
            .iter()
            .any(|above| name(above)) =>
        {
            Some("Secret")
        }
        _ if ["configMapKeyRef", "configMapRef", "configMap"]
            .iter()
            .any(|above| name(above)) =>
        {
            Some("ConfigMap")
        }
        _ => None,
    }
}

/// What an object makes, and its name.
fn made(object: &Node) -> Option<(&'static str, &str, &Node)> {
    let own = ["PersistentVolumeClaim", "ConfigMap", "ServiceAccount"];
    let kind = plain(object, "kind")?;
    if let Some(kind) = own.iter().find(|own| **own == kind) {
        return Some((kind, plain(object, "metadata.name")?, object));
    }
    let (name, node) = secret(object)?;
    Some(("Secret", name, node))
}

/// Whether two names differ by a number alone, as those of two things do.
fn numbered(one: &str, other: &str) -> bool {
    let bare = |name: &str| {
        name.chars()
            .filter(|c| !c.is_ascii_digit())
            .collect::<String>()
    };
    bare(one) == bare(other)
}

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let made: Vec<_> = values
        .list("extraObjects")
        .filter_map(|(_, object)| made(object))
        .collect();
    if made.is_empty() {
        return;
    }
    let mut named: Vec<(String, &'static str, &str, &Node)> = Vec::new();
    walk_given(&values.root, "", &mut |path, key, node| {
        let own = path.starts_with("extraObjects")
            && (path.ends_with(".target.name") || path.ends_with("spec.secretName"));
        if let (Some(kind), Some(text), false) = (kind(path, key), node.as_str(), own) {
            named.push((path.to_owned(), kind, text, node));
        }
    });
    for (path, kind, text, node) in &named {
        let of_kind = || made.iter().filter(|(own, ..)| own == kind);
        if text.contains("{{") || of_kind().any(|(_, name, _)| name == text) {
            continue;
        }
        let free = of_kind().filter(|(_, name, _)| {
            !named
                .iter()
                .any(|(_, other, used, _)| other == kind && used == name)
        });
        let free: Vec<&str> = free.map(|(_, name, _)| *name).collect();
        let near = nearest(text, free.iter().copied()).filter(|near| !numbered(near, text));
        // The name of the object that makes one of another name is a finding of its own.
        let object = |(_, object): (String, &Node)| plain(object, "metadata.name") == Some(text);
        let other = !values.list("extraObjects").any(object);
        let near = near.or_else(|| free.into_iter().find(|name| other && same(name, text)));
        let Some((_, near, object)) =
            near.and_then(|near| of_kind().find(|(_, name, _)| *name == near))
        else {
            continue;
        };
        let finding = RULE
            .warning(path, &node.place)
            .found(format!("the {kind} {text}, which no object makes"))
            .expected(*near)
            .why("Without it the pod is not started; the object of the other name is used by nothing.")
            .meant(node.place, near)
            .related(object.place, "the object that is made");
        findings.push(finding);
    }
}

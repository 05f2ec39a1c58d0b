//! Credentials that KEDA looks for by name, kind and namespace, against the extra objects that have them.

mod parameters;

use super::RULE;
use crate::node::join;
use crate::rules::look::{Model, models};
use crate::{Findings, Node, Values};

const KINDS: [&str; 2] = ["TriggerAuthentication", "ClusterTriggerAuthentication"];
/// A reference to credentials, and the models whose triggers have it.
struct Reference<'a> {
    path: String,
    node: &'a Node,
    models: Vec<Model<'a>>,
}

impl Reference<'_> {
    fn text(&self, key: &str) -> &str {
        self.node.child(key).and_then(Node::as_str).unwrap_or("")
    }
}

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let objects: Vec<(String, &Node, &str)> = (values.list("extraObjects"))
        .filter_map(|(path, object)| {
            let kind = object
                .child("kind")?
                .as_str()
                .filter(|kind| KINDS.contains(kind))?;
            Some((path, object, kind))
        })
        .collect();
    if objects.is_empty() {
        return;
    }
    let scaled: Vec<Model<'_>> = models(values)
        .into_iter()
        .filter(|model| model.autoscaling().is_some())
        .collect();
    let mut all = Vec::new();
    if let Some(node) = values
        .get("autoscaling.authentication")
        .filter(|_| !scaled.is_empty())
    {
        all.push(Reference {
            path: "autoscaling.authentication".to_owned(),
            node,
            models: scaled.clone(),
        });
    }
    for model in &scaled {
        let triggers = model
            .node
            .get("autoscaling.triggers")
            .map_or(&[][..], Node::items);
        for (at, trigger) in triggers.iter().enumerate() {
            if let Some(node) = trigger.child("authenticationRef") {
                let path = format!(
                    "{}.autoscaling.triggers[{at}].authenticationRef",
                    model.path
                );
                all.push(Reference {
                    path,
                    node,
                    models: vec![model.clone()],
                });
            }
        }
    }
    for reference in &all {
        one(reference, &objects, findings);
    }
}

fn one(reference: &Reference<'_>, objects: &[(String, &Node, &str)], findings: &mut Findings) {
    let name = reference.text("name");
    let Some(node) = reference.node.child("name").filter(|_| !name.is_empty()) else {
        return;
    };
    let named = |object: &Node| {
        object
            .get("metadata.name")
            .and_then(Node::as_str)
            .unwrap_or("")
            .to_owned()
    };
    let kind = match reference.text("kind") {
        "" => KINDS[0],
        kind => kind,
    };
    let mut same = objects
        .iter()
        .filter(|(_, object, _)| named(object) == name)
        .peekable();
    if same.peek().is_none() {
        let names: Vec<String> = objects.iter().map(|(_, object, _)| named(object)).collect();
        if let Some(near) = crate::shape::nearest(name, names.iter().map(String::as_str)) {
            findings.push(
                say(
                    join(&reference.path, "name"),
                    node,
                    format!("the {kind} {name}, which no object makes"),
                    near,
                )
                .meant(node.place, near),
            );
        }
        return;
    }
    let fitting = same.clone().find(|(.., own)| *own == kind);
    let Some((path, object, _)) = fitting else {
        if let Some((_, object, own)) = same.next() {
            let at = reference
                .node
                .child("kind")
                .filter(|node| !node.is_default());
            let found = format!("{kind} {name}, and an object {own} of that name");
            let finding = match at {
                Some(at) => {
                    say(join(&reference.path, "kind"), at, found, own).writes(at.place, own)
                }
                None => say(join(&reference.path, "name"), node, found, own)
                    .fix(format!("add kind: {own} beside name")),
            };
            findings.push(finding.related(object.place, "the object"));
        }
        return;
    };
    if kind == KINDS[0] {
        elsewhere(reference, path, object, findings);
    }
    parameters::check(reference, path, object, findings);
}

fn say(path: String, node: &Node, found: String, expected: &str) -> crate::Finding {
    RULE
        .warning(path, &node.place)
        .found(found)
        .expected(expected)
        .why("KEDA does not find the credentials: the ScaledObject is not ready, and nothing scales.")
}

/// An object in another namespace than what is scaled.
fn elsewhere(reference: &Reference<'_>, path: &str, object: &Node, findings: &mut Findings) {
    let Some((node, own)) = object
        .get("metadata.namespace")
        .and_then(|node| Some((node, node.as_str()?)))
    else {
        return;
    };
    let mut spaces: Vec<&str> = Vec::new();
    for model in &reference.models {
        let first = model
            .node
            .child("namespaces")
            .and_then(|list| list.items().first()?.as_str());
        // The release's, which is not known.
        let Some(first) = first else { return };
        if !spaces.contains(&first) {
            spaces.push(first);
        }
    }
    let Some(other) = spaces
        .iter()
        .find(|space| **space != own)
        .filter(|_| !own.contains("{{"))
    else {
        return;
    };
    let finding = say(
        format!("{path}.metadata.namespace"),
        node,
        format!("{own}, where KEDA does not look: the ScaledObject is in {other}"),
        other,
    )
    .related(reference.node.place, "what names it");
    findings.push(if spaces.len() == 1 {
        finding
            .fix(format!("write {other}, or make a ClusterTriggerAuthentication of it"))
            .replace(node.place, *other)
    } else {
        finding.fix("make a ClusterTriggerAuthentication of it, and write kind: ClusterTriggerAuthentication beside its name")
    });
}

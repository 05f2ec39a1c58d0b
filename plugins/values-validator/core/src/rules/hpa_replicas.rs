//! A HorizontalPodAutoscaler or ScaledObject among `extraObjects` that scales a watched model: the
//! model's `replicas` may be no fixed number then, it may have no second autoscaler, and the least may
//! not be above the most. A Deployment of this chart is known by the end of its name, the entry's.

use super::Rule;
use super::look::{Model, models};
use crate::node::{Node, Values, join};
use crate::{Findings, Severity};

/// Autoscalers in `extraObjects` against `models`.
pub const RULE: Rule = Rule {
    code: "hpa-replicas",
    severity: Severity::Warning,
    title: text!("An autoscaler of one's own that the values contradict"),
    check,
};

/// Names of the least and the most, by kind.
fn bounds(object: &Node) -> Option<[&'static str; 2]> {
    match object.child("kind")?.as_str()? {
        "HorizontalPodAutoscaler" => Some(["minReplicas", "maxReplicas"]),
        "ScaledObject" => Some(["minReplicaCount", "maxReplicaCount"]),
        _ => None,
    }
}

fn scales(target: &str, model: &Model<'_>) -> bool {
    let workload = model.node.child("workload").and_then(Node::as_str);
    match model.deploy {
        Some(_) => target.ends_with(&format!("-{}", model.slug())),
        None => workload == Some(target),
    }
}

fn check(values: &Values, findings: &mut Findings) {
    let models = models(values);
    for (path, object) in values.list("extraObjects") {
        let (Some(keys), Some(spec)) = (bounds(object), object.child("spec")) else {
            continue;
        };
        let path = join(&path, "spec");
        let [least, most] =
            keys.map(|key| Some((key, spec.child(key)?, spec.child(key)?.as_i64()?)));
        if let (Some((key, node, least)), Some((_, _, most))) = (least, most)
            && least > most
        {
            findings.push(
                RULE.finds(
                    join(&path, key),
                    &node.place,
                    format!("at least {least} replicas, at most {most}"),
                    text!("a least number not above the most"),
                    text!("The API server refuses the object."),
                )
                .fix(text!("exchange the two")),
            );
        }
        let Some(target) = spec.get("scaleTargetRef.name") else {
            continue;
        };
        let name = target.as_str().unwrap_or("");
        let Some(model) = models.iter().find(|model| scales(name, model)) else {
            continue;
        };
        let fixed = model
            .node
            .child("replicas")
            .filter(|r| r.as_i64().is_some());
        let second = model
            .node
            .get("autoscaling.enabled")
            .filter(|_| model.autoscaling().is_some());
        let (found, fix, other) = match (fixed, second) {
            (_, Some(node)) => (
                "and models[].autoscaling scales it too".to_owned(),
                "keep one of the two",
                node,
            ),
            (Some(node), _) => (
                format!("whose replicas are {}", node.described()),
                "write replicas: auto",
                node,
            ),
            _ => continue,
        };
        let finding = RULE
            .finds(
                join(&join(&path, "scaleTargetRef"), "name"),
                &target.place,
                format!("an autoscaler of {:?}, {found}", model.name),
                text!("one place that says how many replicas there are"),
                text!("Each resets what the other set, or VllmReplicaDown fires."),
            )
            .fix(fix)
            .related(other.place, "the other one");
        #[cfg(feature = "full")]
        let finding = named(finding, object, (target, name), (model, &models));
        findings.push(finding);
    }
}

/// The Deployment of the entry that the autoscaler is named for, where it is another one.
#[cfg(feature = "full")]
fn named(
    finding: crate::Finding,
    object: &Node,
    (target, name): (&Node, &str),
    (model, models): (&Model<'_>, &[Model<'_>]),
) -> crate::Finding {
    let own = object.get("metadata.name").and_then(Node::as_str);
    let of = |model: &&Model<'_>| {
        let slug = model.slug();
        own.is_some_and(|own| own == slug || own.ends_with(&format!("-{slug}")))
    };
    let other = models
        .iter()
        .find(|other| of(other) && other.name != model.name);
    let meant = other.filter(|_| !of(&model)).and_then(|other| {
        match (
            other.node.child("workload").and_then(Node::as_str),
            other.deploy,
        ) {
            (Some(workload), None) => Some(workload.to_owned()),
            (None, Some(_)) => {
                let stem = name.strip_suffix(&model.slug())?;
                Some(format!("{stem}{}", other.slug()))
            }
            _ => None,
        }
    });
    match meant {
        Some(meant) => {
            let words = format!(
                "write {meant}, as the autoscaler is named; if {} is meant, keep one of the two",
                model.name
            );
            finding.fix(words).replace(target.place, meant)
        }
        // Of something else than a watched model, by its own name.
        None => match own.filter(|own| *own != name && !own.contains("{{") && !of(&model)) {
            Some(own) => {
                let keep = finding.fix.text.clone();
                finding.fix(format!(
                    "{keep}; if it is for the Deployment {own}, by its own name, write {own}"
                ))
            }
            None => finding,
        },
    }
}

//! Two disruption budgets, or two autoscalers, of the same pods.

use super::RULE;
use super::chart::{deployed, selects};
use super::refusal::plain;
use crate::shape::written;
use crate::{Finding, Findings, Node, Place, Values};

const WHY: &str = "The API evicts no pod that has two budgets: a node with it cannot be drained.";

fn say(path: String, place: Place, found: String, why: &str) -> Finding {
    RULE.warning(path, place)
        .found(found)
        .expected("one for the same pods")
        .why(why)
}

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let objects: Vec<(String, &Node)> = values.list("extraObjects").collect();
    let mut budgets: Vec<(&Node, String)> = Vec::new();
    let mut targets: Vec<(&Node, String)> = Vec::new();
    for (path, object) in &objects {
        match plain(object, "kind") {
            Some("PodDisruptionBudget") => budget(values, path, object, &mut budgets, findings),
            Some("HorizontalPodAutoscaler" | "ScaledObject") => {
                scaler(path, object, &mut targets, findings)
            }
            _ => {}
        }
    }
}

fn space(object: &Node) -> &str {
    object
        .get("metadata.namespace")
        .and_then(Node::as_str)
        .unwrap_or("")
}

fn budget<'a>(
    values: &Values,
    path: &str,
    object: &'a Node,
    seen: &mut Vec<(&'a Node, String)>,
    findings: &mut Findings,
) {
    let Some(selector) = object.get("spec.selector") else {
        return;
    };
    let at = format!("{path}.spec.selector");
    let text = format!("{} {}", space(object), written(selector));
    if let Some((first, _)) = seen.iter().find(|(_, other)| *other == text) {
        let finding = say(
            at,
            selector.key_place(),
            "the selector of another budget".to_owned(),
            WHY,
        );
        findings.push(
            finding
                .fix("remove one of the two objects")
                .related(first.place, "the other one"),
        );
        return;
    }
    seen.push((selector, text));
    let Some(labels) = selector
        .child("matchLabels")
        .filter(|_| selector.entries().len() == 1)
    else {
        return;
    };
    // In a namespace that is named others may have pods with the label `app`, too.
    if !space(object).is_empty() && labels.child("vllm-monitoring/model").is_none() {
        return;
    }
    let models = deployed(values);
    let covered = models.iter().find(|model| {
        let own = model
            .node
            .get("deploy.podDisruptionBudget.enabled")
            .and_then(Node::as_bool);
        own != Some(false) && selects(values, model, labels)
    });
    let Some(model) = covered else { return };
    let bound = ["minAvailable", "maxUnavailable"].iter().find_map(|key| {
        let node = object.get(&format!("spec.{key}"))?;
        Some(format!("{key}: {}", written(node)))
    });
    let own = model.node.get("deploy.podDisruptionBudget");
    let finding = say(
        at,
        selector.key_place(),
        format!("the pods of {:?}, for which the chart has a budget itself", model.name),
        WHY,
    )
    .fix(format!(
        "remove this object and write podDisruptionBudget: {{{}}} below deploy, or keep it and write podDisruptionBudget: {{enabled: false}}",
        bound.unwrap_or_default()
    ));
    findings.push(finding.related(own.unwrap_or(model.node).place, "the chart's budget"));
}

fn scaler<'a>(
    path: &str,
    object: &'a Node,
    seen: &mut Vec<(&'a Node, String)>,
    findings: &mut Findings,
) {
    let Some(target) = object.get("spec.scaleTargetRef") else {
        return;
    };
    let part = |key: &str| {
        target
            .child(key)
            .and_then(Node::as_str)
            .unwrap_or("Deployment")
    };
    let Some(name) = plain(target, "name") else {
        return;
    };
    let text = format!("{} {} {name}", space(object), part("kind"));
    if let Some((first, _)) = seen.iter().find(|(_, other)| *other == text) {
        let finding = say(
            format!("{path}.spec.scaleTargetRef.name"),
            target.child("name").unwrap_or(target).place,
            format!("a second autoscaler of {name}"),
            "Each resets the number of replicas that the other one set.",
        );
        findings.push(
            finding
                .fix("keep one object, with the triggers or metrics of both")
                .related(first.place, "the first one"),
        );
        return;
    }
    seen.push((target, text));
}

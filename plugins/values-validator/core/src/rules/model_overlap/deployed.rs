//! Selectors that pick the pods which the chart deploys for another entry.

use super::RULE;
use crate::rules::look::{Model, models};
use crate::{Findings, Node, Values};

/// Labels that the chart gives the pods of each model.
const LABELS: [(&str, &str); 2] = [("app", "vllm"), ("app.kubernetes.io/component", "vllm")];

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let models = models(values);
    for wide in &models {
        let Some(labels) = labels(wide) else { continue };
        let other = models
            .iter()
            .find(|other| other.path != wide.path && picked(&labels, values, wide, other));
        let Some(other) = other else { continue };
        let selector = wide.node.child("selector");
        let at = selector.unwrap_or(wide.node);
        let finding = RULE.finds(
            format!("{}.selector", wide.path),
            &selector.map_or(at.place, Node::key_place),
            format!("every pod of {:?} is picked as well", other.name),
            text!("selectors that no pod matches twice"),
            text!("These pods are scraped for both entries, and each request counts in both."),
        );
        let finding = finding.related(other.node.place, "the entry that is deployed");
        findings.push(match selector {
            Some(node) if wide.deploy.is_some() => {
                finding.fix("remove selector: the chart selects the pods that it deploys by a label of their own").remove(node)
            }
            _ => finding.fix(
                "add the label that only its pods have, or selectorExpressions: [{key: vllm-monitoring/model, operator: DoesNotExist}] for pods that the chart does not deploy",
            ),
        });
    }
}

/// The labels that an entry selects by; nothing where something else narrows it, or the chart selects its own.
fn labels<'a>(wide: &Model<'a>) -> Option<Vec<(&'a str, &'a str)>> {
    let list = |key: &str| wide.node.child(key).map_or(&[][..], Node::items);
    let spaces = list("namespaces");
    let elsewhere = !spaces.is_empty() && !spaces.iter().any(|space| space.as_str() == Some("*"));
    if elsewhere || !list("selectorExpressions").is_empty() || wide.node.child("monitor").is_some()
    {
        return None;
    }
    match wide
        .node
        .child("selector")
        .filter(|labels| labels.entries().len() > 0)
    {
        Some(labels) => labels
            .entries()
            .map(|(key, value)| Some((key, value.as_str()?)))
            .collect(),
        None if wide.deploy.is_none() => Some(vec![LABELS[0]]),
        None => None,
    }
}

/// Whether they are labels of the pods of another entry, at the same ports.
fn picked(labels: &[(&str, &str)], values: &Values, wide: &Model<'_>, other: &Model<'_>) -> bool {
    let Some(deploy) = other.deploy else {
        return false;
    };
    let added = [deploy.child("podLabels"), values.get("commonLabels")];
    let has = |(key, value): &(&str, &str)| {
        LABELS.contains(&(*key, *value))
            || *key == "vllm-monitoring/model" && *value == other.slug()
            || added
                .iter()
                .flatten()
                .any(|map| map.child(key).and_then(Node::as_str) == Some(value))
    };
    let port = |model: &Model<'_>| {
        model
            .node
            .child("port")
            .map_or_else(|| "8000".to_owned(), Node::described)
    };
    let several = [wide, other]
        .iter()
        .any(|model| model.node.child("ports").is_some());
    labels.iter().all(has) && !several && port(wide) == port(other)
}

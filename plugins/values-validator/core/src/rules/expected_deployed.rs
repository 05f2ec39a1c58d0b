//! What is expected of a model must be what this chart deploys. A `selector` of one's own picks pods by
//! labels that the deployed ones must carry (`podLabels`), or none of them is ever counted; `workload`
//! takes the number of `replicas: auto` from somebody else's Deployment.

mod clusters;

use super::Rule;
use super::look::{Model, models};
use crate::node::{Node, Values, join};
use crate::sorted::Sorted;
use crate::{Findings, Severity};

/// `models[].selector` and `workload` against `deploy`.
pub const RULE: Rule = Rule {
    code: "expected-deployed",
    severity: Severity::Warning,
    title: text!("Other pods are expected than are deployed"),
    check,
};

/// A label whose value is the release's name, which values do not know.
const INSTANCE: &str = "app.kubernetes.io/instance";

/// Labels of the deployed pods, as the chart's template `modelPodLabels` makes them.
fn labels(values: &Values, model: &Model<'_>, deploy: &Node) -> Sorted<String> {
    let given = [values.get("commonLabels"), deploy.child("podLabels")];
    let text = |node: &Node| node.as_str().unwrap_or("").to_owned();
    let mut labels: Sorted<String> = given
        .into_iter()
        .flatten()
        .flat_map(Node::entries)
        .map(|(key, value)| (key, text(value)))
        .collect();
    let name = values.get("nameOverride").map(text).unwrap_or_default();
    let name = if name.is_empty() {
        "vllm-monitoring".to_owned()
    } else {
        name
    };
    for (key, value) in [
        ("app", "vllm".to_owned()),
        ("app.kubernetes.io/name", name),
        ("app.kubernetes.io/component", "vllm".to_owned()),
        ("vllm-monitoring/model", model.slug()),
    ] {
        labels.insert(key, value);
    }
    labels
}

fn check(values: &Values, findings: &mut Findings) {
    if crate::FULL {
        clusters::check(values, findings);
    }
    for model in models(values) {
        let Some(deploy) = model.deploy else {
            continue;
        };
        let have = labels(values, &model, deploy);
        let selector = model
            .node
            .child("selector")
            .into_iter()
            .flat_map(Node::entries);
        let lacking = selector
            .filter(|(key, _)| *key != INSTANCE)
            .find_map(|(key, node)| {
                let wanted = node.as_str()?;
                (have.get(key).map(String::as_str) != Some(wanted)).then_some((key, node, wanted))
            });
        if let Some((key, node, wanted)) = lacking {
            findings.push(
                RULE.finds(join(&join(&model.path, "selector"), key), &node.place, match have.get(key) {
                        Some(value) => format!("{key}={wanted}, and the deployed pods have {value}"),
                        None => format!("{key}={wanted}, which the deployed pods have not"),
                    }, text!("labels of the pods that this chart deploys"), text!("No pod of the Deployment is watched, and all of them count as missing."))
                    .fix(text!("leave selector out: the chart knows its own pods; or add the label to deploy.podLabels")),
            );
        }
        let asked = model.autoscaling().is_some()
            || model.node.child("replicas").and_then(Node::as_str) == Some("auto");
        let other = model.node.child("workload").filter(|w| {
            w.as_str()
                .is_some_and(|name| !name.is_empty() && !name.ends_with(&model.slug()))
        });
        if let (true, Some(workload)) = (asked, other) {
            findings.push(
                RULE.finds(
                    join(&model.path, "workload"),
                    &workload.place,
                    format!(
                        "{}, of a model that this chart deploys",
                        workload.described()
                    ),
                    text!("no workload: the chart knows its own Deployment"),
                    text!("As many replicas would be expected as another workload wants."),
                )
                .fix(text!("leave workload out")),
            );
        }
    }
}

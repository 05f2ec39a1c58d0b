//! What extra objects select by the label that the chart gives a model's pods, and the port that they ask there.

use super::RULE;
use super::chart::{deployed, port, selects};
use super::refusal::plain;
use crate::node::{item, join};
use crate::rules::look::Model;
use crate::shape::nearest;
use crate::{Findings, Node, Values};

const LABEL: &str = "vllm-monitoring/model";

/// The labels by which an object selects pods, and where they stand.
fn selector<'a>(path: &str, kind: &str, object: &'a Node) -> Option<(String, &'a Node)> {
    let below = match kind {
        "Service" => "spec.selector",
        "PodDisruptionBudget"
        | "PodMonitor"
        | "ServiceMonitor"
        | "VMPodScrape"
        | "PodMonitoring" => "spec.selector.matchLabels",
        "NetworkPolicy" => "spec.podSelector.matchLabels",
        _ => return None,
    };
    Some((format!("{path}.{below}"), object.get(below)?))
}

pub(super) fn check(values: &Values, path: &str, object: &Node, findings: &mut Findings) {
    let models = deployed(values);
    let Some(kind) = plain(object, "kind").filter(|_| !models.is_empty()) else {
        return;
    };
    let Some((at, labels)) = selector(path, kind, object) else {
        return;
    };
    if let Some(node) = labels.child(LABEL) {
        label(&join(&at, LABEL), node, &models, findings);
    }
    if kind == "Service" {
        let selected: Vec<_> = (models.iter())
            .filter(|model| selects(values, model, labels))
            .collect();
        // Each of several models has a port of its own.
        if let [model] = selected[..] {
            ports(&format!("{path}.spec.ports"), object, model, findings);
        }
    }
}

/// The value of the label: the entry's name as a part of objects' names.
fn label(path: &str, node: &Node, models: &[Model<'_>], findings: &mut Findings) {
    let Some(text) = node.as_str().filter(|text| !text.contains("{{")) else {
        return;
    };
    let slugs: Vec<String> = models.iter().map(Model::slug).collect();
    if slugs.iter().any(|slug| slug == text) {
        return;
    }
    let of = |model: &&Model<'_>| {
        let weights = model
            .deploy
            .and_then(|deploy| deploy.child("model"))
            .and_then(Node::as_str)
            .unwrap_or("");
        let last = weights.rsplit('/').next().unwrap_or(weights);
        let served = model
            .node
            .get("deploy.servedNames")
            .map_or(&[][..], Node::items);
        let same = |name: &str| {
            name.eq_ignore_ascii_case(text)
                || name.to_ascii_lowercase().replace(['.', '_', '/'], "-") == text
        };
        same(model.name)
            || same(weights)
            || same(last)
            || served.iter().filter_map(Node::as_str).any(same)
    };
    let meant = models.iter().find(of).map(Model::slug);
    let near = nearest(text, slugs.iter().map(String::as_str)).map(str::to_owned);
    let only = slugs.first().filter(|_| slugs.len() == 1).cloned();
    let finding = RULE
        .warning(path, &node.place)
        .found(format!(
            "{LABEL}: {text}, which no pod has that the chart deploys"
        ))
        .expected(slugs.join(", "))
        .why("The label is made of the entry's name: the object selects no pod.");
    findings.push(match meant.or(near).or(only) {
        Some(slug) => finding.writes(node.place, &slug),
        None => finding.fix(format!("write one of {}", slugs.join(", "))),
    });
}

/// Ports of a Service before a model's pods, which listen at one.
fn ports(path: &str, object: &Node, model: &Model<'_>, findings: &mut Findings) {
    let Some(own) = port(model) else { return };
    for (at, one) in object
        .get("spec.ports")
        .map_or(&[][..], Node::items)
        .iter()
        .enumerate()
    {
        let path = item(path, at);
        let target = one.child("targetPort");
        let wrong = match target {
            Some(node) => match (node.as_i64(), node.as_str()) {
                (Some(number), _) => number != own,
                (_, Some(name)) => name != "http" && !name.contains("{{"),
                _ => false,
            },
            None => one
                .child("port")
                .and_then(Node::as_i64)
                .is_some_and(|number| number != own),
        };
        if !wrong {
            continue;
        }
        let node = target.or_else(|| one.child("port")).unwrap_or(one);
        // Containers beside vLLM have ports of their own.
        if model.node.get("deploy.extraContainers").is_some()
            || model.node.get("deploy.initContainers").is_some()
        {
            continue;
        }
        let finding = RULE
            .warning(
                join(
                    &path,
                    if target.is_some() {
                        "targetPort"
                    } else {
                        "port"
                    },
                ),
                &node.place,
            )
            .found(format!(
                "{}, where the pods listen at {own}, the port http",
                node.described()
            ))
            .expected("targetPort: http")
            .why("Nothing listens at that port of the pods: each connection is refused.");
        findings.push(match target {
            Some(node) => finding.writes(node.place, "http"),
            None => finding.fix("add targetPort: http to the port"),
        });
    }
}

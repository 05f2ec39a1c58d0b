//! Steps that keep what this release does not send: another namespace, another cluster, a label in capital letters.

use super::RULE;
use crate::node::{item, join};
use crate::rules::look::{models, on};
use crate::{Findings, Node, Values, re2};

/// Labels of vLLM's series and of recorded ones.
const LABELS: [&str; 6] = [
    "namespace",
    "pod",
    "model",
    "model_name",
    "cluster",
    "instance",
];

/// Texts that a label has; none where that is not known.
fn texts<'a>(values: &'a Values, label: &str) -> Option<Vec<&'a str>> {
    match label {
        "cluster" => {
            let own = values.get("prometheus.externalLabels.cluster")?.as_str()?;
            (!own.contains('$')).then(|| vec![own])
        }
        "namespace"
            if on(values, "metrics.scrape.enabled")
                && values.list("prometheus.scrapeConfigs").next().is_none() =>
        {
            let mut all = Vec::new();
            for model in models(values) {
                let own = model.node.child("namespaces").map_or(&[][..], Node::items);
                if own.is_empty() || model.deploy.is_some() {
                    return None;
                }
                all.extend(own.iter().filter_map(Node::as_str));
            }
            (!all.is_empty() && !all.contains(&"*")).then_some(all)
        }
        _ => None,
    }
}

pub(super) fn kept(values: &Values, path: &str, server: &Node, findings: &mut Findings) {
    let key = "write_relabel_configs";
    let steps = server.child(key).map_or(&[][..], Node::items);
    for (at, step) in steps.iter().enumerate() {
        let path = item(&join(path, key), at);
        // A step before it may have written the label.
        let written = steps[..at]
            .iter()
            .any(|step| step.child("target_label").is_some());
        let keep = step.child("action").and_then(Node::as_str) == Some("keep");
        let [label] = step.child("source_labels").map_or(&[][..], Node::items) else {
            continue;
        };
        let (Some(name), Some(node), true) =
            (label.as_str(), step.child("regex"), keep && !written)
        else {
            continue;
        };
        let mut finding = RULE.warning(join(&path, "regex"), node.place);
        let lower = name.to_ascii_lowercase().replace('-', "_");
        if lower != name
            && LABELS.contains(&lower.as_str())
            && values
                .get(&format!("prometheus.externalLabels.{name}"))
                .is_none()
        {
            finding.path = format!("{path}.source_labels[0]");
            finding.place = Some(label.place);
            findings.push(
                finding
                    .found(format!("the label {name}, which no series has"))
                    .expected(lower.as_str())
                    .why("The label is empty everywhere, so nothing is kept: nothing is sent.")
                    .writes(label.place, &lower),
            );
            continue;
        }
        let text = node.as_str().unwrap_or_default();
        let (Some(known), Some(pattern)) = (texts(values, name), re2::whole(text)) else {
            continue;
        };
        if known.iter().any(|one| pattern.is_match(one)) || pattern.is_match("") {
            continue;
        }
        let new = known.join("|");
        findings.push(
            finding
                .found(format!("keep {name} {text:?}"))
                .expected(format!(
                    "{name} of what this release sends: {}",
                    known.join(", ")
                ))
                .why("No series of vLLM has this text: none of them is sent.")
                .quotes(node.place, &new),
        );
    }
}

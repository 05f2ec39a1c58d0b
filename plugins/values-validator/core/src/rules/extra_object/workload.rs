//! Workloads, what they claim, and what scales and protects them.

use super::RULE;
use super::refusal::{flat, plain, refused};
use crate::node::join;
use crate::shape::written;
use crate::{Findings, Node, units};

/// The selector of a workload against the labels of its pods.
pub(super) fn selected(path: &str, spec: &Node, findings: &mut Findings) {
    let labels = spec.get("template.metadata.labels");
    let Some(selector) = spec.child("selector") else {
        let labels = labels.map_or_else(|| "{app: <name>}".to_owned(), written);
        findings.push(
            refused(
                path,
                spec.key_place(),
                "a workload without selector",
                "selector.matchLabels, as the labels of its pods",
            )
            .fix(format!("add selector: {{matchLabels: {labels}}}")),
        );
        return;
    };
    let path = join(path, "selector");
    flat(&path, selector, findings);
    let Some(wanted) = selector.child("matchLabels") else {
        return;
    };
    for (key, value) in wanted.entries() {
        let Some(text) = value.as_str().filter(|text| !text.contains("{{")) else {
            continue;
        };
        let own = labels.and_then(|labels| labels.child(key));
        let there = own.and_then(Node::as_str);
        if there.is_some_and(|own| own == text || own.contains("{{")) {
            continue;
        }
        let finding = refused(
            join(&join(&path, "matchLabels"), key),
            value.place,
            format!("{key}: {text}, which the pods of the template do not have"),
            "labels of template.metadata.labels",
        );
        findings.push(match (there, own) {
            (Some(label), Some(node)) => finding
                .writes(value.place, label)
                .related(node.place, "the pods' label"),
            _ => finding.fix(format!("add {key}: {text} to template.metadata.labels")),
        });
    }
}

/// A claim: its modes are a list, its size is below `resources.requests.storage`.
pub(super) fn claim(path: &str, spec: &Node, findings: &mut Findings) {
    if let Some(modes) = spec.child("accessModes")
        && let Some(mode) = modes.as_str()
    {
        findings.push(
            refused(
                join(path, "accessModes"),
                modes.place,
                modes.described(),
                "a list of modes",
            )
            .writes(modes.place, &format!("[{mode}]")),
        );
    }
    let size = spec.get("resources.requests.storage");
    if size.is_none() {
        findings.push(
            refused(
                path,
                spec.key_place(),
                "a claim without its size",
                "resources.requests.storage",
            )
            .fix("add resources: {requests: {storage: 100Gi}}"),
        );
    }
    if let Some(node) = size
        && let Some(text) = node.as_str().filter(|text| !text.contains("{{"))
        && units::quantity(text).is_none()
    {
        let digits = text
            .trim_end_matches(|c: char| c.is_ascii_alphabetic())
            .trim();
        let unit = text.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
        let finding = refused(
            format!("{path}.resources.requests.storage"),
            node.place,
            node.described(),
            "a quantity such as 100Gi",
        );
        findings.push(match unit.chars().next().map(|c| c.to_ascii_uppercase()) {
            Some(c @ ('K' | 'M' | 'G' | 'T')) if units::quantity(digits).is_some() => {
                finding.writes(node.place, &format!("{digits}{c}i"))
            }
            _ => finding.fix("write a number with Mi, Gi or Ti behind it"),
        });
    }
}

/// A disruption budget has one of its two bounds.
pub(super) fn budget(path: &str, spec: &Node, findings: &mut Findings) {
    if let (Some(least), Some(most)) = (spec.child("minAvailable"), spec.child("maxUnavailable")) {
        findings.push(
            refused(
                join(path, "maxUnavailable"),
                most.key_place(),
                "minAvailable and maxUnavailable",
                "one of them",
            )
            .fix("remove minAvailable, or remove maxUnavailable")
            .related(least.key_place(), "minAvailable"),
        );
    }
    if let Some(selector) = spec.child("selector") {
        flat(&join(path, "selector"), selector, findings);
    }
}

/// An autoscaler: metrics of `autoscaling/v2`, and a target whose kind can be found.
pub(super) fn scaled(path: &str, spec: &Node, findings: &mut Findings) {
    let metrics = spec.child("metrics").map_or(&[][..], Node::items);
    for (at, metric) in metrics.iter().enumerate() {
        let Some(resource) = metric.child("resource") else {
            continue;
        };
        for (key, kind, field) in [
            (
                "targetAverageUtilization",
                "Utilization",
                "averageUtilization",
            ),
            ("targetAverageValue", "AverageValue", "averageValue"),
        ] {
            if let Some(node) = resource.child(key) {
                let value = written(node);
                findings.push(
                    refused(
                        format!("{path}.metrics[{at}].resource.{key}"),
                        node.key_place(),
                        format!("{key}, of autoscaling/v2beta1"),
                        format!("target: {{type: {kind}, {field}: …}}"),
                    )
                    .fix(format!(
                        "write target: {{type: {kind}, {field}: {value}}} instead"
                    )),
                );
            }
        }
    }
    if let Some(target) = spec.child("scaleTargetRef")
        && target.child("apiVersion").is_none()
        && let Some("Deployment" | "StatefulSet" | "ReplicaSet") = plain(target, "kind")
    {
        let finding = RULE
            .warning(join(path, "scaleTargetRef"), &target.key_place())
            .found("scaleTargetRef without apiVersion")
            .expected("apiVersion: apps/v1")
            .why("The autoscaler looks for the kind in the group v1, which does not have it, and never scales.")
            .fix("add apiVersion: apps/v1 to scaleTargetRef");
        findings.push(finding);
    }
}

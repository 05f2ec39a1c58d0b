//! What a role allows.

use super::RULE;
use super::refusal::refused;
use crate::shape::written;
use crate::{Findings, Node};

pub(super) fn check(path: &str, object: &Node, findings: &mut Findings) {
    for (at, rule) in object
        .child("rules")
        .map_or(&[][..], Node::items)
        .iter()
        .enumerate()
    {
        let path = format!("{path}.rules[{at}]");
        for key in ["apiGroups", "verbs"] {
            let lacks = rule.child(key).is_none_or(|node| node.items().is_empty());
            if lacks && (key == "verbs" || rule.child("nonResourceURLs").is_none()) {
                let example = if key == "verbs" {
                    "[get, list, watch]"
                } else {
                    "[\"\"] for pods, services and the like, [apps] for deployments"
                };
                findings.push(
                    refused(
                        path.clone(),
                        rule.place,
                        format!("a rule without {key}"),
                        "apiGroups, resources and verbs",
                    )
                    .fix(format!("add {key}: {example}")),
                );
            }
        }
        let mut nothing = |key: &str, at: usize, node: &Node, expected: &str, new: &str| {
            let finding = RULE
                .warning(format!("{path}.{key}[{at}]"), &node.place)
                .found(written(node))
                .expected(expected)
                .why(
                    "The API server takes it, and it names nothing: requests are refused with 403.",
                )
                .writes(node.place, new);
            findings.push(finding);
        };
        for (at, node) in rule
            .child("apiGroups")
            .map_or(&[][..], Node::items)
            .iter()
            .enumerate()
        {
            match node.as_str() {
                Some("v1" | "core" | "core/v1") => nothing(
                    "apiGroups",
                    at,
                    node,
                    "the group alone; of pods, services and the like it is empty",
                    "\"\"",
                ),
                Some(text) => {
                    if let Some((group, version)) = text.split_once('/')
                        && version.starts_with('v')
                    {
                        nothing(
                            "apiGroups",
                            at,
                            node,
                            "the group without its version",
                            group,
                        );
                    }
                }
                None => {}
            }
        }
        for (at, node) in rule
            .child("resources")
            .map_or(&[][..], Node::items)
            .iter()
            .enumerate()
        {
            const SINGULAR: [&str; 14] = [
                "pod",
                "service",
                "configmap",
                "secret",
                "node",
                "endpoint",
                "namespace",
                "event",
                "deployment",
                "statefulset",
                "replicaset",
                "daemonset",
                "job",
                "lease",
            ];
            let Some(text) = node.as_str() else { continue };
            let lower = text.to_ascii_lowercase();
            let plural = if SINGULAR.contains(&lower.as_str()) {
                format!("{lower}s")
            } else {
                lower
            };
            if plural != text && !text.contains("{{") {
                nothing(
                    "resources",
                    at,
                    node,
                    "the resource's name: plural, in small letters",
                    &plural,
                );
            }
        }
    }
}

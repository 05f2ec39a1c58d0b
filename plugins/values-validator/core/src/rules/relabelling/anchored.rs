//! Patterns are anchored: one without an end for any text fits a whole name alone.

use crate::finding::in_quotes;
use crate::node::{item, join};
use crate::rules::Rule;
use crate::{Findings, Node};

/// Steps that keep a pod by the beginning of its name: a hash or a number comes behind it.
pub(super) fn pods(rule: &Rule, path: &str, steps: &[Node], findings: &mut Findings) {
    for (at, step) in steps.iter().enumerate() {
        let action = step.child("action").and_then(Node::as_str);
        let labels = step.child("source_labels").map_or(&[][..], Node::items);
        let [label] = labels else { continue };
        let of_pods = label.as_str() == Some("__meta_kubernetes_pod_name");
        let (true, Some("keep" | "drop"), Some(node)) = (of_pods, action, step.child("regex"))
        else {
            continue;
        };
        let text = node.as_str().unwrap_or_default();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let last = text.rsplit('-').next().unwrap_or_default();
        // The pods of a StatefulSet end in numbers, those of a Deployment in five letters.
        let whole = !last.is_empty() && last.chars().all(|c| c.is_ascii_digit())
            || last.len() == 5 && last.contains(|c: char| c.is_ascii_digit());
        if text.is_empty() || !text.chars().all(plain) || whole {
            continue;
        }
        let new = format!("{}-.+", text.trim_end_matches('-'));
        let finding = rule
            .warning(join(&item(path, at), "regex"), &node.place)
            .found(format!("{text:?}, which a whole name must be"))
            .expected("a pattern of the whole name: a hash or a number ends it")
            .why(if action == Some("keep") {
                "No pod has this name: every target is dropped."
            } else {
                "No pod has this name: nothing is dropped."
            })
            .fix(format!("write {}", in_quotes(&new)))
            .replace(node.place, in_quotes(&new));
        findings.push(finding);
    }
}

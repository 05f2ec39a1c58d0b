//! Recording rules with fields that only alerts have.

use super::say;
use crate::node::{item, join};
use crate::{Findings, Node};

/// The rules of a PrometheusRule's `groups`.
pub(super) fn check(path: &str, object: &Node, findings: &mut Findings) {
    let groups = object.get("spec.groups").map_or(&[][..], Node::items);
    for (i, group) in groups.iter().enumerate() {
        let rules = group.child("rules").map_or(&[][..], Node::items);
        for (j, rule) in rules.iter().enumerate() {
            let path = item(&format!("{path}.spec.groups[{i}].rules"), j);
            if rule.child("record").is_none() {
                continue;
            }
            for key in ["for", "keep_firing_for", "annotations", "alert"] {
                let Some(node) = rule.child(key) else {
                    continue;
                };
                findings.push(
                    say(
                        join(&path, key),
                        node.key_place(),
                        format!("{key} in a recording rule"),
                        "record, expr and labels",
                    )
                    .why("The operator refuses the object, or Prometheus its whole group: nothing of it is evaluated.")
                    .fix(format!("remove {key}, or write alert in place of record"))
                    .remove(node),
                );
            }
        }
    }
}

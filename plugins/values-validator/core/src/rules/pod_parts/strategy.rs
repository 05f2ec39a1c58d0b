//! How a Deployment replaces its pods.

use super::{REFUSED, RULE};
use crate::node::join;
use crate::{Findings, Node};

/// Whether a number of pods is above those that there are.
fn above(text: &str, replicas: Option<i64>) -> bool {
    text.parse::<i64>()
        .is_ok_and(|count| count > replicas.unwrap_or(1))
}

pub(super) fn strategy(path: &str, node: &Node, replicas: Option<i64>, findings: &mut Findings) {
    let Some(rolling) = node.child("rollingUpdate") else {
        return;
    };
    if node.child("type").and_then(Node::as_str) == Some("Recreate") {
        let mut finding = RULE
            .finds(
                join(path, "rollingUpdate"),
                &rolling.place,
                text!("type Recreate with rollingUpdate"),
                text!("Recreate alone, or RollingUpdate with its numbers"),
                REFUSED,
            )
            .fix(text!("remove rollingUpdate, or write type: RollingUpdate"))
            .related(node.child("type").unwrap_or(node).place, "the type");
        if crate::FULL {
            finding = finding.fix("write type: RollingUpdate, which these numbers belong to; for Recreate, which ends all replicas before new ones start, remove rollingUpdate");
        }
        findings.push(finding);
        return;
    }
    for key in ["maxSurge", "maxUnavailable"] {
        if let Some(node) = rolling.child(key)
            && let Some(text) = node.as_str().filter(|text| text.parse::<u32>().is_ok())
        {
            let finding = RULE.finds(
                format!("{path}.rollingUpdate.{key}"),
                &node.place,
                node.described(),
                text!("a number, or a percentage such as 25%"),
                REFUSED,
            );
            // More pods than there are: a part of a hundred was meant.
            findings.push(if crate::FULL && above(text, replicas) {
                finding.fix(format!("write {text}%, or {text} for as many pods"))
            } else {
                finding.writes(node.place, text)
            });
        }
    }
    let zero = |key: &str| {
        rolling
            .child(key)
            .filter(|n| n.as_i64() == Some(0) || matches!(n.as_str(), Some("0" | "0%")))
    };
    if let (Some(_), Some(unavailable)) = (zero("maxSurge"), zero("maxUnavailable")) {
        findings.push(
            RULE.finds(
                format!("{path}.rollingUpdate.maxUnavailable"),
                &unavailable.place,
                text!("maxSurge 0 and maxUnavailable 0"),
                text!("one of them above 0"),
                text!("No pod may be added and none taken away: the API server refuses it."),
            )
            .fix(text!("write maxUnavailable: 1, which needs no spare GPUs")),
        );
    }
}

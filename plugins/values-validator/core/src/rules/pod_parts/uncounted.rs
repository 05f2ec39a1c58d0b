//! Pods that a rule of the scheduler counts are those of its `labelSelector`: without one it counts none.

use super::RULE;
use crate::node::{item, join};
use crate::{Findings, Node};

/// Terms of an affinity between pods without a selector.
pub(super) fn terms(path: &str, affinity: &Node, findings: &mut Findings) {
    let (required, preferred) = (
        "requiredDuringSchedulingIgnoredDuringExecution",
        "preferredDuringSchedulingIgnoredDuringExecution",
    );
    let list = |key: &str| affinity.child(key).map_or(&[][..], Node::items);
    let required = (list(required).iter().enumerate())
        .map(|(at, term)| (item(&join(path, required), at), Some(term)));
    let preferred = (list(preferred).iter().enumerate()).map(|(at, term)| {
        let path = item(&join(path, preferred), at);
        (
            join(&path, "podAffinityTerm"),
            term.child("podAffinityTerm"),
        )
    });
    for (path, term) in required.chain(preferred) {
        let Some(term) = term.filter(|term| term.child("topologyKey").is_some()) else {
            continue;
        };
        if term.child("labelSelector").is_none() {
            findings.push(without(path, term, "labelSelector: {matchLabels: {<label>: <value>}} with a label of the pods that are meant"));
        }
    }
}

/// A rule that counts no pod.
pub(super) fn without(path: String, rule: &Node, selector: &str) -> crate::Finding {
    RULE.warning(path, &rule.place)
        .found("a rule without labelSelector")
        .expected("the labels of the pods that it counts")
        .why("Without labelSelector it counts no pod and has no effect: the pods may all be on one node.")
        .fix(format!("add {selector}"))
}

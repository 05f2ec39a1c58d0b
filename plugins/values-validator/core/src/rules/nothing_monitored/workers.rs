//! Of the pods of a group that serves one model together the first alone answers requests and has metrics.

use super::RULE;
use crate::node::{item, join};
use crate::rules::look::models;
use crate::{Findings, Node, Values};

/// The label of a pod in a group, and the value that the one with vLLM's server has. Ray Serve has servers on its
/// workers, too.
const LEADER: (&str, &str) = ("leaderworkerset.sigs.k8s.io/worker-index", "0");

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let (key, leader) = LEADER;
    for model in models(values) {
        let label = model.node.child("selector").and_then(|all| all.child(key));
        if let Some(node) = label
            && node.as_str().is_some_and(|value| value != leader)
        {
            let path = join(&format!("{}.selector", model.path), key);
            findings.push(says(path, node, key, leader).quotes(node.place, leader));
        }
        let list = model.node.child("selectorExpressions");
        for (at, one) in list.map_or(&[][..], Node::items).iter().enumerate() {
            if one.child("key").and_then(Node::as_str) == Some(key) && leaves(one, leader) {
                let path = item(&format!("{}.selectorExpressions", model.path), at);
                let fix = format!("write {{key: {key}, operator: In, values: [{leader:?}]}}");
                findings.push(says(path, one, key, leader).fix(fix));
            }
        }
    }
}

/// Whether a condition picks no pod with a server.
fn leaves(one: &Node, leader: &str) -> bool {
    let named = one.child("values").map_or(&[][..], Node::items);
    let named = named.iter().any(|value| value.as_str() == Some(leader));
    match one.child("operator").and_then(Node::as_str) {
        Some("In") => !named,
        Some("NotIn") => named,
        _ => false,
    }
}

fn says(path: String, node: &Node, key: &str, leader: &str) -> crate::Finding {
    RULE.warning(path, &node.place)
        .found(format!("{key} of pods without vLLM's server"))
        .expected(format!("{key}: {leader:?}, the pod with vLLM's server"))
        .why("The other pods of a group compute for it and have no server: every scrape fails, and VllmReplicaDown fires.")
}

//! The lists of peers of the chart's NetworkPolicies: what is in them, and what to say where somebody is missing.

use super::RULE;
use crate::{Findings, Node, Values};

pub(super) fn empty(values: &Values, list: &str) -> bool {
    values
        .list(&format!("networkPolicies.{list}"))
        .next()
        .is_none()
}

/// A warning at the list, or where it would stand.
pub(super) fn say(
    values: &Values,
    list: &str,
    at: &Node,
    found: &str,
    why: &str,
    peer: &str,
    findings: &mut Findings,
) {
    let path = format!("networkPolicies.{list}");
    let switch = if list.starts_with("egress") {
        "networkPolicies.egress.enabled"
    } else {
        "networkPolicies.enabled"
    };
    let given = values.get(&path).filter(|node| !node.is_default());
    let Some(node) = given.or_else(|| values.get(switch)) else {
        return;
    };
    let key = list.rsplit('.').next().unwrap_or(list);
    findings.push(
        RULE.warning(path.clone(), &node.key_place())
            .found(found)
            .expected(format!("its peers in {path}"))
            .why(why)
            .fix(format!(
                "add {key}: [{peer}] to {}",
                path.rsplit_once('.')
                    .map_or("networkPolicies", |(above, _)| above)
            ))
            .related(at.key_place(), "what needs it"),
    );
}

pub(super) fn namespace(name: &str) -> String {
    format!("{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {name}}}}}}}")
}

/// The namespaces of a list of peers; none where one is not certain.
pub(super) fn namespaces(values: &Values, list: &str) -> Option<Vec<String>> {
    let peers = values.list(&format!("networkPolicies.{list}"));
    peers.map(|(_, peer)| own_namespace(peer)).collect()
}

/// The one namespace of a peer; none where that is not certain.
fn own_namespace(peer: &Node) -> Option<String> {
    let labels = peer.get("namespaceSelector.matchLabels")?;
    let name = labels.child("kubernetes.io/metadata.name")?.as_str()?;
    (peer.child("namespaceSelector")?.entries().count() == 1).then(|| name.to_owned())
}

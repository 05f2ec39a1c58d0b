//! A field of the pod that a variable takes its value from.

use super::{REFUSED, RULE};
use crate::{Findings, Node};

/// What the downward API gives.
pub(super) fn field(path: &str, node: &Node, findings: &mut Findings) {
    const FIELDS: [&str; 9] = [
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    ];
    let Some(text) = node.as_str() else { return };
    let keyed = text.starts_with("metadata.labels[") || text.starts_with("metadata.annotations[");
    // A file of a volume has all of them, a variable one.
    let all = matches!(text, "metadata.labels" | "metadata.annotations");
    if keyed || FIELDS.contains(&text) || (all && path.contains(".items[")) {
        return;
    }
    let finding = RULE.finds(
        path,
        &node.place,
        node.described(),
        text!("a field such as status.podIP, metadata.name or spec.nodeName"),
        REFUSED,
    );
    let near = FIELDS
        .iter()
        .find(|known| known.eq_ignore_ascii_case(text))
        .copied();
    findings.push(match near.or_else(|| crate::shape::nearest(text, FIELDS)) {
        Some(near) => finding.meant(node.place, near),
        None => finding.fix(text!("write status.podIP, metadata.name or spec.nodeName")),
    });
}

//! Families of addresses of a Service against its policy.

use super::RULE;
use crate::node::join;
use crate::{Findings, Node};

pub(super) fn families(path: &str, node: &Node, findings: &mut Findings) {
    let policy = node.child("ipFamilyPolicy");
    let list = node.child("ipFamilies");
    let count = list.map_or(0, |list| list.items().len());
    let word = policy.and_then(Node::as_str);
    if count > 1
        && word.is_none_or(|word| word == "SingleStack")
        && let Some(at) = policy.or(list)
    {
        let finding = RULE
            .at(join(path, "ipFamilyPolicy"), &at.place)
            .found(format!("{count} families with ipFamilyPolicy: SingleStack"))
            .expected("PreferDualStack or RequireDualStack for two families")
            .why("The API server refuses it: helm install stops.");
        findings.push(match policy {
            Some(node) => finding.writes(node.place, "PreferDualStack"),
            None => finding.fix("add ipFamilyPolicy: PreferDualStack"),
        });
    }
}

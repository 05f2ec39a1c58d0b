//! The label of nodes over which pods are spread.

use super::{REFUSED, RULE};
use crate::{Findings, Node};

/// A label of nodes without its prefix.
pub(super) fn short(path: &str, node: &Node, findings: &mut Findings) {
    let full = match node.as_str().unwrap_or("") {
        "zone" => "topology.kubernetes.io/zone",
        "region" => "topology.kubernetes.io/region",
        "hostname" | "host" | "node" => "kubernetes.io/hostname",
        _ => "",
    };
    if !full.is_empty() {
        let finding = RULE.finds(path, &node.place, node.described(), text!(
                "a label of nodes, such as kubernetes.io/hostname or topology.kubernetes.io/zone"
            ), text!(
                "No node has that label: the rule has no effect, or no node fits."
            ))
            .writes(node.place, full).as_warning();
        findings.push(finding);
    }
}

/// A number of domains that is no requirement.
pub(super) fn domains(path: &str, node: &Node, findings: &mut Findings) {
    for (at, one) in node.items().iter().enumerate() {
        let when = one.child("whenUnsatisfiable").and_then(Node::as_str);
        if let (Some("ScheduleAnyway"), Some(least)) = (when, one.child("minDomains")) {
            findings.push(
                RULE.finds(
                    format!("{path}[{at}].minDomains"),
                    &least.place,
                    text!("minDomains with ScheduleAnyway"),
                    text!("minDomains with DoNotSchedule alone"),
                    REFUSED,
                )
                .fix(text!(
                    "write whenUnsatisfiable: DoNotSchedule, or remove minDomains"
                )),
            );
        }
    }
}

/// No label at all.
pub(super) fn empty(path: &str, node: &Node, findings: &mut Findings) {
    findings.push(
        RULE.finds(
            path,
            &node.place,
            text!("an empty topologyKey"),
            text!(
                "a label of nodes, such as kubernetes.io/hostname or topology.kubernetes.io/zone"
            ),
            REFUSED,
        )
        .fix(text!("write kubernetes.io/hostname for one pod a node"))
        .replace(node.place, "kubernetes.io/hostname"),
    );
}

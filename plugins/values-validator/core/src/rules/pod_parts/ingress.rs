//! A certificate of an Ingress for a host that the Ingress does not have.

use super::RULE;
use crate::{Findings, Node};

/// A host of `tls` that no rule of the Ingress is for.
pub(super) fn other_host(path: &str, node: &Node, findings: &mut Findings) {
    let hosts = node.child("hosts").map_or(&[][..], Node::items);
    let hosts: Vec<&str> = hosts.iter().filter_map(Node::as_str).collect();
    let tls = node.child("tls").map_or(&[][..], Node::items).iter();
    for (i, node) in tls.enumerate() {
        for (j, node) in node
            .child("hosts")
            .map_or(&[][..], Node::items)
            .iter()
            .enumerate()
        {
            let Some(host) = node
                .as_str()
                .filter(|host| !host.starts_with('*') && !hosts.is_empty())
            else {
                continue;
            };
            if hosts
                .iter()
                .any(|known| *known == host || known.starts_with('*'))
            {
                continue;
            }
            let finding = RULE
                .warning(format!("{path}.tls[{i}].hosts[{j}]"), &node.place)
                .found(format!("{host}, which is not in hosts"))
                .expected(format!("one of {}", hosts.join(", ")))
                .why(text!(
                    "The certificate is for another host than the one that is opened."
                ));
            findings.push(match crate::shape::nearest(host, hosts.iter().copied()) {
                Some(near) => finding.fix(format!("write {near} here, or {host} in hosts")),
                None => finding.fix(text!("write the host of hosts, or add this one there")),
            });
        }
    }
}

//! Rights that Kubernetes gives to no container which may not raise its own.

use super::{REFUSED, RULE};
use crate::node::join;
use crate::{Findings, Node, Severity};

pub(super) fn check(path: &str, node: &Node, findings: &mut Findings) {
    // The chart writes it where a model's container does not say.
    let own = node.child("allowPrivilegeEscalation");
    let of_chart = own.is_none() && path.ends_with(".deploy.securityContext");
    if let Some(privileged) = node
        .child("privileged")
        .filter(|on| of_chart && on.as_bool() == Some(true))
    {
        findings.push(
            RULE.at(join(path, "privileged"), &privileged.place)
                .found("privileged: true, and the chart's allowPrivilegeEscalation: false")
                .expected("allowPrivilegeEscalation: true beside it")
                .why(REFUSED)
                .fix("add allowPrivilegeEscalation: true to securityContext, or write single capabilities in place of privileged: capabilities: {add: [IPC_LOCK]}"),
        );
    }
    let list = node.get("capabilities.add").map_or(&[][..], Node::items);
    for (at, added) in list.iter().enumerate() {
        let Some(bare) = added.as_str().and_then(|name| name.strip_prefix("CAP_")) else {
            continue;
        };
        let path = format!("{path}.capabilities.add[{at}]");
        let refused =
            bare == "SYS_ADMIN" && (of_chart || own.and_then(Node::as_bool) == Some(false));
        let mut finding = RULE
            .at(path, &added.place)
            .found(added.described())
            .expected("the capability without CAP_ before it")
            .why(if refused {
                REFUSED.as_str()
            } else {
                "containerd writes CAP_ before it once more and finds no such capability."
            })
            .writes(added.place, bare);
        if !refused {
            finding.severity = Severity::Warning;
        }
        findings.push(finding);
    }
}

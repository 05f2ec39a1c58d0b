//! Fields of a security context that exclude each other.

use super::{REFUSED, RULE};
use crate::node::join;
use crate::{Findings, Node};

/// User 0 where root is forbidden: the kubelet does not start the container.
pub(super) fn root_user(path: &str, node: &Node, findings: &mut Findings) {
    if let Some(profile) = node.child("seccompProfile")
        && profile.child("type").and_then(Node::as_str) == Some("Localhost")
        && profile.child("localhostProfile").is_none()
    {
        findings.push(
            RULE.at(join(path, "seccompProfile"), &profile.place)
                .found(text!("Localhost without localhostProfile"))
                .expected(text!("localhostProfile: the profile's path on the node"))
                .why(REFUSED)
                .fix(text!("add localhostProfile, or write type: RuntimeDefault")),
        );
    }
    let is = |key: &str, on: bool| node.child(key).and_then(Node::as_bool) == Some(on);
    if let Some(privileged) = node.child("privileged").filter(|_| is("privileged", true))
        && is("allowPrivilegeEscalation", false)
    {
        findings.push(
            RULE.at(join(path, "privileged"), &privileged.place)
                .found(text!(
                    "privileged: true with allowPrivilegeEscalation: false"
                ))
                .expected("one of them")
                .why(REFUSED)
                .fix(text!(
                    "remove privileged, or write allowPrivilegeEscalation: true"
                )),
        );
    }
    let Some(user) = node
        .child("runAsUser")
        .filter(|user| user.as_i64() == Some(0))
    else {
        return;
    };
    let barred = node.child("runAsNonRoot").and_then(Node::as_bool) == Some(true);
    if barred && !user.is_default() {
        findings.push(
            RULE.at(join(path, "runAsUser"), &user.place)
                .found(text!("user 0 with runAsNonRoot: true"))
                .expected(text!("another user, or runAsNonRoot: false"))
                .why(text!("The kubelet refuses to start the container."))
                .fix(text!(
                    "leave runAsUser out, or write runAsNonRoot: false beside it"
                )),
        );
    }
}

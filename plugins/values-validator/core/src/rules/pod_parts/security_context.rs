//! Fields of a security context that exclude each other.

use super::{REFUSED, RULE};
use crate::node::join;
use crate::{Findings, Node, Values};

/// User 0 where root is forbidden: the kubelet does not start the container.
pub(super) fn root_user(values: &Values, path: &str, node: &Node, findings: &mut Findings) {
    if let Some(profile) = node.child("seccompProfile")
        && profile.child("type").and_then(Node::as_str) == Some("Localhost")
        && profile.child("localhostProfile").is_none()
    {
        findings.push(
            RULE.finds(
                join(path, "seccompProfile"),
                &profile.place,
                text!("Localhost without localhostProfile"),
                text!("localhostProfile: the profile's path on the node"),
                REFUSED,
            )
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
    // A container takes it from its pod; that of a model is the chart's, unless its own user is root.
    let end = ["Containers[", "ecurityContext"]
        .iter()
        .find_map(|end| path.find(end));
    let part = path[..end.unwrap_or(0)]
        .rsplit_once('.')
        .unwrap_or_default()
        .0;
    let of_part = |key: &str| values.get(part)?.child(key);
    let said = |node: &Node| node.child("runAsNonRoot")?.as_bool();
    let inherited = || of_part("runAsUser").filter(|_| said(node) == Some(true));
    let of_chart = || {
        let user = of_part("runAsUser").and_then(Node::as_i64);
        (part.ends_with(".deploy") && user != Some(0)).then_some(true)
    };
    let Some(user) = (node.child("runAsUser").or_else(inherited))
        .filter(|user| user.as_i64() == Some(0) && !user.is_default())
    else {
        return;
    };
    let of_pod = || of_part("podSecurityContext").and_then(said);
    if said(node).or_else(of_pod).or_else(of_chart) == Some(true) {
        let finding = RULE
            .finds(
                join(path, "runAsUser"),
                &user.place,
                text!("user 0 with runAsNonRoot: true"),
                text!("another user, or runAsNonRoot: false"),
                text!("The kubelet refuses to start the container."),
            )
            .fix(text!(
                "leave runAsUser out, or write runAsNonRoot: false beside it"
            ));
        #[cfg(feature = "full")]
        let finding = of_root(values, finding, (path, node), part);
        findings.push(finding);
    }
}

/// Where root is forbidden, and which image needs it.
#[cfg(feature = "full")]
fn of_root(
    values: &Values,
    finding: crate::Finding,
    (path, node): (&str, &Node),
    part: &str,
) -> crate::Finding {
    let key = "runAsNonRoot";
    let pod = format!("{part}.podSecurityContext");
    let own = node.child(key).map(|node| (join(path, key), node));
    let said = own.or_else(|| {
        let node = values.get(part)?.child("podSecurityContext")?.child(key)?;
        Some((join(&pod, key), node))
    });
    match said.filter(|(_, node)| !node.is_default()) {
        Some((at, node)) => finding
            .fix(format!("write {at}: false; or leave runAsUser out, for an image that runs as another user"))
            .related(node.place, "where root is forbidden"),
        // The chart says so itself.
        None => finding.fix(format!("write {pod}: {{runAsNonRoot: false}}; or leave runAsUser out, for an image that runs as another user")),
    }
}

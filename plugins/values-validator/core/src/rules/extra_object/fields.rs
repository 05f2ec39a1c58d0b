//! Fields of known kinds: unknown ones, missing ones, and values of another type.

use super::RULE;
use super::refusal::REFUSED;
use crate::codes::{MISSING_KEY, UNKNOWN_KEY};
use crate::{Finding, Findings, Node, Severity, shape};

/// Groups that a newer program may give a field that this validator does not know.
fn custom(object: &Node) -> bool {
    let version = object.child("apiVersion").and_then(Node::as_str);
    let group = version.and_then(|version| version.split_once('/'));
    group.is_some_and(|(group, _)| group.contains('.') && !kubernetes(group))
}

/// Whether Kubernetes itself serves a group with a dot.
fn kubernetes(group: &str) -> bool {
    let name = group.strip_suffix(".k8s.io").unwrap_or_default();
    matches!(
        name,
        "networking" | "rbac.authorization" | "scheduling" | "storage"
    )
}

/// What the schema of an object's kind refuses and no finding speaks of yet.
pub(super) fn check(path: &str, object: &Node, findings: &mut Findings) {
    let custom = custom(object);
    for mut finding in shape::object(object, path) {
        if said(&finding, &findings.0) {
            continue;
        }
        let unknown = finding.code == UNKNOWN_KEY.code;
        finding.code = RULE.code;
        finding.why = REFUSED.to_owned();
        if custom && unknown {
            finding.severity = Severity::Warning;
            finding.why =
                "The API server refuses or removes a field that the kind does not have: this one does nothing."
                    .to_owned();
        }
        findings.push(finding);
    }
}

/// Whether a rule says something of the same value, or of the map that lacks a key.
fn said(new: &Finding, findings: &[Finding]) -> bool {
    let above = new.path.rsplit_once('.').map(|(above, _)| above);
    let lacks = new.code == MISSING_KEY.code;
    (findings.iter()).any(|old| old.path == new.path || lacks && Some(old.path.as_str()) == above)
}

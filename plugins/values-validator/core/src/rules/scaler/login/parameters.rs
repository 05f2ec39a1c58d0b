//! What credentials give to a login to Prometheus.

use super::{Reference, say};
use crate::{Findings, Node};

/// The mode of a login to Prometheus, and the parameters that it needs.
const MODES: [(&str, &[&str]); 4] = [
    ("bearer", &["bearerToken"]),
    ("basic", &["username", "password"]),
    ("tls", &["cert", "key"]),
    ("custom", &["customAuthHeader", "customAuthValue"]),
];

/// Parameters that the mode of the login needs.
pub(super) fn check(reference: &Reference<'_>, path: &str, object: &Node, findings: &mut Findings) {
    let mode = reference.text("mode");
    let Some((_, needed)) = MODES.iter().find(|(name, _)| *name == mode) else {
        return;
    };
    let Some(spec) = object.child("spec") else {
        return;
    };
    // Other sources name their parameters too, or give all that there are.
    let [("secretTargetRef", list)] = spec.entries().collect::<Vec<_>>()[..] else {
        return;
    };
    let given: Vec<&str> = list
        .items()
        .iter()
        .filter_map(|one| one.child("parameter")?.as_str())
        .collect();
    let Some(lacking) = needed.iter().find(|name| !given.contains(name)) else {
        return;
    };
    let path = format!("{path}.spec.secretTargetRef");
    let expected = needed.join(" and ");
    let found = format!("credentials without {lacking}, and mode: {mode}");
    let only = list
        .items()
        .first()
        .filter(|_| given.len() == 1 && needed.len() == 1);
    findings.push(match only.and_then(|one| one.child("parameter")) {
        Some(node) => {
            say(format!("{path}[0].parameter"), node, found, &expected).writes(node.place, lacking)
        }
        None => say(path, list, found, &expected).fix(format!(
            "add {{parameter: {lacking}, name: <Secret>, key: <key>}}"
        )),
    });
}

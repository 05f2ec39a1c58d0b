//! The name of an environment variable: no program reads one with `-`, a blank or `.`.

use super::RULE;
use crate::{Findings, Node, Severity};

pub(super) fn env_name(path: &str, node: &Node, findings: &mut Findings) {
    for (at, item) in node.items().iter().enumerate() {
        let Some((name, text)) = item
            .child("name")
            .and_then(|name| Some((name, name.as_str()?)))
        else {
            continue;
        };
        let new = text.trim().replace(['-', ' '], "_");
        if new == text || !new.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            continue;
        }
        let mut finding = RULE
            .at(format!("{path}[{at}].name"), &name.place)
            .found(name.described())
            .expected(text!("letters, digits and _"))
            .why(text!("No program reads a variable of that name."))
            .fix(format!("write {new}"))
            .replace(name.place, new);
        finding.severity = Severity::Warning;
        findings.push(finding);
    }
}

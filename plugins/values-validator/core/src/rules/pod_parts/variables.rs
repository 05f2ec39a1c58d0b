//! Environment variables: the name, and one source of the value.

use super::{REFUSED, RULE};
use crate::node::item;
use crate::node::join;
use crate::{Finding, Findings, Node, Severity};

pub(super) fn variables(path: &str, node: &Node, findings: &mut Findings) {
    for (i, variable) in node.items().iter().enumerate() {
        let path = item(path, i);
        let value = variable.child("value").filter(|v| v.as_str() != Some(""));
        let from = variable.child("valueFrom");
        if let (Some(value), Some(from)) = (value, from) {
            findings.push(
                RULE.at(join(&path, "value"), value.place.max(value.key_place()))
                    .found(text!("value and valueFrom"))
                    .expected("one of them")
                    .why(REFUSED)
                    .fix(text!("remove value, or valueFrom"))
                    .related(from.key_place(), "valueFrom"),
            );
        }
        if let Some(node) = variable.child("name") {
            findings.0.extend(named(join(&path, "name"), node));
        }
        let kinds = [
            "secretKeyRef",
            "configMapKeyRef",
            "fieldRef",
            "resourceFieldRef",
            "fileKeyRef",
        ];
        if let Some(from) = from {
            let count = kinds
                .iter()
                .filter(|kind| from.child(kind).is_some())
                .count();
            if count != 1 && matches!(from.value, crate::Value::Map(_)) {
                findings.push(
                    RULE.finds(
                        join(&path, "valueFrom"),
                        &from.place,
                        if count == 0 {
                            "valueFrom without a source"
                        } else {
                            "valueFrom with two sources"
                        },
                        text!("one of secretKeyRef, configMapKeyRef, fieldRef"),
                        REFUSED,
                    )
                    .fix(text!("write valueFrom: {secretKeyRef: {name: …, key: …}}")),
                );
            }
        }
    }
}

/// A name that Kubernetes refuses, or that no program reads.
fn named(path: String, node: &Node) -> Option<Finding> {
    let name = node.as_str()?;
    let taken = identifier(name);
    // With a point it may be a property that Java reads.
    if taken && (!name.contains('-') || name.contains('.')) {
        return None;
    }
    let fit = name.is_ascii() && !name.contains('=') && !name.is_empty();
    let why = if taken {
        text!("No program reads a variable of that name.")
    } else if fit {
        text!("Kubernetes before 1.32 refuses the pod, and no shell can read the variable.")
    } else {
        REFUSED
    };
    let mut finding = (RULE.at(path, &node.place))
        .found(node.described())
        .expected(text!("letters, digits and `_`, not beginning with a digit"))
        .why(why);
    if fit {
        finding.severity = Severity::Warning;
    }
    let other = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let new: String = name.trim().chars().map(other).collect();
    let new = new.trim_start_matches(|c: char| c.is_ascii_digit());
    Some(if identifier(new) {
        finding.writes(node.place, new)
    } else {
        finding.fix(text!("choose another name"))
    })
}

/// Whether a text is a variable's name, as every Kubernetes takes it.
fn identifier(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && (name.chars()).all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

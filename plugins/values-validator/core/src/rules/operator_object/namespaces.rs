//! `namespaceSelector` of a monitor: names of namespaces, or any; no selector of labels, as a pod's peers have it.

use super::say;
use crate::node::join;
use crate::shape::{nearest, scalar, written};
use crate::{Finding, Findings, Node, Value};

const LIST: &str = "matchNames";
const EXPECTED: &str = "any: true, or matchNames with a list of namespaces";
const UNNAMED: &str = "write matchNames: [<namespace>], or any: true: a monitor does not tell namespaces by their labels";

/// The label of a namespace that has its name.
const NAME: &str = "kubernetes.io/metadata.name";

/// Whether the kind has such a selector; in others the key is one of labels.
pub(super) fn of(kind: &str) -> bool {
    matches!(kind, "ServiceMonitor" | "PodMonitor" | "Probe")
}

fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| scalar(name)).collect();
    format!("{LIST}: [{}]", names.join(", "))
}

/// The names in a value: a text, or a list of them.
fn names(node: &Node) -> Option<Vec<&str>> {
    match &node.value {
        Value::Text(text) if !text.is_empty() && !text.contains("{{") => Some(vec![text]),
        Value::List(items) if !items.is_empty() => items.iter().map(Node::as_str).collect(),
        _ => None,
    }
}

/// The names that a selector of labels asks for by the label that has them.
fn labelled(node: &Node) -> Option<Vec<&str>> {
    if let [one] = node.items() {
        let text = |key: &str| one.child(key).and_then(Node::as_str);
        let own = text("key") == Some(NAME) && text("operator") == Some("In");
        return names(one.child("values")?).filter(|_| own);
    }
    let (label, value) = node.entries().next()?;
    let own = label == NAME && node.entries().len() == 1;
    names(value).filter(|_| own)
}

/// Another key with names in the place of one; words alone where it is not in one line.
fn instead(finding: Finding, node: &Node, names: Option<Vec<&str>>) -> Finding {
    let Some(names) = names else {
        return finding.fix(UNNAMED);
    };
    let new = list(&names);
    let finding = finding.fix_write(&new);
    let mut place = node.key_place();
    (place.end_line, place.end_column) = (node.place.end_line, node.place.end_column);
    if place.line == place.end_line {
        finding.replace(place, new)
    } else {
        finding
    }
}

pub(super) fn check(path: &str, node: &Node, findings: &mut Findings) {
    match &node.value {
        Value::Null => {}
        Value::Map(_) => {
            for (key, value) in node.entries() {
                findings.0.extend(match key {
                    LIST => listed(join(path, key), value),
                    "any" => any(join(path, key), value),
                    _ => Some(unknown(join(path, key), (node, key, value))),
                });
            }
        }
        _ => {
            let finding = say(path.to_owned(), node.place, node.described(), EXPECTED);
            let new = names(node).map(|names| format!("{{{}}}", list(&names)));
            findings.push(match new {
                Some(new) if node.place.line == node.place.end_line => {
                    finding.writes(node.place, &new)
                }
                _ => finding.fix(UNNAMED),
            });
        }
    }
}

fn listed(path: String, value: &Node) -> Option<Finding> {
    if matches!(value.value, Value::List(_) | Value::Null) {
        return None;
    }
    let finding = say(path, value.place, value.described(), "a list of namespaces");
    Some(instead(
        finding,
        value,
        names(value).or_else(|| labelled(value)),
    ))
}

/// `any` is a switch.
fn any(path: String, value: &Node) -> Option<Finding> {
    if value.as_bool().is_some() || matches!(value.value, Value::Null) {
        return None;
    }
    let finding = say(path, value.place, value.described(), "true or false");
    Some(match value.as_str() {
        Some(on @ ("true" | "false")) => finding.writes(value.place, on),
        Some(text) if text.contains("{{") => return None,
        _ => finding.fix_write(EXPECTED),
    })
}

/// A selector of labels, or the names under another key.
fn unknown(path: String, (node, key, value): (&Node, &str, &Node)) -> Finding {
    let finding = say(path, value.key_place(), format!("the key {key:?}"), EXPECTED).why(
        "The object has no such key here: it is refused, or the key is removed and only the object's own namespace is searched.",
    ).as_warning();
    if let Some(own) = node.child(LIST).or_else(|| node.child("any")) {
        let given = written(own);
        return finding.fix(format!("remove {key}: {given} is given"));
    }
    let selects = matches!(key, "matchLabels" | "matchExpressions");
    let named = matches!(key, "name" | "namespace" | "namespaces" | "matchNamespaces")
        || nearest(key, [LIST]).is_some();
    let own = if selects {
        labelled(value)
    } else {
        names(value)
    };
    instead(finding, value, own.filter(|_| selects || named))
}

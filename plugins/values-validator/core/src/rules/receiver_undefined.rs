//! Alertmanager does not start with a route to a receiver that is not defined. A list of receivers
//! replaces the default one: it must contain the receiver that the route names.

use super::Rule;
use super::look::{on, text, walk};
use crate::node::blamed;
use crate::shape::{nearest, reworded};
use crate::{Findings, Node, Severity, Values};

/// `receiver` of routes against `receivers`.
pub const RULE: Rule = Rule {
    code: "receiver-undefined",
    severity: Severity::Error,
    title: text!("A route names an undefined receiver"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let own = on(values, "alertmanager.enabled")
        && text(values, "alertmanager.existingSecret").is_empty();
    let base = "alertmanager.config";
    let [Some(route), Some(receivers)] =
        ["route", "receivers"].map(|key| values.get(base)?.child(key))
    else {
        return;
    };
    if !own {
        return;
    }
    let mut names: Vec<&str> = Vec::new();
    for receiver in receivers.items() {
        let name = receiver.child("name").and_then(Node::as_str);
        names.extend(name.filter(|name| !names.contains(name)));
    }
    walk(
        route,
        &format!("{base}.route"),
        &mut |path, key, node: &Node| {
            let Some(name) = node
                .as_str()
                .filter(|name| key == "receiver" && !names.contains(name))
            else {
                return;
            };
            let at = blamed(&[receivers, node]).unwrap_or(node);
            // A route of one's own without a receiver has the chart's.
            let at = if node.is_default()
                && !route.is_default()
                && route.key.is_some_and(|k| !k.is_default())
            {
                route.key_place()
            } else if node.is_default() {
                at.key_place()
            } else {
                node.place
            };
            let near = nearest(name, names.iter().copied())
                .or_else(|| reworded(name, names.iter().copied()))
                .filter(|_| !node.is_default());
            let finding = RULE.finds(
                path,
                at,
                format!("{name:?}, among receivers {}", names.join(", ")),
                text!("the name of a receiver"),
                text!("Alertmanager does not start: no notification is sent."),
            );
            findings.push(match near {
                Some(near) => finding.meant(at, near),
                None => finding.fix(format!(
                    "write {}, or define {name:?} in receivers",
                    names.join(" or ")
                )),
            });
        },
    );
}

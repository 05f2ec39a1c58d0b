//! One peer that a dash makes two: a namespace, and pods of the release's own namespace.

use super::RULE;
use crate::node::item;
use crate::{Findings, Node, Place};

/// The one selector of a peer that has no other.
fn alone<'a>(peer: &'a Node, key: &str) -> Option<&'a Node> {
    let mut entries = peer.entries();
    let (name, selector) = entries.next()?;
    let labels = selector
        .child("matchLabels")
        .or_else(|| selector.child("matchExpressions"));
    (name == key && entries.next().is_none() && labels.is_some()).then_some(selector)
}

pub(super) fn split(path: &str, list: &Node, findings: &mut Findings) {
    // More peers are a list that somebody wrote with care.
    let [first, second] = list.items() else {
        return;
    };
    let orders = [
        ("namespaceSelector", "podSelector"),
        ("podSelector", "namespaceSelector"),
    ];
    let Some((other, key)) = orders
        .into_iter()
        .find(|(a, b)| alone(first, a).is_some() && alone(second, b).is_some())
    else {
        return;
    };
    let Some(selector) = second.child(key) else {
        return;
    };
    let finding = RULE
        .warning(item(path, 1), &second.place)
        .found("two peers: every pod of that namespace, and pods of the release's own namespace")
        .expected(format!("{other} and {key} in one peer, for these pods of that namespace"))
        .why("A peer is what all of its selectors select; each dash begins another one, and more may connect than meant.")
        .fix(format!("write {key} without its dash, below {other}, where pods of that namespace alone are meant"));
    let start = selector.key_place();
    let block = start.line == second.place.line && start.column == second.place.column;
    let dash = Place {
        end_line: start.line,
        end_column: start.column,
        column: start.column.saturating_sub(2),
        ..start
    };
    findings.push(
        if block && first.place.end_line < start.line && start.column > 2 {
            finding.replace(dash, "  ")
        } else {
            finding
        },
    );
}

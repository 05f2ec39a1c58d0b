//! The label by which an entry was to differ from another one that it was copied from.

use crate::finding::in_quotes;
use crate::rules::look::Model;
use crate::{Finding, Node};

/// Of `chat-blue` with `track: blue`, copied to `chat-green`, the label is `track: green`.
fn meant<'a>(first: &str, own: &str, selector: &'a Node) -> Option<(&'a str, &'a Node, String)> {
    selector.entries().find_map(|(key, node)| {
        let value = node.as_str().filter(|value| !value.is_empty())?;
        let (before, behind) = first.split_once(value)?;
        let other = own.strip_prefix(before)?.strip_suffix(behind)?;
        (!other.is_empty() && other != value).then(|| (key, node, other.to_owned()))
    })
}

/// The finding with that label in place of an invented one.
pub(super) fn cured(finding: Finding, model: &Model<'_>, first: &str) -> Finding {
    let label = model
        .node
        .child("selector")
        .and_then(|selector| meant(first, model.name, selector));
    match label {
        Some((key, node, other)) => finding
            .fix(format!("write {key}: {other}, as these pods have it"))
            .replace(node.place, in_quotes(&other)),
        None => finding,
    }
}

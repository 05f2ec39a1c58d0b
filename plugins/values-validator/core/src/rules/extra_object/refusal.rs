//! What the API server refuses, in the words of its kind.

use super::RULE;
use crate::node::join;
use crate::{Finding, Findings, Node, Place};

pub(super) const REFUSED: &str = "The API server refuses it: helm install stops.";

/// A finding about what the API server refuses.
pub(super) fn refused(
    path: impl Into<String>,
    place: Place,
    found: impl Into<String>,
    expected: impl Into<String>,
) -> Finding {
    RULE.at(path, place)
        .found(found)
        .expected(expected)
        .why(REFUSED)
}

/// The text of a key; nothing where a template writes it.
pub(super) fn plain<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.get(key)?.as_str().filter(|text| !text.contains("{{"))
}

/// A selector of labels whose labels stand where `matchLabels` belongs: the API server drops them, and the
/// selector that is left selects everything.
pub(super) fn flat(path: &str, selector: &Node, findings: &mut Findings) {
    let mut entries = selector.entries();
    let bare = |key: &str| key != "matchLabels" && key != "matchExpressions";
    let Some((key, value)) = entries.find(|(key, node)| bare(key) && node.as_str().is_some())
    else {
        return;
    };
    let labels = crate::shape::written(selector);
    findings.push(
        RULE.at(join(path, key), &value.key_place())
            .found(format!("the label {key} beside matchLabels"))
            .expected("labels below matchLabels")
            .why("The API server refuses it, or drops the label, and the selector selects every pod.")
            .fix(format!("write {{matchLabels: {labels}}}")),
    );
}

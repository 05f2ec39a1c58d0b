//! A label that is never there.

use crate::embedded::Text;
use crate::rules::Rule;
use crate::{Finding, Node};

const EMPTY: Text = text!(
    "The label is never there, which is the empty text: a keep drops everything, a drop nothing."
);

/// A label that was misspelt.
pub(super) fn near_miss(rule: &Rule, path: &str, node: &Node, near: &str) -> Finding {
    empty(rule, path, node)
        .expected(near)
        .meant(node.place, near)
}

/// A label that is never there.
pub(super) fn empty(rule: &Rule, path: &str, node: &Node) -> Finding {
    rule.warning(path, &node.place)
        .found(node.described())
        .why(EMPTY)
}

//! An inhibition that compares no label: an alert of one model mutes those of all.

use super::super::RULE;
use super::super::alerts::{Alert, Alerts, Kind, Label};
use crate::node::join;
use crate::{Finding, Node};

/// Says so where alerts of a model mute others of a model, and there may be several.
pub(super) fn finding(
    alerts: &Alerts<'_>,
    path: &str,
    rule: &Node,
    [sources, targets]: &[Vec<&Alert<'_>>; 2],
) -> Option<Finding> {
    let has = |alert: &&Alert<'_>, label: &str| match alerts.label(alert, label) {
        Label::Has => true,
        Label::OneOf(texts) => texts.iter().any(|text| !text.is_empty()),
        Label::Lacks | Label::Unknown => false,
    };
    let of_one = |alert: &&Alert<'_>| {
        // With one model there is no other to mute.
        let several =
            !matches!(alerts.label(alert, "model"), Label::OneOf(texts) if texts.len() < 2);
        several && alert.kind != Kind::Other && has(alert, "model")
    };
    let muting: Vec<&Alert<'_>> = sources.iter().copied().filter(of_one).collect();
    let muted: Vec<&Alert<'_>> = targets.iter().copied().filter(of_one).collect();
    if muting.is_empty() || muted.is_empty() {
        return None;
    }
    // An alert without a label that the other has would mute nothing.
    let both = |label: &str| muting.iter().chain(&muted).all(|alert| has(alert, label));
    let labels = if both("namespace") {
        "[namespace, model]"
    } else {
        "[model]"
    };
    let node = rule.child("equal");
    let found = if node.is_some() {
        "equal without a label"
    } else {
        "an inhibition without equal"
    };
    let finding = RULE
        .warning(
            node.map_or_else(|| path.to_owned(), |_| join(path, "equal")),
            &node.unwrap_or(rule).place,
        )
        .found(found)
        .expected("equal with labels that the alerts on both sides have, such as model")
        .why("Nothing is compared: an alert of one model mutes those of all models.")
        .fix(format!("write equal: {labels}"));
    Some(match node {
        Some(node) => finding.replace(node.place, labels),
        None => finding,
    })
}

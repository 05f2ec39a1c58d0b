//! Labels that a step takes away and by which series differ: several become one, and their samples collide.

use super::kept::{Sent, label_of, without};
use crate::node::{item, join};
use crate::rules::Rule;
use crate::{Finding, Findings, Node, re2};

/// Steps of `write_relabel_configs`, in their order: what is sent at the step loses its labels.
pub(super) fn check(rule: &Rule, path: &str, steps: &[Node], findings: &mut Findings) {
    let mut sent = Sent::all();
    for (at, step) in steps.iter().enumerate() {
        let path = item(path, at);
        match step.child("action").and_then(Node::as_str) {
            Some(action @ ("labeldrop" | "labelkeep")) => {
                findings
                    .0
                    .extend(lost(rule, &path, step, action, (&sent, &steps[..at])));
            }
            Some("keep" | "drop") => sent.passes(step),
            _ => {}
        }
    }
}

/// Whether a step before gives the label's value to another one.
fn copied(before: &[Node], label: &str) -> bool {
    before.iter().any(|step| {
        let from = step.child("source_labels").map_or(&[][..], Node::items);
        let reads = from.iter().any(|one| one.as_str() == Some(label));
        let action = step.child("action").and_then(Node::as_str);
        action == Some("labelmap") || reads && step.child("target_label").is_some()
    })
}

fn lost(
    rule: &Rule,
    path: &str,
    step: &Node,
    action: &str,
    (sent, before): (&Sent, &[Node]),
) -> Option<Finding> {
    let node = step.child("regex")?;
    let text = node.as_str()?;
    let pattern = re2::whole(text)?;
    let keep = action == "labelkeep";
    let gone = |label: &str| pattern.is_match(label) != keep;
    // A step that takes the names away is said already.
    if gone("__name__") {
        return None;
    }
    let (label, series) = sent
        .merged(gone)
        .filter(|(label, _)| !copied(before, label))?;
    let finding = rule
        .warning(join(path, "regex"), node.place)
        .found(format!("{action} {text:?}, which takes {label} from {series}"))
        .expected(format!("{label} stays: series differ by it"))
        .why(format!(
            "The series of all {} become one: their samples collide, and the server refuses all but the first.",
            label_of(label)
        ));
    if keep {
        let new = format!("{text}|{label}");
        return Some(finding.quotes(node.place, &new));
    }
    Some(match without(text, label) {
        Some(rest) if rest.is_empty() => finding.fix("remove the step"),
        Some(rest) => finding.quotes(node.place, &rest),
        None => finding.fix(format!("leave {label} out of the pattern")),
    })
}

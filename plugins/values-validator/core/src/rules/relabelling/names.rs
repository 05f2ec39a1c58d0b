//! labeldrop and labelkeep tell labels by their names, with a regex alone. Beside other keys of steps that look at
//! a label's text the regex is what is missing, or the action is another one.

use crate::finding::in_quotes;
use crate::node::join;
use crate::rules::Rule;
use crate::{Finding, Findings, Node, Place};

/// What such an action does to a label that fits, and the one that does it to a whole series.
fn actions(action: &str) -> Option<(&'static str, &'static str)> {
    match action {
        "labeldrop" => Some(("removes", "drop")),
        "labelkeep" => Some(("keeps", "keep")),
        _ => None,
    }
}

/// The pattern of a step, where it is not one for every text.
fn pattern(step: &Node) -> Option<&str> {
    let text = step.child("regex")?.as_str()?;
    (!matches!(text, "" | ".*" | ".+" | "(.*)" | "(.+)")).then_some(text)
}

/// The labels that a key names: their texts, or one of them.
fn labels(node: &Node) -> Option<String> {
    let all: Vec<&str> = match node.as_str() {
        Some(one) => vec![one],
        None => node
            .items()
            .iter()
            .map(Node::as_str)
            .collect::<Option<_>>()?,
    };
    let plain = |name: &&str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    (!all.is_empty() && all.iter().all(plain)).then(|| all.join("|"))
}

/// A key with its value, where they are in one line.
fn line(node: &Node) -> Option<Place> {
    let mut place = node.key_place();
    (place.end_line, place.end_column) = (node.place.end_line, node.place.end_column);
    (place.line == place.end_line).then_some(place)
}

fn without_edit(mut finding: Finding, words: String) -> Finding {
    finding.fix.replacement = None;
    finding.fix(words)
}

/// The finding of a key that labeldrop and labelkeep refuse, with what was meant.
pub(super) fn meant(finding: Finding, step: &Node, action: &str, key: &str) -> Finding {
    let (Some((_, of_series)), Some(node)) = (actions(action), step.child(key)) else {
        return finding;
    };
    let Some(names) = labels(node).filter(|_| matches!(key, "source_labels" | "target_label"))
    else {
        return finding;
    };
    let given = step.child("regex");
    match pattern(step) {
        // The labels are named already.
        Some(text) if text == names => finding,
        // What is compared is the name of a series.
        Some(_) if names == "__name__" && key == "source_labels" => {
            let words = format!("write action: {of_series}, which looks at the name of a series");
            let finding = without_edit(finding, words);
            match step.child("action") {
                Some(node) => finding.replace(node.place, of_series),
                None => finding,
            }
        }
        Some(text) if key == "source_labels" => without_edit(
            finding,
            format!(
                "remove source_labels for the labels whose names fit {text:?}; or write regex: {names} without source_labels for the label {names}, or action: {of_series} for series whose {names} fits {text:?}"
            ),
        ),
        Some(_) => finding,
        None if key == "target_label" && step.child("source_labels").is_some() => finding,
        None => {
            let written = if names.contains('|') {
                in_quotes(&names)
            } else {
                names
            };
            let words = format!("write regex: {written} in place of {key}");
            match (given, line(node)) {
                (None, Some(place)) => finding
                    .fix(words)
                    .replace(place, format!("regex: {written}")),
                _ => without_edit(finding, words),
            }
        }
    }
}

/// A step without a regex is about every label.
pub(super) fn every(rule: &Rule, path: &str, step: &Node, action: &str, findings: &mut Findings) {
    let Some((does, _)) = actions(action) else {
        return;
    };
    // What is refused says what was meant.
    let others = ["source_labels", "target_label"];
    if step.child("regex").is_some() || others.iter().any(|key| step.child(key).is_some()) {
        return;
    }
    let place = step.child("action").unwrap_or(step).place;
    let why = if action == "labeldrop" {
        "Nothing is left of a series, not even its name: all of them are refused."
    } else {
        "The step does nothing."
    };
    let mut finding = rule
        .at(join(path, "regex"), place)
        .found(format!("{action} without regex, which {does} every label"))
        .expected("regex, with the names of labels")
        .why(why)
        .fix("add regex: <label>, or several as \"a|b\"");
    finding.severity = crate::Severity::Warning;
    findings.push(finding);
}

//! Templates in the `data` of a Secret: what they give is base64, too.

use super::RULE;
use super::refusal::{REFUSED, plain};
use crate::node::join;
use crate::{Findings, Node, Values};

pub(super) fn check(values: &Values, path: &str, object: &Node, findings: &mut Findings) {
    if plain(object, "kind") != Some("Secret") {
        return;
    }
    for (key, node) in object.child("data").into_iter().flat_map(Node::entries) {
        let Some(text) = node.as_str().filter(|text| text.contains("{{")) else {
            continue;
        };
        let (text, whole) = filled(values, text);
        let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        if bare.chars().all(letter) && (!whole || bare.len().is_multiple_of(4)) {
            continue;
        }
        findings.push(
            RULE.at(join(&format!("{path}.data"), key), &node.place)
                .found("a template that gives no base64")
                .expected("base64, or the text itself in stringData")
                .why(REFUSED)
                .fix("write stringData in place of data, or encode all of it: {{ printf \"…\" … | b64enc }}"),
        );
    }
}

/// The text with what the values have in the place of `{{ .Values.… }}`, without other templates; and whether
/// there were no others.
fn filled(values: &Values, text: &str) -> (String, bool) {
    let (mut out, mut whole) = (String::new(), true);
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        out.push_str(before);
        let (inside, behind) = behind.split_once("}}").unwrap_or((behind, ""));
        let name = inside.trim_matches('-').trim();
        let value = name
            .strip_prefix(".Values.")
            .and_then(|path| values.get(path));
        // A placeholder is replaced by the right value when the chart is installed.
        match value
            .and_then(Node::as_str)
            .filter(|value| !value.is_empty() && !value.contains("{{"))
        {
            Some(value) => out.push_str(value),
            None => whole = false,
        }
        rest = behind;
    }
    out.push_str(rest);
    (out, whole)
}

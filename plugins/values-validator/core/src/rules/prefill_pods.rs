//! `rules.prefillPods` tells prefill pods by their whole names, as a regular expression of RE2. With one that
//! does not parse Prometheus refuses the file of rules; one that fits every pod counts no request, and one
//! that is a plain name or a glob fits no pod: their names end in letters of chance.

use super::Rule;
use crate::finding::in_quotes;
use crate::{Findings, Severity, Values, re2};

/// `rules.prefillPods`.
pub const RULE: Rule = Rule {
    code: "prefill-pods",
    severity: Severity::Error,
    title: text!("rules.prefillPods does not match prefill pods"),
    check,
};

/// A pattern of whole names with a part of them: what begins or ends with `-` lacks the rest there, and a word
/// alone may have names before it.
fn whole(part: &str) -> String {
    let before = match part {
        _ if !crate::FULL => "",
        _ if part.starts_with('-') => ".*",
        _ if part.trim_end_matches('-').contains('-') => "",
        _ => "(.*-)?",
    };
    let behind = if crate::FULL && part.ends_with('-') {
        ".*"
    } else {
        "-.*"
    };
    format!("{before}{part}{behind}")
}

fn check(values: &Values, findings: &mut Findings) {
    const PATH: &str = "rules.prefillPods";
    let Some((node, text)) = values
        .get(PATH)
        .and_then(|node| Some((node, node.as_str()?)))
    else {
        return;
    };
    if node.is_default() || text.is_empty() {
        return;
    }
    let expected = text!("a pattern of whole names of pods, such as .*-prefill-.*");
    if let Some(why) = re2::refused(text) {
        let glob = text.starts_with('*');
        let finding = RULE
            .at(PATH, &node.place)
            .found(format!("{text:?}: {why}"))
            .expected(expected)
            .why(text!(
                "Prometheus refuses the whole file of rules: no alert is left."
            ));
        let new = text.replace('*', ".*");
        findings.push(if glob {
            finding
                .fix_write(&in_quotes(&new))
                .replace(node.place, in_quotes(&new))
        } else {
            finding.fix(text!("close each bracket; RE2 knows no lookahead"))
        });
        return;
    }
    let Some(pattern) = re2::whole(text) else {
        return;
    };
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let before = text.trim_end_matches('*').chars().last();
    let glob = text.ends_with('*') && before.is_some_and(|c| c.is_alphanumeric() || c == '-');
    let every = ["a", "vllm-chat-7d9f8c6b5-x2x4z", "llama-decode-0"];
    let (found, why, new) = if every.iter().all(|name| pattern.is_match(name)) {
        (
            format!("{text:?}, which fits every pod"),
            text!(
                "A request is counted at its decode pod, and none is left: no request is counted."
            ),
            None,
        )
    } else if glob {
        (
            format!("{text:?}, a glob"),
            text!(
                "In a pattern `*` repeats the character before it: no pod fits, and each request is counted twice."
            ),
            Some(text.replace('*', ".*")),
        )
    } else if plain && !text.ends_with(|c: char| c.is_ascii_digit()) {
        (
            format!("{text:?}, which is compared with whole names"),
            text!(
                "Names of pods end in letters or numbers of their own: no pod fits, and each request is counted twice."
            ),
            Some(whole(text)),
        )
    } else {
        return;
    };
    let finding = RULE
        .warning(PATH, &node.place)
        .found(found)
        .expected(expected)
        .why(why);
    findings.push(match new {
        Some(new) => finding
            .fix_write(&in_quotes(&new))
            .replace(node.place, in_quotes(&new)),
        None => finding.fix(text!("name the part that only prefill pods have")),
    });
}

//! What leaves, and what does not, is said by regular expressions of RE2, which knows no lookaround, no back
//! references and no possessive repetition. With one that does not parse no collector starts.
//!
//! The chart refuses it too.

#[cfg(feature = "full")]
mod reach;

use super::Rule;
use super::look::{on, text};
use crate::{Findings, Severity, Values, re2};

/// `tracing.redaction.allow` or `attributes`, whichever the mode reads.
pub const RULE: Rule = Rule {
    code: "redaction-pattern",
    severity: Severity::Error,
    title: text!("Not a valid RE2 expression"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    if !on(values, "tracing.enabled") || !on(values, "tracing.redaction.enabled") {
        return;
    }
    let list = match text(values, "tracing.redaction.mode") {
        "deny" => "tracing.redaction.attributes",
        _ => "tracing.redaction.allow",
    };
    for (path, node) in values.list(list) {
        let text = node.as_str().unwrap_or("");
        // Slashes round it, and letters behind them, as JavaScript and sed have them.
        let sed = text
            .strip_prefix('/')
            .and_then(|rest| rest.rsplit_once('/'));
        if let Some((inner, _)) = sed.filter(|(inner, flags)| !inner.is_empty() && flags.len() < 3)
        {
            let finding = RULE
                .finds(
                    path,
                    &node.place,
                    format!("{text:?}, with slashes round the expression"),
                    text!("the expression alone"),
                    text!("A slash is a letter like any other here: no attribute has such a name."),
                )
                .quotes(node.place, inner)
                .as_warning();
            findings.push(finding);
            continue;
        }
        let Some(why) = re2::refused(text) else {
            let stem = ["[.]", "\\.", "."]
                .iter()
                .find_map(|end| text.strip_suffix(end));
            if crate::FULL && stem.is_some_and(|stem| stem.ends_with(char::is_alphanumeric)) {
                let finding = RULE
                    .warning(path, &node.place)
                    .found(format!("{text:?}, which ends in a dot"))
                    .expected("an expression for the whole key")
                    .why("No key ends in a dot: it matches none.")
                    .fix(format!(
                        "write {text}(a|b) for the keys a and b below it, {text}.+ for all"
                    ));
                findings.push(finding);
                continue;
            }
            #[cfg(feature = "full")]
            reach::check(&path, node, list.ends_with("attributes"), findings);
            continue;
        };
        let finding = RULE.finds(
            path,
            &node.place,
            format!("{text:?}: {why}"),
            text!("a regular expression as RE2 knows them"),
            text!("The collector does not start with it."),
        );
        // A shell's pattern.
        let plain = |c: char| c.is_ascii_alphanumeric() || "*._-/".contains(c);
        let shell = text.starts_with('*') && text.len() > 2 && text.chars().all(plain);
        findings.push(
            match shell
                .then(|| text.replace('.', "[.]").replace('*', ".*"))
                .or_else(|| re2::fixed(text).filter(|new| new != ".*"))
            {
                Some(meant) => finding
                    .quotes(node.place, &meant),
                None if text.contains("(?") => finding.fix(format!(
                    "RE2 has no lookaround: name each key that is meant in an item of its own, such as {}name",
                    text.split("(?").next().unwrap_or("").trim_start_matches('^')
                )),
                None => finding.fix(text!(
                    "correct it, or name the whole key with [.] for the dot: user[.].+"
                )),
            },
        );
    }
}

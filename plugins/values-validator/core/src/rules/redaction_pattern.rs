//! What leaves, and what does not, is said by regular expressions of RE2, which knows no lookaround, no back
//! references and no possessive repetition. With one that does not parse no collector starts.
//!
//! The chart refuses it too.

use super::Rule;
use super::look::{on, text};
use crate::{Findings, Severity, Values};

/// `tracing.redaction.allow` or `attributes`, whichever the mode reads.
pub const RULE: Rule = Rule {
    code: "redaction-pattern",
    severity: Severity::Error,
    title: "No regular expression of RE2",
    check,
};

/// What a library for Rust's dialect cannot judge of RE2's: classes by name, quoting, one byte.
const UNKNOWN: [&str; 4] = [r"\p", r"\P", r"\Q", r"\C"];

/// Why RE2 refuses a pattern, as far as that is sure.
fn refused(pattern: &str) -> Option<String> {
    if UNKNOWN.iter().any(|escape| pattern.contains(escape)) {
        return None;
    }
    if let Err(error) = regex_lite::Regex::new(pattern) {
        return Some(error.to_string());
    }
    repeated_twice(pattern).then(|| "a repetition of a repetition".to_owned())
}

/// Whether a repetition follows another, as in `a**` or `a++`, which Rust's dialect allows. One `?`
/// behind a repetition makes it lazy.
fn repeated_twice(pattern: &str) -> bool {
    let (mut class, mut repetitions) = (false, 0);
    let mut text = pattern.chars();
    let mut lazy = false;
    while let Some(c) = text.next() {
        let mark = match c {
            '\\' => {
                text.next();
                false
            }
            '[' if !class => {
                class = true;
                // A bracket that comes first is one of the class.
                let mut rest = text.as_str();
                rest = rest.strip_prefix('^').unwrap_or(rest);
                text = rest.strip_prefix(']').unwrap_or(rest).chars();
                false
            }
            ']' => {
                class = false;
                false
            }
            '(' if !class && text.as_str().starts_with('?') => {
                text.next();
                false
            }
            '*' | '+' | '?' => !class,
            _ => false,
        };
        if !mark {
            (repetitions, lazy) = (0, false);
            continue;
        }
        if repetitions > 0 && (c != '?' || lazy) {
            return true;
        }
        lazy = repetitions > 0;
        repetitions += 1;
    }
    false
}

fn check(values: &Values, findings: &mut Findings) {
    if !on(values, "tracing.enabled") || !on(values, "tracing.redaction.enabled") {
        return;
    }
    let list = match text(values, "tracing.redaction.mode") {
        "deny" => "tracing.redaction.attributes",
        _ => "tracing.redaction.allow",
    };
    for (path, node) in values.list(list) {
        let Some(why) = node.as_str().and_then(refused) else {
            continue;
        };
        findings.push(
            RULE.at(path, node.place)
                .found(format!("{:?}: {why}", node.as_str().unwrap_or("")))
                .expected("a regular expression as RE2 knows them")
                .why("The collector does not start with it.")
                .fix("mend it, or name the whole key with [.] for the dot: user[.].+"),
        );
    }
}

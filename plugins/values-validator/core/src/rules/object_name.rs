//! `nameOverride` and `fullnameOverride` become names of objects: small letters, digits and `-`, with a
//! letter or digit at both ends. Kubernetes refuses every other name.

use super::Rule;
use crate::{Findings, Severity, Values};

/// `nameOverride` and `fullnameOverride`.
pub const RULE: Rule = Rule {
    code: "object-name",
    severity: Severity::Error,
    title: text!("A name is none that Kubernetes takes"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for path in ["nameOverride", "fullnameOverride"] {
        let Some(node) = values.get(path) else {
            continue;
        };
        let Some(text) = node.as_str() else {
            continue;
        };
        let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let edges = !text.starts_with('-') && !text.starts_with(|c: char| c.is_ascii_digit());
        if text.is_empty() || (edges && !text.ends_with('-') && text.chars().all(inside)) {
            continue;
        }
        let mended: String = text
            .to_ascii_lowercase()
            .chars()
            .map(|c| if inside(c) { c } else { '-' })
            .collect();
        let mended = mended
            .trim_matches('-')
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
        findings.push(
            RULE.at(path, &node.place)
                .found(format!("{text:?}"))
                .expected(text!(
                    "small letters, digits and `-`, beginning with a letter"
                ))
                .why(text!("Kubernetes refuses every object of that name."))
                .fix(format!("write {mended}")),
        );
    }
}

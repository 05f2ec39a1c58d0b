//! The chart makes objects' names from a model's name in small letters, with `-` for `.`, `/`, `_`
//! and `:`, cut to 40 characters. Two models that differ in nothing else would overwrite each other.
//!
//! The chart refuses it too.

use super::Rule;
use super::look::models;
use crate::sorted::Sorted;
use crate::{Findings, Severity, Values};

/// Names of `models` against each other.
pub const RULE: Rule = Rule {
    code: "model-names",
    severity: Severity::Error,
    title: text!("Two models have the same name, or names that give the same objects"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let mut seen = Sorted::default();
    for model in models(values) {
        let Some(name) = model.node.child("name") else {
            continue;
        };
        let slug = model.slug();
        let Some((first, place)) = seen.get(&slug) else {
            seen.insert(slug, (model.name, name.place));
            continue;
        };
        findings.push(
            RULE.finds(
                format!("{}.name", model.path),
                &name.place,
                format!("{:?} beside {first:?}: both give {slug:?}", model.name),
                text!("names that differ in letters or digits within the first 40"),
                text!("Objects are named by the model: one would overwrite the other's."),
            )
            .fix(text!(
                "rename one of them, or leave out the entry that is there twice"
            ))
            .related(*place, "the first of them"),
        );
    }
}

//! Mistakes as people make them (`realistic.yaml`): each is found at its line, and each edit that is offered
//! mends it: the finding is gone, and nothing new is an error.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;

use serde::Deserialize;
use values_validator_core::{Finding, Input, Report, Severity, Source, check};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mistake {
    /// What is wrong, in few words.
    what: String,
    /// Where, from 1.
    line: u32,
    /// The code that says so.
    code: String,
    values: String,
}

fn mistakes() -> Vec<Mistake> {
    serde_yaml::from_str(include_str!("../realistic.yaml")).unwrap()
}

fn checked(values: &str) -> Report {
    check(&Input {
        sources: vec![Source::new("values.yaml", values)],
        sets: Vec::new(),
    })
}

fn at(finding: &Finding, line: u32) -> bool {
    finding
        .place
        .is_some_and(|place| (place.line..=place.end_line).contains(&line))
}

fn named(finding: &Finding) -> (String, String) {
    (finding.code.to_owned(), finding.path.clone())
}

/// The text with the finding's edit.
fn mended(values: &str, finding: &Finding) -> Option<String> {
    let edit = finding.fix.replacement.as_ref()?;
    Source::new("values.yaml", values).replaced(edit.place, &edit.text)
}

#[test]
fn each_mistake_is_found_at_its_line() {
    let mistakes = mistakes();
    assert!(mistakes.len() >= 450, "{}", mistakes.len());
    let missed: Vec<String> = mistakes
        .iter()
        .filter(|mistake| {
            let report = checked(&mistake.values);
            let mut findings = report.findings.iter();
            !findings.any(|f| {
                f.code == mistake.code && f.severity != Severity::Info && at(f, mistake.line)
            })
        })
        .map(|m| format!("{}: no {} at line {}\n{}", m.what, m.code, m.line, m.values))
        .collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn each_edit_that_is_offered_mends_its_finding_and_breaks_nothing() {
    let mut wrong = Vec::new();
    let mut edits = 0;
    for mistake in mistakes() {
        let report = checked(&mistake.values);
        let before: BTreeSet<_> = report.findings.iter().map(named).collect();
        for finding in &report.findings {
            let Some(text) = mended(&mistake.values, finding) else {
                continue;
            };
            edits += 1;
            let after = checked(&text);
            let left = after
                .findings
                .iter()
                .any(|f| named(f) == named(finding) && f.found == finding.found);
            let worse = after
                .findings
                .iter()
                .any(|f| f.severity == Severity::Error && !before.contains(&named(f)));
            if left || worse || text == mistake.values {
                wrong.push(format!("{}: {:#?}\n{text}", mistake.what, after.findings));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(edits >= 130, "{edits} edits");
}

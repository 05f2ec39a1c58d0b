//! Mistakes as people make them (`realistic.yaml`): each is found at its line, and each edit that is offered
//! mends it: the finding is gone, and nothing new is an error.

#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

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
    /// The line as it is, and as it was meant, where that can be told.
    meant: Option<[String; 2]>,
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
    assert!(mistakes.len() >= 840, "{}", mistakes.len());
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

/// The values with the line as it was meant.
fn meant(mistake: &Mistake, [old, new]: &[String; 2]) -> serde_yaml::Value {
    let line = mistake.values.lines().find(|line| line.trim() == old);
    let line = line.unwrap_or_else(|| panic!("{}: no line {old:?}", mistake.what));
    let text = mistake.values.replacen(line, &line.replace(old, new), 1);
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", mistake.what))
}

/// Words of a line: names, numbers, addresses.
fn words(line: &str) -> BTreeSet<&str> {
    let apart = |c: char| c.is_whitespace() || "{}[]()\"',=~<>".contains(c);
    let words = line.split(apart).map(|word| word.trim_end_matches(':'));
    words.filter(|word| !word.is_empty()).collect()
}

/// Whether the edit gives what was meant; where there is none, whether the words do.
fn cured(mistake: &Mistake, wanted: &[String; 2]) -> bool {
    let report = checked(&mistake.values);
    let here: Vec<&Finding> = (report.findings.iter())
        .filter(|f| f.severity != Severity::Info && at(f, mistake.line))
        .collect();
    let edits: Vec<String> = here
        .iter()
        .filter_map(|f| mended(&mistake.values, f))
        .collect();
    if edits.is_empty() {
        let [old, new] = wanted;
        let old = words(old);
        let new: Vec<&str> = words(new)
            .into_iter()
            .filter(|w| !old.contains(w))
            .collect();
        return here
            .iter()
            .any(|f| new.iter().all(|word| f.fix.text.contains(word)));
    }
    let wanted = meant(mistake, wanted);
    edits
        .iter()
        .any(|text| serde_yaml::from_str::<serde_yaml::Value>(text).is_ok_and(|v| v == wanted))
}

/// Cures that hold: of the mistakes of which it is known what was meant, nearly all become that by the edit
/// that `--fix` makes, or are named so by the words.
#[test]
fn nine_of_ten_cures_give_what_was_meant() {
    let mistakes = mistakes();
    let known: Vec<(&Mistake, &[String; 2])> = (mistakes.iter())
        .filter_map(|mistake| Some((mistake, mistake.meant.as_ref()?)))
        .collect();
    let wrong: Vec<&str> = (known.iter())
        .filter(|(mistake, wanted)| !cured(mistake, wanted))
        .map(|(mistake, _)| mistake.what.as_str())
        .collect();
    println!(
        "{} of {} cures right",
        known.len() - wrong.len(),
        known.len()
    );
    assert!(known.len() >= 300, "{}", known.len());
    assert!(wrong.len() * 20 <= known.len(), "{}", wrong.join("\n"));
}

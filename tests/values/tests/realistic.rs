//! Mistakes as people make them (`realistic.yaml`): each is found at its line, and each edit that is offered
//! mends it: the finding is gone, and nothing new is an error. `edits.yaml` has whole files of which one line
//! was edited.

#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::{BTreeMap, BTreeSet};

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

/// Files that are right, and what somebody wrote in place of one of their lines.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edits {
    bases: BTreeMap<String, String>,
    edits: Vec<Edit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    what: String,
    base: String,
    old: String,
    new: String,
    /// Lines from the first that differs to the one that the finding is about.
    #[serde(default)]
    below: u32,
    /// The code that says so; none: not found, which is known.
    code: Option<String>,
    /// What was meant: the file as it was, or this in the place of `new`.
    meant: Option<Meant>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Meant {
    Base(bool),
    Text(String),
}

fn edits() -> Edits {
    serde_yaml::from_str(include_str!("../edits.yaml")).unwrap()
}

impl Edits {
    fn base(&self, edit: &Edit) -> &str {
        let base = &self.bases[&edit.base];
        assert_eq!(base.matches(&edit.old).count(), 1, "{}", edit.what);
        base
    }

    /// The file with the mistake, and the first line that differs, from 1.
    fn made(&self, edit: &Edit) -> (String, u32) {
        let base = self.base(edit);
        let values = base.replace(&edit.old, &edit.new);
        let same = base.lines().zip(values.lines());
        let same = same.take_while(|(a, b)| a == b).count();
        (values, u32::try_from(same).unwrap() + 1 + edit.below)
    }

    /// The file as it was meant.
    fn meant(&self, edit: &Edit) -> Option<String> {
        match edit.meant.as_ref()? {
            Meant::Base(is_it) => is_it.then(|| self.base(edit).to_owned()),
            Meant::Text(text) => Some(self.base(edit).replace(&edit.old, text)),
        }
    }
}

/// Whether a finding is about that line: there, with its second place, or at the key above or the line behind
/// where what is wrong is a block or the lack of a line.
fn about(finding: &Finding, line: u32) -> bool {
    let shape = [
        "wrong-type",
        "missing-key",
        "bad-yaml",
        "alertmanager-config",
        "pod-parts",
        "default-removed",
    ];
    let near = shape.contains(&finding.code) && (at(finding, line + 1) || at(finding, line - 1));
    let related = &finding.related;
    let second = (related.iter()).any(|r| (r.place.line..=r.place.end_line).contains(&line));
    at(finding, line) || second || near
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

#[test]
fn each_edited_line_is_found_and_the_file_before_the_edit_has_nothing() {
    let edits = edits();
    for (name, base) in &edits.bases {
        let report = checked(base);
        let said = report
            .findings
            .iter()
            .filter(|f| f.severity != Severity::Info);
        assert_eq!(said.count(), 0, "{name}: {:#?}", report.findings);
    }
    let mut wrong = Vec::new();
    let mut found = 0;
    for edit in &edits.edits {
        let (values, line) = edits.made(edit);
        let report = checked(&values);
        let mut findings = report
            .findings
            .iter()
            .filter(|f| f.severity != Severity::Info);
        match &edit.code {
            Some(code) if !findings.any(|f| f.code == *code && about(f, line)) => {
                wrong.push(format!("{}: no {code} at line {line}", edit.what));
            }
            Some(_) => found += 1,
            None if findings.any(|f| about(f, line)) => {
                wrong.push(format!("{}: found now; give its code", edit.what));
            }
            None => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{found} of {} edits found", edits.edits.len());
    assert!(edits.edits.len() >= 600 && found * 100 >= 95 * edits.edits.len());
}

#[test]
fn most_edited_lines_become_what_was_meant() {
    let edits = edits();
    let mut known = 0;
    let mut right = 0;
    for edit in &edits.edits {
        let (Some(meant), Some(code)) = (edits.meant(edit), &edit.code) else {
            continue;
        };
        known += 1;
        let wanted: serde_yaml::Value = serde_yaml::from_str(&meant).unwrap();
        let (mut values, line) = edits.made(edit);
        // As `--fix` does: one edit after the other.
        for _ in 0..4 {
            let report = checked(&values);
            let mut here = (report.findings.iter()).filter(|f| about(f, line));
            let Some(text) = here.find_map(|finding| mended(&values, finding)) else {
                break;
            };
            values = text;
        }
        let edited = serde_yaml::from_str::<serde_yaml::Value>(&values);
        let by_edit = edited.is_ok_and(|value| value == wanted);
        let written = [&edit.old, &edit.new].map(|text| words(text));
        let new: Vec<_> = written[0].difference(&written[1]).collect();
        let report = checked(&edits.made(edit).0);
        let mut here = (report.findings.iter()).filter(|f| f.code == *code && about(f, line));
        let by_words =
            !new.is_empty() && here.any(|f| new.iter().all(|word| f.fix.text.contains(**word)));
        right += usize::from(by_edit || by_words);
    }
    println!("{right} of {known} edits undone");
    assert!(
        known >= 350 && right * 100 >= 85 * known,
        "{right} of {known}"
    );
}

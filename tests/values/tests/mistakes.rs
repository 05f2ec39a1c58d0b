//! Every realistic mistake is found, where it stands, and nothing beside it.

use std::collections::BTreeSet;

use values_tests::mistakes::{COMMAND, all, folder, found, index};
use values_validator_core::{codes, rules};

#[test]
fn every_mistake_is_found_at_its_line_and_column_and_nothing_else_is() {
    let mut wrong = Vec::new();
    let all = all().unwrap();
    assert!(all.len() >= 80, "{} mistakes", all.len());
    for mistake in &all {
        let (found, report) = found(mistake).unwrap();
        if found != mistake.expected {
            let expected = &mistake.expected;
            let texts: Vec<String> = report
                .findings
                .iter()
                .map(|f| format!("{}: {} (expected {})", f.path, f.found, f.expected))
                .collect();
            wrong.push(format!(
                "{}\n expected {expected:?}\n found    {found:?}\n {texts:?}",
                mistake.name
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}\n{}",
        wrong.len(),
        all.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_rule_and_kind_of_finding_has_a_mistake() {
    let all = all().unwrap();
    let seen: BTreeSet<&str> = all
        .iter()
        .flat_map(|m| &m.expected)
        .map(|e| e.code.as_str())
        .collect();
    // A thousand findings are no mistake that a file of a few lines shows: tests/hostile.rs has it. Rules of files of
    // their own: tests/pint.rs has them.
    let shape = codes::ALL.iter().map(|code| code.code).filter(|code| {
        ![
            codes::TOO_MANY.code,
            codes::RULE_REFUSED.code,
            codes::DASHBOARD_QUERY.code,
        ]
        .contains(code)
    });
    let missing: Vec<&str> = rules::ALL
        .iter()
        .map(|rule| rule.code)
        .chain(shape)
        .filter(|code| !seen.contains(code))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn the_index_says_what_the_files_say() {
    let committed = std::fs::read_to_string(folder().join("index.json")).unwrap_or_default();
    assert!(
        committed == index().unwrap(),
        "tests/values/mistakes/index.json: run `{COMMAND}`"
    );
}

//! Every rule against its test file, `rules/<code>.yaml`: values in which it fires, with path and
//! place, and values that come near and must not.

#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use values_validator_core::{Finding, Input, Report, Source, check, codes, rules};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    fires: Vec<Fires>,
    silent: Vec<Silent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fires {
    values: String,
    path: String,
    /// `line:column`
    at: String,
    /// A part of what was found.
    #[serde(default)]
    found: String,
    /// A part of the cure in words.
    #[serde(default)]
    cure: String,
    /// The values that the replacement makes; none where there is no replacement.
    mended: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Silent {
    /// Why it is near.
    near: String,
    values: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn report(values: &str) -> Report {
    check(&Input {
        sources: vec![Source::new("values.yaml", values)],
        sets: Vec::new(),
    })
}

fn of<'a>(report: &'a Report, code: &str) -> Vec<&'a Finding> {
    report.findings.iter().filter(|f| f.code == code).collect()
}

fn cases(code: &str) -> Cases {
    let path = folder("tests/rules").join(format!("{code}.yaml"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_yaml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn mended(values: &str, finding: &Finding) -> Option<String> {
    let edit = finding.fix.replacement.as_ref()?;
    let offset = |line: u32, column: u32| -> usize {
        let before: usize = values
            .split_inclusive('\n')
            .take(line as usize - 1)
            .map(str::len)
            .sum();
        let rest = values[before..].chars().take(column as usize - 1);
        before + rest.map(char::len_utf8).sum::<usize>()
    };
    let place = edit.place;
    let [start, end] = [
        (place.line, place.column),
        (place.end_line, place.end_column),
    ]
    .map(|(line, column)| offset(line, column));
    Some(format!(
        "{}{}{}",
        &values[..start],
        edit.text,
        &values[end..]
    ))
}

/// What is wrong with a case; nothing when it holds.
fn wrong(code: &str, case: &Fires) -> Option<String> {
    let report = report(&case.values);
    let place = |f: &Finding| {
        f.place
            .map_or_else(String::new, |p| format!("{}:{}", p.line, p.column))
    };
    let found = of(&report, code);
    let mut places: Vec<_> = found.iter().map(|f| (&f.path, f.place)).collect();
    places.sort();
    if places.windows(2).any(|two| two[0] == two[1]) {
        return Some(format!("two findings at one place: {found:#?}"));
    }
    let Some(finding) = found
        .iter()
        .find(|f| f.path == case.path && place(f) == case.at)
    else {
        return Some(format!(
            "expected {} at {}, found {:#?}",
            case.path, case.at, report.findings
        ));
    };
    let texts = [
        &finding.found,
        &finding.expected,
        &finding.why,
        &finding.fix.text,
    ];
    if !finding.found.contains(&case.found) || texts.iter().any(|text| text.is_empty()) {
        return Some(format!(
            "expected {:?} and no empty text, found {finding:#?}",
            case.found
        ));
    }
    if !finding.fix.text.contains(&case.cure) {
        return Some(format!(
            "expected the cure {:?}, found {finding:#?}",
            case.cure
        ));
    }
    let after = mended(&case.values, finding);
    if after != case.mended {
        return Some(format!(
            "the replacement makes {after:?}, expected {:?}",
            case.mended
        ));
    }
    let left = self::report(&after?);
    (!of(&left, code).is_empty()).then(|| format!("still there: {:#?}", left.findings))
}

#[test]
fn every_rule_finds_what_it_is_for_at_its_place_and_says_what_to_do() {
    let mut all = Vec::new();
    for rule in rules::ALL {
        let cases = cases(rule.code);
        assert!(!cases.fires.is_empty(), "{}: no case", rule.code);
        let wrong = cases.fires.iter().filter_map(|case| {
            Some(format!(
                "{}: {}\n{}",
                rule.code,
                wrong(rule.code, case)?,
                case.values
            ))
        });
        all.extend(wrong);
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn every_rule_is_silent_about_what_only_comes_near() {
    let mut all = Vec::new();
    for rule in rules::ALL {
        let cases = cases(rule.code);
        assert!(!cases.silent.is_empty(), "{}: no near miss", rule.code);
        for case in cases.silent {
            let report = report(&case.values);
            let found = of(&report, rule.code);
            if !found.is_empty() {
                all.push(format!(
                    "{} ({}): {found:#?}\n{}",
                    rule.code, case.near, case.values
                ));
            }
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn no_rule_says_anything_about_the_charts_own_values() {
    let found = check(&Input::default()).findings;
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_rule_is_a_file_a_line_in_the_registry_a_heading_and_a_test_file() {
    let stems = |path: &str, extension: &str| -> BTreeSet<String> {
        let paths = fs::read_dir(folder(path))
            .unwrap()
            .map(|entry| entry.unwrap().path());
        paths
            .filter(|path| path.extension().is_some_and(|e| e == extension))
            .map(|path| {
                path.file_stem()
                    .unwrap()
                    .to_string_lossy()
                    .replace('_', "-")
            })
            .collect()
    };
    let registry: Vec<&str> = rules::ALL.iter().map(|rule| rule.code).collect();
    assert!(registry.is_sorted(), "{registry:?}");
    let registry: BTreeSet<String> = registry.into_iter().map(str::to_owned).collect();
    assert_eq!(registry.len(), rules::ALL.len(), "two rules have one code");

    let mut files = stems("src/rules", "rs");
    for helper in rules::HELPERS {
        assert!(files.remove(*helper), "{helper} is no file");
    }
    assert_eq!(files, registry, "files in src/rules against the registry");
    assert_eq!(
        stems("tests/rules", "yaml"),
        registry,
        "files in tests/rules against the registry"
    );

    let page = fs::read_to_string(root().join("docs/findings.md")).unwrap();
    let headings: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .map(str::to_owned)
        .collect();
    let shape = codes::ALL.iter().map(|code| code.code.to_owned());
    let all: BTreeSet<String> = registry.into_iter().chain(shape).collect();
    assert_eq!(
        headings, all,
        "headings of docs/findings.md against registry and codes"
    );
}

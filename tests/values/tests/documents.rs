//! Whole documents held against the real helm: layouts, brackets, anchors, merge keys, tags, tabs,
//! line ends, several documents in a file.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::fs;

use harness::repo;
use values_tests::helm::{Case, Helm};
use values_tests::tree;
use values_validator_core::check;

fn documents(name: &str) -> Vec<String> {
    let text = fs::read_to_string(repo::root().join("tests/values").join(name)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn documents_are_read_or_refused_as_helm_does() {
    let helm = Helm::new().unwrap();
    // As a chart's own values, so that all that are taken need one run.
    let (taken, refused): (Vec<Case>, Vec<Case>) = documents("documents.jsonl")
        .into_iter()
        .map(|document| Case {
            defaults: document.into(),
            ..Case::default()
        })
        .partition(|case| tree::ours(case).is_ok());
    assert!(taken.len() > 140 && refused.len() > 100);

    let files: Vec<&[u8]> = taken.iter().map(|case| case.defaults.as_slice()).collect();
    let answers = helm.defaults(&files).unwrap().into_iter().map(Ok);
    let refusals = helm.answers(&refused).unwrap();
    let cases = taken.iter().chain(&refused);
    let differences: Vec<String> = cases
        .zip(answers.chain(refusals))
        .filter_map(|(case, answer)| tree::difference(case, &answer))
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn what_helm_leaves_out_without_a_word_is_refused_here() {
    let helm = Helm::new().unwrap();
    for document in documents("stricter.jsonl") {
        let case = Case::of(document.clone());
        let answer = helm.answer(&case).unwrap().expect("helm takes the start");
        assert_eq!(answer, serde_json::json!({"a": 1}), "{document}");
        let words = tree::ours(&case).expect_err(&document);
        assert!(words.contains("line: 2"), "{words}");
    }
}

/// Helm reads such keys as two and writes them into one of JSON, in the order of a Go map: its answer
/// is either of the two, so it cannot be compared with ours.
#[test]
fn keys_of_two_kinds_with_one_text_are_refused_here_and_either_value_in_helm() {
    let helm = Helm::new().unwrap();
    let pairs = [("1", "\"1\""), ("true", "'true'"), ("1.5", "\"1.5\"")];
    let cases = pairs.map(|(first, second)| Case::of(format!("{first}: a\n{second}: b\n")));
    let answers = helm.answers(&cases).unwrap();
    for (((first, _), case), answer) in pairs.iter().zip(&cases).zip(answers) {
        let of = |value: &str| serde_json::json!({(*first): value});
        let answer = answer.expect("helm takes it");
        assert!([of("a"), of("b")].contains(&answer), "{answer}");
        let findings = check(&case.input().1).findings;
        let clash = findings.iter().find(|f| f.code == "duplicate-key");
        let why = clash.unwrap_or_else(|| panic!("{findings:?}")).why.clone();
        assert!(why.contains("by chance"), "{why}");
    }
}

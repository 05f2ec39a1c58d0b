//! Scalars held against the real helm: what each is, and that those it refuses are refused.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::fs;

use harness::repo;
use values_tests::helm::{Case, Helm};
use values_tests::tree;

fn lines(name: &str) -> Vec<String> {
    let path = repo::root().join("tests/values").join(name);
    let text = fs::read_to_string(&path).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn every_scalar_of_the_corpus_is_what_helm_reads() {
    let scalars = lines("scalars.txt");
    assert!(scalars.len() >= 150, "{}", scalars.len());
    let file: String = (0..)
        .zip(&scalars)
        .map(|(i, scalar)| format!("k{i}: {scalar}\n"))
        .collect();
    let case = Case::of(file);
    let helm = Helm::new().unwrap().answer(&case).unwrap().unwrap();
    let ours = tree::ours(&case).unwrap();
    let different: Vec<String> = scalars
        .iter()
        .enumerate()
        .filter_map(|(i, scalar)| {
            let key = format!("k{i}");
            let (ours, helm) = (ours.get(&key), helm.get(&key));
            let same = ours.zip(helm).is_some_and(|(a, b)| tree::same(a, b));
            (!same).then(|| format!("{scalar}: ours {ours:?}, helm {helm:?}"))
        })
        .collect();
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn every_scalar_that_helm_refuses_is_refused_with_its_place() {
    let scalars = lines("refused.txt");
    let cases: Vec<Case> = scalars
        .iter()
        .map(|scalar| Case::of(format!("k: {scalar}\n")))
        .collect();
    let answers = Helm::new().unwrap().answers(&cases).unwrap();
    for ((scalar, case), helm) in scalars.iter().zip(&cases).zip(&answers) {
        assert!(helm.is_err(), "helm takes {scalar}: {helm:?}");
        assert!(
            tree::ours(case).is_err(),
            "we take {scalar}: {:?}",
            tree::ours(case)
        );
    }
}

//! The chart's guards and the validator's rules agree: what helm would refuse is found before, with
//! its place, and what the validator lets pass is rendered.

use std::collections::BTreeSet;
use std::fs;
use std::thread;

use anyhow::Result;
use harness::repo;
use values_tests::guards::{ALONE, Case, TWINS, WIDER, cases, fails};
use values_validator_core::rules;

#[test]
fn every_fail_of_the_chart_has_a_rule_or_a_reason_why_not() {
    let fails = fails().unwrap();
    let known: Vec<&str> = TWINS.iter().chain(ALONE).map(|(text, _)| *text).collect();
    let wrong: Vec<String> = fails
        .iter()
        .filter(|fail| known.iter().filter(|text| fail.contains(**text)).count() != 1)
        .map(|fail| format!("not in one line of TWINS or ALONE: {fail}"))
        .chain(
            known
                .iter()
                .filter(|text| fails.iter().filter(|fail| fail.contains(**text)).count() != 1)
                .map(|text| format!("not in one fail of the chart: {text}")),
        )
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(fails.len(), known.len());
}

#[test]
fn a_rule_says_on_its_page_that_the_chart_refuses_too_where_it_does() {
    let folder = repo::root().join("plugins/values-validator/core/src/rules");
    let says: BTreeSet<&str> = rules::ALL
        .iter()
        .map(|rule| rule.code)
        .filter(|code| {
            let file = folder.join(format!("{}.rs", code.replace('-', "_")));
            let page = fs::read_to_string(file).unwrap();
            page.lines()
                .any(|line| line.starts_with("//! The chart refuses"))
        })
        .collect();
    let twins: BTreeSet<&str> = TWINS.iter().map(|(_, code)| *code).collect();
    assert_eq!(says, twins);
}

/// What is wrong between helm and the validator on a file; the guard that was met.
fn compared(case: &Case) -> Result<(Option<&'static str>, Option<String>)> {
    let refusal = case.refusal(&repo::root().join("chart"))?;
    let report = case.report();
    let guard = refusal.as_ref().and_then(|said| {
        let mut twins = TWINS.iter();
        twins.find(|(text, _)| said.contains(text))
    });
    let wrong = match (guard, &refusal) {
        (Some((text, code)), _) => (!report.findings.iter().any(|f| f.code == *code))
            .then(|| format!("helm refuses ({text}), the validator does not say {code}")),
        (None, Some(said)) => {
            (!report.failed()).then(|| format!("the validator finds no error, helm says {said}"))
        }
        (None, None) if case.fires && !WIDER.iter().any(|(code, _)| *code == case.rule) => {
            Some(format!("{} fires, helm renders it", case.rule))
        }
        (None, None) => None,
    };
    let wrong = wrong.map(|wrong| format!("{}: {wrong}\n{}", case.rule, case.values));
    Ok((guard.map(|(text, _)| *text), wrong))
}

#[test]
fn helm_refuses_what_the_rules_find_and_renders_what_they_let_pass() {
    let cases = cases().unwrap();
    let half = cases.len() / 2;
    let run = |cases: &[Case]| -> Vec<_> { cases.iter().map(|c| compared(c).unwrap()).collect() };
    let all = thread::scope(|scope| {
        let first = scope.spawn(|| run(&cases[..half]));
        let mut rest = run(&cases[half..]);
        rest.extend(first.join().unwrap());
        rest
    });
    let wrong: Vec<String> = all.iter().filter_map(|(_, wrong)| wrong.clone()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let met: BTreeSet<&str> = all.iter().filter_map(|(guard, _)| *guard).collect();
    let guards: BTreeSet<&str> = TWINS.iter().map(|(text, _)| *text).collect();
    assert_eq!(met, guards, "guards that a rule's cases meet");
    assert!(all.iter().filter(|(guard, _)| guard.is_none()).count() >= 30);
}

//! `vllm-values lint` held to the verdicts of pint and promtool over rules as people write them, and all three to the
//! chart's own.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use harness::render::{Options, Rendered};
use harness::repo;
use serde::Deserialize;
use serde_json::{Value, json};
use values_validator_core::{Severity, Source, Version, lint};

/// A rule, and why nothing is said of it here where pint warns.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    rule: Value,
    silent: Option<String>,
}

/// How bad pint calls what it finds, the worst last. Its `Information` is about style.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
enum Verdict {
    Information,
    Warning,
    Bug,
    Fatal,
}

#[derive(Deserialize)]
struct Problem {
    path: String,
    reporter: String,
    problem: String,
    severity: Verdict,
}

/// What pint finds in the files of a folder without a Prometheus to ask.
fn pint(folder: &Path) -> Vec<Problem> {
    let report = folder.with_extension("json");
    let mut command = repo::command("pint").unwrap();
    command.args(["--no-color", "--offline", "lint", "--min-severity=info"]);
    command.arg("--json").arg(&report).arg(".");
    let out = command.current_dir(folder).output().unwrap();
    let text = fs::read_to_string(&report);
    let text = text.map_err(|_| String::from_utf8_lossy(&out.stderr).into_owned());
    serde_json::from_str(&text.unwrap()).unwrap()
}

/// Whether Prometheus refuses the file, in promtool's words.
fn promtool(file: &Path) -> Option<String> {
    let mut command = repo::command("promtool").unwrap();
    let out = command.args(["check", "rules", "--lint=none"]).arg(file);
    let out = out.output().unwrap();
    (!out.status.success()).then(|| String::from_utf8_lossy(&out.stderr).into_owned())
}

#[test]
fn what_pint_and_promtool_find_is_found() {
    let cases = repo::root().join("tests/values/rules.yaml");
    let cases: Vec<Case> = serde_yaml::from_str(&fs::read_to_string(cases).unwrap()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("rules");
    fs::create_dir(&folder).unwrap();
    let mut texts = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let file = json!({"groups": [{"name": "g", "rules": [case.rule]}]});
        let text = serde_yaml::to_string(&file).unwrap();
        fs::write(folder.join(format!("{number}.yaml")), &text).unwrap();
        texts.push(text);
    }
    let mut theirs: BTreeMap<String, Vec<Problem>> = BTreeMap::new();
    for problem in pint(&folder) {
        theirs
            .entry(problem.path.clone())
            .or_default()
            .push(problem);
    }
    let mut wrong = Vec::new();
    let mut refusals = 0;
    for ((number, case), text) in cases.iter().enumerate().zip(texts) {
        let file = format!("{number}.yaml");
        let problems = theirs.remove(&file).unwrap_or_default();
        let worst = problems.iter().map(|one| one.severity).max();
        let report = lint(vec![Source::new(&file, text)], Version::NEWEST);
        let said: Vec<_> = report
            .findings
            .iter()
            .map(|one| (one.code, one.severity))
            .collect();
        let refused = promtool(&folder.join(&file));
        refusals += usize::from(refused.is_some());
        let errors = ["rule-refused", "alert-expression", "alert-template"];
        let refusal = |(code, severity): &(&str, Severity)| {
            errors.contains(code) && *severity == Severity::Error
        };
        let shown = || {
            let reporters: Vec<_> = problems
                .iter()
                .map(|p| (&*p.reporter, &*p.problem))
                .collect();
            format!(
                "{}\n  pint {reporters:?}\n  promtool {refused:?}\n  lint {said:?}",
                case.rule
            )
        };
        let doubted = worst >= Some(Verdict::Warning) || refused.is_some();
        if case.silent.is_some() {
            if worst != Some(Verdict::Warning) || !said.is_empty() {
                wrong.push(format!("`silent` is not true of {}", shown()));
            }
        } else if doubted && said.is_empty() {
            wrong.push(format!("not found: {}", shown()));
        }
        if refused.is_some()
            && !said
                .iter()
                .any(|(_, severity)| *severity == Severity::Error)
        {
            wrong.push(format!("no error for what Prometheus refuses: {}", shown()));
        }
        if said.iter().any(refusal) && refused.is_none() && worst < Some(Verdict::Bug) {
            wrong.push(format!("an error for what Prometheus takes: {}", shown()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refusals > 35, "{refusals}");
}

/// Of what kinds pint warns in the chart's rules, and why they stay.
const MEANT: [(&str, &str); 6] = [
    // The watchdog.
    ("alerts/comparison", "always firing alert"),
    // `cluster=""` selects the series without that label, which match those without it.
    ("promql/impossible", "dead code in query"),
    ("promql/impossible", "impossible label"),
    // A list of namespaces, here of one.
    ("promql/regexp", "redundant regexp"),
    // Pods of a StatefulSet of the chart.
    ("promql/regexp", "smelly regexp selector"),
    // The value of one evaluation before.
    (
        "rule/dependency",
        "rule uses metric produced by a recording rule from a different group",
    ),
];

#[test]
fn the_charts_own_rules_are_right_to_all_three() {
    let rendered = Rendered::new(&Options::default()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("own");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("rules.yaml");
    let text = rendered.rules().unwrap().unwrap();
    fs::write(&file, &text).unwrap();
    assert_eq!(promtool(&file), None);
    let problems = pint(&folder);
    let bad = problems
        .iter()
        .filter(|one| one.severity > Verdict::Information);
    let bad = bad.filter(|one| !MEANT.contains(&(&*one.reporter, &*one.problem)));
    let bad: BTreeSet<_> = bad.map(|one| (&one.reporter, &one.problem)).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    for (reporter, problem) in MEANT {
        let said = |one: &Problem| one.reporter == reporter && one.problem == problem;
        assert!(problems.iter().any(said), "pint no longer says {problem}");
    }
    let report = lint(vec![Source::new("rules.yaml", text)], Version::NEWEST);
    // Infos are about the side of `or` for histograms of the other kind.
    let said = report.findings.iter();
    let said = said.filter(|one| one.severity != Severity::Info);
    let said: Vec<_> = said.map(|one| (one.code, &one.path, &one.found)).collect();
    assert!(said.is_empty(), "{said:#?}");
}

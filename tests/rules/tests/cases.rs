//! What each alert does, by promtool.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use anyhow::Result;
use rules_tests::{alerts, cases, here, rules};
use serde_yaml::{Mapping, Value};

/// What every alert must show.
const EVERY: [&str; 5] = ["fires", "not-yet", "healthy", "outage", "double-scrape"];
/// What alerts that read buckets must show besides.
const OF_HISTOGRAMS: [&str; 2] = ["le-point", "le-plain"];
const HISTOGRAMS: [&str; 4] = [
    "VllmE2ELatencyHigh",
    "VllmTimeToFirstTokenHigh",
    "VllmInterTokenLatencyHigh",
    "VllmSlowRequestsPresent",
];

fn own() -> Result<Value> {
    rules("vllm-monitoring", &[here().join("values.yaml")])
}

fn promtool() -> Result<Command> {
    Ok(Command::new(harness::repo::tool("promtool")?))
}

#[test]
fn every_case_of_every_alert_holds() {
    let dir = tempfile::tempdir().unwrap();
    for (file, rules) in [
        ("own.yaml", own().unwrap()),
        ("other.yaml", rules("other", &[]).unwrap()),
    ] {
        fs::write(
            dir.path().join(file),
            serde_yaml::to_string(&rules).unwrap(),
        )
        .unwrap();
    }
    let mut tests = Vec::new();
    for file in cases().unwrap() {
        for (name, mut test) in file.cases {
            test.remove("why").expect("a case says why");
            test.insert("name".into(), format!("{} {name}", file.alert).into());
            tests.push(Value::Mapping(test));
        }
    }
    let mut suite = Mapping::new();
    suite.insert(
        "rule_files".into(),
        vec![Value::from("own.yaml"), "other.yaml".into()].into(),
    );
    suite.insert("evaluation_interval".into(), "30s".into());
    suite.insert("tests".into(), tests.into());
    let path = dir.path().join("suite.yaml");
    fs::write(&path, serde_yaml::to_string(&suite).unwrap()).unwrap();
    let out = promtool()
        .unwrap()
        .args(["test", "rules"])
        .arg(&path)
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
}

#[test]
fn every_alert_has_every_case() {
    let rules = own().unwrap();
    let files = cases().unwrap();
    let tested: BTreeSet<&str> = files.iter().map(|f| f.alert.as_str()).collect();
    assert_eq!(tested, alerts(&rules).into_iter().collect::<BTreeSet<_>>());
    for file in &files {
        let mut expected = EVERY.to_vec();
        if HISTOGRAMS.contains(&file.alert.as_str()) {
            expected.extend(OF_HISTOGRAMS);
        }
        for case in expected {
            assert!(
                file.cases.contains_key(case),
                "{}: no case `{case}`",
                file.alert
            );
        }
    }
}

#[test]
fn promtool_accepts_the_rules() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rules.yaml");
    fs::write(&path, serde_yaml::to_string(&own().unwrap()).unwrap()).unwrap();
    let out = promtool()
        .unwrap()
        .args(["check", "rules", "--lint-fatal"])
        .arg(&path)
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
}

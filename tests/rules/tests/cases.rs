//! What each alert does, by promtool.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};
use rules_tests::cases::{Cases, cases};
use rules_tests::derived::{ALWAYS, Case, derive};
use rules_tests::{alerts, all, expr, on_every_core, only, own_rules, promtool, rules};
use serde_yaml::{Mapping, Value};

/// What every alert must show.
const EVERY: [&str; 7] = [
    "fires",
    "not-yet",
    "healthy",
    "recovery",
    "gap",
    "gap-healthy",
    "outage",
];
/// What alerts over rates must show besides.
const OF_COUNTERS: [&str; 2] = ["reset", "reset-healthy"];
/// What alerts over buckets must show besides.
const OF_BUCKETS: [&str; 2] = ["le-plain", "native"];
/// It shares its records with the objectives of latency, by the label `slo`, and reads no bucket.
const NO_BUCKETS: &str = "VllmAvailabilityBudgetBurning";

fn derived(file: &Cases, rules: &Value) -> Result<Vec<Case>> {
    let rule = all(rules)
        .into_iter()
        .find(|r| r["alert"].as_str() == Some(&file.alert));
    derive(
        file,
        rule.with_context(|| format!("no alert {}", file.alert))?,
    )
}

/// Runs promtool on one alert; what it says if a case does not hold.
fn run(file: &Cases, own: &Value, other: &Value) -> Result<Option<String>> {
    let cases = derived(file, own)?;
    let (own, other) = (only(own, &file.alert)?, only(other, &file.alert)?);
    let mut said = String::new();
    for doubled in [false, true] {
        let mut rules = vec![("own.yaml", &own)];
        // Beside a second release nothing changes; without it nothing else can raise the alert.
        if !doubled {
            rules.push(("other.yaml", &other));
        }
        let names: Vec<Value> = rules.iter().map(|(name, _)| Value::from(*name)).collect();
        let tests: Vec<Value> = cases
            .iter()
            .map(|case| case.promtool(&file.alert, doubled))
            .collect();
        let mut suite = Mapping::new();
        suite.insert("rule_files".into(), names.into());
        suite.insert("evaluation_interval".into(), "30s".into());
        suite.insert("tests".into(), tests.into());
        let dir = tempfile::tempdir()?;
        let failed = promtool::test(dir.path(), &rules, &serde_yaml::to_string(&suite)?)?;
        said += failed.as_deref().unwrap_or_default();
    }
    Ok((!said.is_empty()).then_some(said))
}

#[test]
fn every_case_of_every_alert_holds() {
    let own = own_rules().unwrap();
    // It watches the same pods and has no collector or Alertmanager of its own.
    let off = [
        "tracing.enabled=false",
        "alertmanager.enabled=false",
        "rules.alerts.Watchdog.enabled=false",
    ];
    let other = rules("other", &[], &off).unwrap();
    let files = cases().unwrap();
    // ALERT=VllmFleetDown runs one alert's, ALERT=VllmFleetDown,Watchdog those of two.
    let wanted = std::env::var("ALERT")
        .ok()
        .filter(|names| !names.is_empty());
    for name in wanted.iter().flat_map(|wanted| wanted.split(',')) {
        let known = files.iter().any(|file| file.alert == name);
        assert!(known, "ALERT: found {name}; expected the name of an alert");
    }
    let is_wanted = |file: &&Cases| {
        let wanted = wanted.as_deref();
        wanted.is_none_or(|wanted| wanted.split(',').any(|name| name == file.alert))
    };
    let files: Vec<&Cases> = files.iter().filter(is_wanted).collect();
    // promtool uses one core.
    let runs = on_every_core(&files, |file| run(file, &own, &other).unwrap());
    let failed: Vec<String> = runs.into_iter().flatten().collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Alerts without a file of cases. Empty, and it stays so.
const UNTESTED: [&str; 0] = [];

#[test]
fn every_alert_has_every_case_that_fits_it() {
    let rules = own_rules().unwrap();
    let files = cases().unwrap();
    let tested: BTreeSet<&str> = files
        .iter()
        .map(|f| f.alert.as_str())
        .chain(UNTESTED)
        .collect();
    assert_eq!(tested, alerts(&rules));
    for file in &files {
        let mut expected = if file.always {
            ALWAYS.to_vec()
        } else {
            EVERY.to_vec()
        };
        let reads = only(&rules, &file.alert).unwrap();
        let mut calls = BTreeSet::new();
        let mut raw = BTreeSet::new();
        for rule in all(&reads) {
            let found = expr::read(rule["expr"].as_str().unwrap()).unwrap();
            calls.extend(found.calls);
            raw.extend(found.selectors.into_iter().map(|s| s.metric));
        }
        if calls.contains("rate") || calls.contains("increase") {
            expected.extend(OF_COUNTERS);
        }
        if file.alert != NO_BUCKETS && raw.iter().any(|name| name.ends_with("_bucket")) {
            expected.extend(OF_BUCKETS);
        }
        let have: BTreeSet<String> = derived(file, &rules)
            .unwrap()
            .into_iter()
            .map(|case| case.name)
            .collect();
        for case in expected {
            assert!(have.contains(case), "{}: no case `{case}`", file.alert);
        }
    }
}

#[test]
fn promtool_accepts_the_rules() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rules.yaml");
    fs::write(&path, serde_yaml::to_string(&own_rules().unwrap()).unwrap()).unwrap();
    let out = harness::repo::command("promtool")
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

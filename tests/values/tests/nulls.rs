//! Null over the chart's defaults: what the validator lets pass renders, what it finds does not.

#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use harness::repo;
use serde_json::{Map, Value, json};
use values_tests::nulls;
use values_validator_core::{Input, Report, Severity, Source, check, embedded};

fn checked(values: &Value) -> Report {
    check(&Input {
        sources: vec![Source::new("values.yaml", values.to_string())],
        sets: Vec::new(),
    })
}

/// What helm says against it; nothing where it renders.
fn refused(values: &Value) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("values.yaml");
    std::fs::write(&file, values.to_string()).unwrap();
    let out = repo::command("helm")
        .unwrap()
        .args(["template", "t"])
        .arg(repo::root().join("chart"))
        .arg("--values")
        .arg(file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    (!out.status.success()).then_some(said)
}

/// Null for each empty default, maps kept.
fn nulls(defaults: &Map<String, Value>, count: &mut usize) -> Value {
    let mut out = Map::new();
    for (key, value) in defaults {
        let empty = match value {
            Value::Object(map) => map.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::String(text) => text.is_empty(),
            _ => false,
        };
        if empty {
            *count += 1;
            out.insert(key.clone(), Value::Null);
        } else if let Value::Object(map) = value {
            out.insert(key.clone(), nulls(map, count));
        }
    }
    Value::Object(out)
}

#[test]
fn every_empty_default_may_be_null() {
    let defaults: Map<String, Value> = serde_yaml::from_str(embedded::defaults()).unwrap();
    let mut count = 0;
    let mut values = nulls(&defaults, &mut count);
    for part in ["jaeger", "grafana"] {
        values[part]["enabled"] = json!(true);
    }
    assert!(count > 50, "{count}");
    let report = checked(&values);
    assert!(!report.failed(), "{:#?}", report.findings);
    assert_eq!(refused(&values), None);
}

#[test]
fn an_entry_of_a_map_with_free_keys_and_a_part_of_resources_may_be_null() {
    let values = json!({
        "slos": {"windows": {"slow": null}},
        "dashboards": {"labels": {"grafana_dashboard": null, "mine": "yes"}},
        "tracing": {"collector": {"resources": {"limits": null}}},
        "prometheus": {"resources": {"requests": {"cpu": null}}},
    });
    let report = checked(&values);
    assert!(!report.failed(), "{:#?}", report.findings);
    assert_eq!(refused(&values), None);
}

#[test]
fn a_section_that_is_null_is_found_and_stops_helm() {
    for path in [
        "thresholds",
        "metrics.scrape",
        "slos.e2eLatency.limit",
        "rules.window",
        "tracing.sampling",
        "tracing.exporters",
        "networkPolicies",
    ] {
        let values = path
            .rsplit('.')
            .fold(Value::Null, |below, key| json!({ key: below }));
        let report = checked(&values);
        let found = report.findings.iter().find(|f| f.code == "default-removed");
        assert_eq!(found.map(|f| f.path.as_str()), Some(path), "{report:#?}");
        assert!(refused(&values).is_some(), "{path}");
    }
}

#[test]
fn null_over_a_default_is_an_error_where_rendering_breaks_and_else_a_warning() {
    let listed: Vec<&str> = embedded::renders().lines().collect();
    let paths = nulls::paths().unwrap();
    let stale: Vec<&&str> = listed
        .iter()
        .filter(|path| !paths.iter().any(|p| p == **path))
        .collect();
    assert!(stale.is_empty(), "{stale:?}: run `{}`", nulls::COMMAND);
    // Each takes a second: three of the list, the same every day; with VALUES_NULLS=all every one, those that are
    // not listed too.
    let all = std::env::var("VALUES_NULLS").is_ok_and(|text| text == "all");
    let mut rng = fastrand::Rng::with_seed(1);
    let mut drawn: Vec<&str> = if all {
        paths.iter().map(String::as_str).collect()
    } else {
        listed.clone()
    };
    rng.shuffle(&mut drawn);
    drawn.truncate(if all { paths.len() } else { 3 });
    for path in drawn {
        let renders = nulls::renders(path).unwrap();
        let run = nulls::COMMAND;
        assert_eq!(listed.contains(&path), renders, "{path}: run `{run}`");
        let report = checked(&nulls::null(path));
        let error = report
            .findings
            .iter()
            .any(|f| f.code == "default-removed" && f.severity == Severity::Error);
        assert_eq!(error, !renders, "{path}: {:#?}", report.findings);
    }
}

/// The paths that the chart refuses, `enabled` behind those that can be turned off.
fn required() -> Vec<(String, bool)> {
    let text = std::fs::read_to_string(nulls::required_file()).unwrap();
    let lines = text.lines().map(|line| {
        let switch = line.ends_with(" enabled");
        (line.trim_end_matches(" enabled").to_owned(), switch)
    });
    lines.collect()
}

fn merged(into: &mut Value, path: &str) {
    let (key, rest) = path.split_once('.').unwrap_or((path, ""));
    if rest.is_empty() {
        into[key] = Value::Null;
        return;
    }
    if !into[key].is_object() {
        into[key] = json!({});
    }
    merged(&mut into[key], rest);
}

#[test]
fn null_where_the_templates_need_the_default_is_refused_by_its_path() {
    let required = required();
    let stale: Vec<_> = {
        let defaults = nulls::defaults().unwrap();
        let known = |path: &String| defaults.iter().any(|(known, _)| known == path);
        required.iter().filter(|(path, _)| !known(path)).collect()
    };
    let run = nulls::COMMAND;
    assert!(stale.is_empty(), "{stale:?}: run `{run}`");
    for part in ["alertmanager", "grafana", "jaeger", "tracing", "rules"] {
        assert!(required.contains(&(part.to_owned(), true)), "{part}");
    }
    // All of one depth at once: what is below a null is not asked.
    let deepest = required.iter().map(|(path, _)| path.matches('.').count());
    for depth in 0..=deepest.max().unwrap() {
        let of_depth = || (required.iter()).filter(|(path, _)| path.matches('.').count() == depth);
        let mut values = json!({});
        for (path, _) in of_depth() {
            merged(&mut values, path);
        }
        let said = refused(&values).unwrap_or_default();
        let (paths, off) = said
            .split_once(": null removes the chart's default, which the templates need.")
            .unwrap_or_else(|| panic!("no sentence: {said}"));
        let paths: Vec<&str> = paths.lines().last().unwrap().split(", ").collect();
        for (path, switch) in of_depth() {
            assert!(paths.contains(&path.as_str()), "{path} is not in: {said}");
            let turned = off.contains(&format!("\n  {path}.enabled: false\n"));
            assert_eq!(turned, *switch, "{path}: {said}");
        }
    }
}

#[test]
fn null_elsewhere_renders() {
    let required = required();
    let defaults = nulls::defaults().unwrap();
    let mut others: Vec<&str> = (defaults.iter().map(|(path, _)| path.as_str()))
        .filter(|path| !required.iter().any(|(r, _)| r == path))
        .collect();
    // Each takes a second.
    fastrand::Rng::with_seed(2).shuffle(&mut others);
    others.truncate(3);
    for path in others {
        let run = nulls::COMMAND;
        assert_eq!(refused(&nulls::null(path)), None, "{path}: run `{run}`");
    }
}

//! `lint` over queries in the manner of public dashboards: each dead query is found, no live one is called
//! dead, in dashboards of Grafana and Perses and in rule files alike.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use serde::Deserialize;
use serde_json::json;
use values_validator_core::{Severity, Source, Version, lint};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Project {
    project: String,
    #[serde(default)]
    dead: Vec<String>,
    #[serde(default)]
    behind: Vec<String>,
    #[serde(default)]
    live: Vec<String>,
}

fn projects() -> Vec<Project> {
    serde_yaml::from_str(include_str!("lint/public-dashboards.yaml")).unwrap()
}

/// A query as each kind of file has it.
fn files(query: &str) -> [(&'static str, String); 4] {
    // Rule files have no variables.
    let plain = query
        .replace("$__rate_interval", "5m")
        .replace("$__interval", "1m")
        .replace("$__range", "1h");
    [
        (
            "grafana.json",
            json!({"panels": [{"title": "a", "targets": [{"expr": query}]}]}).to_string(),
        ),
        (
            "rows.json",
            json!({"panels": [{"type": "row", "panels": [{"targets": [{"expr": query}]}]}]})
                .to_string(),
        ),
        (
            "perses.json",
            json!({"kind": "Dashboard", "spec": {"panels": {"a": {"spec": {"queries": [
                {"kind": "TimeSeriesQuery", "spec": {"plugin": {
                    "kind": "PrometheusTimeSeriesQuery", "spec": {"query": query}}}}]}}}}})
            .to_string(),
        ),
        (
            "rules.yaml",
            json!({"groups": [{"name": "a", "rules": [{"record": "own:series", "expr": plain}]}]})
                .to_string(),
        ),
    ]
}

/// The worst that is said of names, and everything said.
fn verdict(name: &str, text: String) -> (Option<Severity>, String) {
    let version = Version::parse("0.32.0").unwrap();
    let report = lint(vec![Source::new(name, text)], version);
    let said = format!("{:#?}", report.findings);
    let of_names = report.findings.iter().filter(|f| f.code == "alert-metric");
    (of_names.map(|f| f.severity).min(), said)
}

#[test]
fn each_dead_query_of_public_dashboards_is_found_and_no_live_one_is_called_dead() {
    let mut wrong = Vec::new();
    let (mut dead, mut live) = (0, 0);
    for project in projects() {
        for (queries, expected) in [
            (&project.dead, Some(Severity::Error)),
            (&project.behind, Some(Severity::Info)),
            (&project.live, None),
        ] {
            for query in queries {
                for (name, text) in files(query) {
                    let (found, said) = verdict(name, text);
                    if found != expected {
                        wrong.push(format!(
                            "{}: {name}: {query}: {found:?}, expected {expected:?}\n{said}",
                            project.project
                        ));
                    }
                }
                dead += usize::from(expected == Some(Severity::Error));
                live += usize::from(expected.is_none());
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(dead >= 12 && live >= 15, "{dead} dead, {live} live");
}

#[test]
fn no_live_query_of_public_dashboards_has_an_error_of_another_kind() {
    for project in projects() {
        for query in &project.live {
            for (name, text) in files(query) {
                let report = lint(vec![Source::new(name, text)], Version::NEWEST);
                let errors: Vec<_> = (report.findings.iter())
                    .filter(|f| f.severity == Severity::Error)
                    .collect();
                assert!(errors.is_empty(), "{name}: {query}: {errors:#?}");
            }
        }
    }
}

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

/// A dashboard with one panel and one variable, as Grafana and as Perses has it.
fn dashboard(query: &str, legend: &str, variable: &str) -> [(&'static str, String); 2] {
    let (metric, label) = variable.rsplit_once(", ").unwrap();
    [
        (
            "grafana.json",
            json!({
                "templating": {"list": [
                    {"name": "datasource", "type": "datasource", "query": "prometheus"},
                    {"name": "model", "type": "query", "query": {"query": format!("label_values({variable})")}},
                ]},
                "panels": [{"targets": [{"expr": query, "legendFormat": legend}]}],
            })
            .to_string(),
        ),
        (
            "perses.json",
            json!({"kind": "Dashboard", "spec": {
                "variables": [{"kind": "ListVariable", "spec": {"name": "model", "plugin": {
                    "kind": "PrometheusLabelValuesVariable",
                    "spec": {"labelName": label, "matchers": [metric]}}}}],
                "panels": {"a": {"spec": {"queries": [{"kind": "TimeSeriesQuery", "spec": {"plugin": {
                    "kind": "PrometheusTimeSeriesQuery",
                    "spec": {"query": query, "seriesNameFormat": legend}}}}]}}}}})
            .to_string(),
        ),
    ]
}

const QUERY: &str = "sum by (model_name) (rate(vllm:prompt_tokens_total{model_name=~\"$model\"}[$__rate_interval]))";
const VARIABLE: &str = "vllm:num_requests_running{namespace=~\"a\"}, model_name";

#[test]
fn a_misspelt_variable_a_label_that_is_not_there_and_a_legend_that_is_empty_are_found() {
    let legend = "{{model_name}} of $model";
    for (query, legend, variable, found) in [
        (
            QUERY.replace("$model", "$modle"),
            legend,
            VARIABLE,
            "the variable modle",
        ),
        (
            QUERY.replace("$model", "${modle:regex}"),
            legend,
            VARIABLE,
            "the variable modle",
        ),
        (
            QUERY.replace("$model", "[[Model]]"),
            legend,
            VARIABLE,
            "the variable Model",
        ),
        (
            QUERY.replace("rate_interval", "rate_intervall"),
            legend,
            VARIABLE,
            "the variable __rate_intervall",
        ),
        (
            QUERY.to_owned(),
            "{{ pod }}",
            VARIABLE,
            "{{pod}}, and the query keeps model_name",
        ),
        (
            QUERY.to_owned(),
            legend,
            "vllm:num_requests_runing, model_name",
            "vllm:num_requests_runing",
        ),
        (
            QUERY.to_owned(),
            legend,
            "vllm:num_requests_running, modle_name",
            "modle_name",
        ),
        (
            QUERY.to_owned(),
            legend,
            "sum(vllm:num_requests_running{a=\"$modle\"}), model_name",
            "the variable modle",
        ),
    ] {
        for (name, text) in dashboard(&query, legend, variable) {
            let report = lint(vec![Source::new(name, text)], Version::NEWEST);
            let said: Vec<_> = report.findings.iter().map(|f| f.found.as_str()).collect();
            assert!(
                said.len() == 1 && said[0].contains(found),
                "{name}: {found}: {said:?}"
            );
        }
    }
}

#[test]
fn dashboards_that_work_have_no_finding() {
    let legends = [
        "{{model_name}}",
        "{{ model_name }} {{__name__}}",
        "p95",
        "$model",
        "",
    ];
    let queries = [
        QUERY.to_owned(),
        QUERY.replace("$model", "${model:pipe}"),
        QUERY.replace("sum by (model_name)", "sum by (model_name, $by)"),
        QUERY.replace("$__rate_interval", "$__range"),
        "label_replace(up, \"model_name\", \"$1\", \"pod\", \"(.+)-$\")".to_owned(),
        "up or sum by (model_name) (up)".to_owned(),
    ];
    for query in &queries {
        for legend in legends {
            for (name, text) in dashboard(query, legend, VARIABLE) {
                let report = lint(vec![Source::new(name, text)], Version::NEWEST);
                assert!(
                    report.findings.is_empty(),
                    "{name}: {query}: {:#?}",
                    report.findings
                );
            }
        }
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../dashboards");
    let mut count = 0;
    for folder in ["grafana", "perses"] {
        for file in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let report = lint(
                vec![Source::new(path.display().to_string(), text)],
                Version::NEWEST,
            );
            assert!(
                report.findings.is_empty(),
                "{}: {:#?}",
                path.display(),
                report.findings
            );
            count += 1;
        }
    }
    assert!(count >= 8, "{count}");
}

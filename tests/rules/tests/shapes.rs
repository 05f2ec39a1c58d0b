//! Series as the world labels and stores them: what the rules make of them (`shapes.yaml`).

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use regex::Regex;
use rules_tests::cases::{Input, labels_of};
use rules_tests::{here, on_every_core, promtool, reading, rules};
use serde::Deserialize;
use serde_yaml::{Mapping, Value};

/// When each case ends.
const END: &str = "90m";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    values: Value,
    cases: BTreeMap<String, Case>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "why")]
    _why: String,
    input: Input,
    /// By query: the one value it has at the end, or nothing.
    expect: BTreeMap<String, Option<f64>>,
}

fn map<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let fields = fields
        .into_iter()
        .map(|(key, value)| (key.into(), value))
        .collect::<Mapping>();
    fields.into()
}

/// A case as promtool reads it. A query ends with the case's name, which promtool prints where it fails.
fn test(name: &str, case: &Case) -> Value {
    let series = case.input.iter().map(|(series, values)| {
        map([
            ("series", labels_of(series).into()),
            ("values", values.as_str().into()),
        ])
    });
    let queries = case.expect.iter().map(|(query, value)| {
        let samples = value.map(|value| map([("labels", "{}".into()), ("value", value.into())]));
        map([
            (
                "expr",
                match value {
                    Some(_) => format!("sum({query}) # {name}"),
                    None => format!("{query} # {name}"),
                }
                .into(),
            ),
            ("eval_time", END.into()),
            (
                "exp_samples",
                Value::Sequence(samples.into_iter().collect()),
            ),
        ])
    });
    map([
        ("interval", "1m".into()),
        ("input_series", Value::Sequence(series.collect())),
        ("promql_expr_test", Value::Sequence(queries.collect())),
    ])
}

/// What promtool says where a case of the group fails.
fn said(group: &Group) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    let values = dir.path().join("values.yaml");
    fs::write(&values, serde_yaml::to_string(&group.values).unwrap()).unwrap();
    let set = ["tracing.enabled=false", "alertmanager.enabled=false"];
    let all = rules("vllm-monitoring", &[values], &set).unwrap();
    let queries: String = group
        .cases
        .values()
        .flat_map(|case| case.expect.keys())
        .map(|query| format!("{query}\n"))
        .collect();
    let name = Regex::new("[a-z]+:[a-z0-9_]+:[a-z0-9]+|Vllm[A-Za-z0-9]+").unwrap();
    let mut wanted: BTreeSet<String> = name
        .find_iter(&queries)
        .map(|found| found.as_str().to_owned())
        .collect();
    wanted.insert("pod:dcgm_gpu_temperature:celsius".to_owned());
    let read = reading(&all, wanted).unwrap();
    let order = read["groups"].as_sequence().unwrap();
    let order: Vec<Value> = order.iter().map(|group| group["name"].clone()).collect();
    let tests = group.cases.iter().map(|(name, case)| test(name, case));
    let suite = map([
        ("rule_files", vec![Value::from("rules.yaml")].into()),
        // Half as often as the samples: enough for every `for`.
        ("evaluation_interval", "2m".into()),
        ("group_eval_order", order.into()),
        ("tests", Value::Sequence(tests.collect())),
    ]);
    let suite = serde_yaml::to_string(&suite).unwrap();
    promtool::test(dir.path(), &[("rules.yaml", &read)], &suite).unwrap()
}

#[test]
fn recorded_series_and_alerts_are_right_for_each_shape() {
    let text = fs::read_to_string(here().join("shapes.yaml")).unwrap();
    let groups: Vec<Group> = serde_yaml::from_str(&text).unwrap();
    let said: Vec<String> = on_every_core(&groups, said).into_iter().flatten().collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
}

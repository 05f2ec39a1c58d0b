//! The validator's PromQL against promtool's: what one takes, the other takes.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::fmt::Write as _;

use harness::render::{Options, Rendered};
use harness::repo;
use serde_json::json;
use values_tests::recorded;
use values_validator_core::promql::meaning::{Context, doubts};
use values_validator_core::promql::parse;
use values_validator_core::{Input, Source, check};

/// Near the edges of the grammar, taken and refused.
const EXPRESSIONS: &[&str] = &[
    "up == 0",
    "rate(up)",
    "rate(up[5m])",
    "sum(up",
    "sum by (a, b,) (up) > 1",
    "sum(up) by (a)",
    "sum by a (up)",
    "topk(3, up)",
    "topk(up)",
    "count_values(\"v\", up)",
    "count_values(v, up)",
    "1 == 1",
    "1 == bool 1",
    "up and 1",
    "up or vector(0)",
    "up unless on (a) up",
    "up * on (a) group_left (b) up",
    "up * group_left up",
    "up + bool 1",
    "2 ^ -1",
    "-up ^ 2",
    "- - up",
    "up offset 5m",
    "up offset -5m",
    "up offset",
    "up @ 100",
    "up @ end()",
    "up @ now()",
    "sum(up) offset 5m",
    "max_over_time(up[5m:1m])",
    "max_over_time(sum(up)[5m:1m])",
    "max_over_time(sum(up)[5m])",
    "{}",
    "{a=\"\"}",
    "{a=~\".*\"}",
    "{a=~\".+\"}",
    "{a!=\"\"}",
    "{__name__=\"up\"}",
    "up{a=\"b\"",
    "up{a=b}",
    "up{a==\"b\"}",
    "up{a=\"b\",}",
    "up{,}",
    "up{a=~\"(\"}",
    "up > 0x1f",
    "up > 1e3",
    "up > 1e-3",
    "up > 1_000",
    "up > Inf",
    "up > NaN",
    "up > 5m",
    "up 5",
    "up > ",
    "",
    "()",
    "(up)",
    "label_replace(up, \"a\", \"$1\", \"b\", \".*\")",
    "label_replace(up, \"a\", \"$1\", \"b\")",
    "label_join(up, \"a\", \",\", \"b\", \"c\")",
    "label_join(up, \"a\", \",\")",
    "histogram_quantile(0.9, up)",
    "histogram_quantile(up, 0.9)",
    "round(up)",
    "round(up, 0.1)",
    "round(up, 1, 2)",
    "absent(up)",
    "absent(up[5m])",
    "absent_over_time(up[5m])",
    "clamp(up, 1, 2)",
    "clamp(up, 1)",
    "time()",
    "time() - timestamp(up) > 5",
    "time(up)",
    "hour()",
    "hour(up)",
    "scalar(up)",
    "vector(up)",
    "sume(up)",
    "Sum(up)",
    "RATE(up[5m])",
    "a:b:c > 1",
    "up # comment",
    "# comment\nup",
    "up =~ 1",
    "up = 1",
    "up <> 1",
    "up{a='b'}",
    "up{a=`b`}",
    "up{\"a\"=\"b\"}",
    "{\"up\"}",
    "up && up",
    "up || up",
    "!up",
    "up.a",
    "up-1",
    "up==bool 1",
    "up == on(a) 1",
    "quantile(0.5, up)",
    "quantile_over_time(0.5, up[5m])",
    "predict_linear(up[1h], 60)",
    "deriv(up[0s])",
    "rate(up[5])",
    "rate(up[5 m])",
    "rate(up[5m30s])",
    "sum without () (up)",
    "by > 1",
    "sum",
    "sum > 1",
    "on(up)",
    "bool",
    "up{on=\"a\"}",
    "sum by (by) (up)",
    "ln(up) % 2 atan2 up",
    "up > bool up > bool up",
    "avg(up) by (a) > avg(up) by (b)",
    "sum(up) by (a) by (b)",
    "pi() * up",
    "sgn(up)",
    "up{a=\"\\z\"}",
    "up{a=\"b\"} {c=\"d\"}",
];

/// Those that promtool refuses, by number.
fn refused_by_promtool(expressions: &[String]) -> BTreeSet<usize> {
    let dir = tempfile::tempdir().unwrap();
    let mut refused = BTreeSet::new();
    // Each in a file of its own: promtool stops at the first of a file that it cannot read.
    let files: Vec<_> = expressions
        .iter()
        .enumerate()
        .map(|(number, expr)| {
            let path = dir.path().join(format!("{number}.yaml"));
            let rule = json!({"groups": [{"name": "g", "rules": [{"alert": "A", "expr": expr}]}]});
            std::fs::write(&path, rule.to_string()).unwrap();
            path
        })
        .collect();
    let out = repo::command("promtool")
        .unwrap()
        .args(["check", "rules", "--lint=none"])
        .args(&files)
        .output()
        .unwrap();
    // A line for each that fails: <file>: <place>: <why>.
    for line in String::from_utf8_lossy(&out.stderr).lines() {
        let file = line
            .split(".yaml: ")
            .next()
            .and_then(|path| path.rsplit('/').next());
        refused.extend(file.and_then(|name| name.parse::<usize>().ok()));
    }
    let checked = String::from_utf8_lossy(&out.stdout)
        .matches("Checking ")
        .count();
    assert_eq!(checked, expressions.len());
    refused
}

/// Those that the validator refuses.
fn refused_by_us(expressions: &[String]) -> BTreeSet<usize> {
    let mut values = String::from("rules:\n  additionalAlerts:\n");
    for (number, expr) in expressions.iter().enumerate() {
        let _ = writeln!(values, "    - {{alert: A{number}, expr: {}}}", json!(expr));
    }
    let report = check(&Input {
        sources: vec![Source::new("values.yaml", values)],
        sets: Vec::new(),
    });
    let ours = report
        .findings
        .iter()
        .filter(|f| f.code == "alert-expression");
    ours.filter_map(|f| f.path.split(['[', ']']).nth(1)?.parse().ok())
        .collect()
}

fn agree(expressions: &[String]) {
    let (theirs, ours) = (refused_by_promtool(expressions), refused_by_us(expressions));
    let show = |numbers: Vec<&usize>| {
        numbers
            .iter()
            .map(|n| expressions[**n].clone())
            .collect::<Vec<_>>()
    };
    let only_theirs = show(theirs.difference(&ours).collect());
    let only_ours = show(ours.difference(&theirs).collect());
    assert!(
        only_theirs.is_empty() && only_ours.is_empty(),
        "refused by promtool alone: {only_theirs:#?}\nby the validator alone: {only_ours:#?}"
    );
}

/// promtool takes them; Prometheus fails at each evaluation: no rule gives a range or a text.
const NOT_EVALUATED: &[&str] = &["up[5m]", "up[5m:]", "rate(up[5m])[1h:]", "\"text\""];

#[test]
fn what_cannot_be_evaluated_is_refused() {
    let all: Vec<String> = NOT_EVALUATED.iter().map(|e| (*e).to_owned()).collect();
    assert_eq!(refused_by_us(&all).len(), all.len());
}

#[test]
fn what_promtool_takes_is_taken_and_what_it_refuses_refused() {
    let all: Vec<String> = EXPRESSIONS.iter().map(|e| (*e).to_owned()).collect();
    assert!(refused_by_us(&all).len() > 40);
    agree(&all);
}

#[test]
fn every_expression_of_the_charts_rules_is_taken() {
    let rendered = Rendered::new(&Options::default()).unwrap();
    let rules: serde_yaml::Value =
        serde_yaml::from_str(&rendered.rules().unwrap().unwrap()).unwrap();
    let groups = rules["groups"].as_sequence().unwrap();
    let all = groups
        .iter()
        .flat_map(|group| group["rules"].as_sequence().unwrap());
    let all: Vec<String> = all
        .map(|rule| rule["expr"].as_str().unwrap().to_owned())
        .collect();
    assert!(all.len() > 100, "{}", all.len());
    let refused: Vec<&String> = refused_by_us(&all).into_iter().map(|n| &all[n]).collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn the_names_that_the_validator_knows_are_those_that_the_chart_records() {
    let committed = std::fs::read_to_string(recorded::file()).unwrap_or_default();
    assert!(
        committed == recorded::names().unwrap(),
        "{}: run `{}`",
        recorded::file().display(),
        recorded::COMMAND
    );
}

/// Rules that are tested with promtool elsewhere are meant as they stand.
#[test]
fn nothing_is_doubtful_in_the_charts_own_rules() {
    let rendered = Rendered::new(&Options::default()).unwrap();
    let rules: serde_yaml::Value =
        serde_yaml::from_str(&rendered.rules().unwrap().unwrap()).unwrap();
    let mut doubtful = Vec::new();
    let groups = rules["groups"].as_sequence().unwrap();
    for rule in groups
        .iter()
        .flat_map(|group| group["rules"].as_sequence().unwrap())
    {
        let expr = rule["expr"].as_str().unwrap();
        let context = Context {
            interval: Some(30.0),
            alert: rule.get("alert").is_some(),
            own_jobs: true,
            text: expr,
            ..Context::default()
        };
        let found = doubts(&parse(expr).unwrap(), context);
        if !found.is_empty() {
            doubtful.push(format!("{expr}\n{found:#?}"));
        }
    }
    assert!(doubtful.is_empty(), "{}", doubtful.join("\n"));
}

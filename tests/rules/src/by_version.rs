//! On which vLLM releases each rule has data: the rules over the captured series of each, by
//! promtool, as `docs/rules-by-version.md` says it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_yaml::{Mapping, Value};

use crate::captured::Captured;
use crate::cases::{cases, written_out};
use crate::{all, expr, own_rules};

/// The command that writes the page.
pub const COMMAND: &str = "cargo run -p rules-tests --bin by-version";

/// The captured releases, oldest first.
pub const VERSIONS: [&str; 4] = ["0.10.2", "0.20.2", "0.32.0", "0.33.0"];

/// What a rule is on a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// All that it needs returns data.
    Data,
    /// All that it needs is exported; what it looks for did not happen in the captured run.
    Quiet,
    /// Something that it needs is not exported.
    Off,
}

/// A rule with what it is on each of [`VERSIONS`].
#[derive(Debug)]
pub struct Row {
    /// The alert's or record's name, with the labels that tell rules of one name apart.
    pub rule: String,
    /// Whether it is an alert.
    pub alert: bool,
    /// What else must be scraped.
    pub needs: BTreeSet<&'static str>,
    /// By version.
    pub life: Vec<Life>,
}

/// Where the page is.
#[must_use]
pub fn page() -> PathBuf {
    harness::repo::root().join("docs/rules-by-version.md")
}

/// Who exports a metric that vLLM does not.
fn exporter(metric: &str) -> Option<&'static str> {
    [
        ("kube_", "kube-state-metrics"),
        ("DCGM_", "DCGM exporter"),
        ("otelcol_", "the collector"),
    ]
    .into_iter()
    .find_map(|(prefix, name)| metric.starts_with(prefix).then_some(name))
}

/// A query of what a selector returned at any time of a captured run.
#[must_use]
pub fn ever(selector: &str) -> String {
    format!("last_over_time({selector}[1h])")
}

/// Those of the queries that return anything at the end of a captured run under these rules.
///
/// # Errors
/// When promtool cannot be run or cannot read a query.
pub fn answers(
    captured: &Captured,
    rules: &Value,
    queries: &BTreeSet<String>,
) -> Result<BTreeSet<String>> {
    let mut raw: BTreeSet<String> = raw_metrics(rules)?;
    for query in queries {
        let found = expr::read(query)?;
        raw.extend(found.selectors.into_iter().map(|s| s.metric));
    }
    let dir = tempfile::tempdir()?;
    fs::write(dir.path().join("rules.yaml"), serde_yaml::to_string(rules)?)?;
    let end = captured.steps * 5;
    let mut tests = Vec::new();
    let queries: Vec<&String> = queries.iter().collect();
    for (number, query) in queries.iter().enumerate() {
        // What promtool says of a query that fails begins with the query: the number tells it.
        let expr = format!("(count({query}) > bool 0 or vector(0)) + 0 * {number}");
        tests.push(serde_yaml::from_str::<Value>(&format!(
            "{{eval_time: {end}s, exp_samples: [{{labels: '{{}}', value: 1}}], expr: {}}}",
            serde_json::to_string(&expr)?
        ))?);
    }
    let mut test = Mapping::new();
    test.insert("interval".into(), "5s".into());
    let mut input = captured.input(|name| raw.contains(name));
    input.extend(of_other_exporters()?);
    test.insert("input_series".into(), input.into());
    test.insert("promql_expr_test".into(), tests.into());
    let mut suite = Mapping::new();
    suite.insert("rule_files".into(), vec![Value::from("rules.yaml")].into());
    suite.insert("evaluation_interval".into(), "15s".into());
    suite.insert("tests".into(), vec![Value::Mapping(test)].into());
    let path = dir.path().join("suite.yaml");
    fs::write(&path, serde_yaml::to_string(&suite)?)?;
    let out = Command::new(harness::repo::tool("promtool")?)
        .args(["test", "rules"])
        .arg(&path)
        .output()?;
    let said =
        String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    let mut silent = BTreeSet::new();
    for line in said
        .lines()
        .filter(|line| line.trim_start().starts_with("expr: "))
    {
        let number = line
            .rsplit_once("+ 0 * ")
            .and_then(|(_, rest)| rest.split('"').next()?.parse::<usize>().ok());
        silent.insert(number.with_context(|| format!("promtool said: {line}"))?);
    }
    if !out.status.success() && silent.is_empty() {
        bail!("promtool: {said}");
    }
    let spoke = queries
        .into_iter()
        .enumerate()
        .filter(|(number, _)| !silent.contains(number));
    Ok(spoke.map(|(_, query)| query.clone()).collect())
}

/// What other exporters say in the cases: the captures have only vLLM's.
fn of_other_exporters() -> Result<Vec<Value>> {
    let mut series = BTreeMap::new();
    for file in cases()? {
        series.extend(written_out(&file.fires)?);
    }
    let foreign = series
        .into_iter()
        .filter(|(name, _)| exporter(name).is_some());
    let input = foreign.map(|(name, values)| {
        let fields = [("series", name), ("values", values.text())];
        Value::Mapping(
            fields
                .into_iter()
                .map(|(k, v)| (k.into(), v.into()))
                .collect(),
        )
    });
    Ok(input.collect())
}

/// Every metric that is read and not recorded.
fn raw_metrics(rules: &Value) -> Result<BTreeSet<String>> {
    let mut raw = BTreeSet::new();
    for rule in all(rules) {
        let found = expr::read(rule["expr"].as_str().context("a rule without expr")?)?;
        raw.extend(found.selectors.into_iter().map(|s| s.metric));
    }
    Ok(raw
        .into_iter()
        .filter(|name| !name.contains(':') || name.starts_with("vllm:"))
        .collect())
}

/// A rule's name with the labels that tell it from others of its name.
fn title(rule: &Value) -> String {
    let labels = rule["labels"].as_mapping().into_iter().flatten();
    let labels: Vec<String> = labels
        .filter_map(|(k, v)| Some((k.as_str()?, v.as_str()?)))
        .filter(|(k, _)| matches!(*k, "slo" | "window"))
        .map(|(k, v)| format!("{k}=\"{v}\""))
        .collect();
    let name = rule["alert"]
        .as_str()
        .or(rule["record"].as_str())
        .unwrap_or_default();
    if labels.is_empty() {
        name.to_owned()
    } else {
        format!("{name}{{{}}}", labels.join(", "))
    }
}

/// The raw metrics of vLLM behind a rule, and what other exporters it needs.
fn behind(rule: &Value, rules: &Value) -> Result<(BTreeSet<String>, BTreeSet<&'static str>)> {
    let mut raw = BTreeSet::new();
    let mut needs = BTreeSet::new();
    let mut open = vec![rule.clone()];
    let mut seen = BTreeSet::new();
    while let Some(rule) = open.pop() {
        for selector in expr::read(rule["expr"].as_str().unwrap_or_default())?.selectors {
            if !seen.insert(selector.metric.clone()) {
                continue;
            }
            needs.extend(exporter(&selector.metric));
            if selector.metric.starts_with("vllm:") || selector.metric.starts_with("http_") {
                raw.insert(selector.metric.clone());
            }
            let records = all(rules)
                .into_iter()
                .filter(|r| r["record"].as_str() == Some(&selector.metric));
            open.extend(records.cloned());
        }
    }
    Ok((raw, needs))
}

/// Runs every rule over every captured release.
///
/// # Errors
/// When a capture cannot be read or promtool cannot be run.
pub fn rows() -> Result<Vec<Row>> {
    rows_under(|_| true)
}

/// The same with only those series whose name is kept.
///
/// # Errors
/// As [`rows`].
pub fn rows_under(keeps: impl Fn(&str) -> bool) -> Result<Vec<Row>> {
    let rules = own_rules()?;
    // By rule: queries that must all answer.
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for rule in all(&rules) {
        let queries = match rule["record"].as_str() {
            Some(_) => BTreeSet::from([ever(&selector_of(rule))]),
            None => needed_ever(rule["expr"].as_str().unwrap_or_default())?,
        };
        asked.insert(title(rule), queries);
    }
    let queries: BTreeSet<String> = asked.values().flatten().cloned().collect();
    let mut rows: Vec<Row> = Vec::new();
    for version in VERSIONS {
        let mut captured = Captured::read(
            &harness::repo::root()
                .join("tests/fixtures/vllm")
                .join(version),
        )?;
        captured.retain(&keeps);
        let exported: BTreeSet<&str> = captured.names().collect();
        let spoke = answers(&captured, &rules, &queries)?;
        for (i, rule) in all(&rules).into_iter().enumerate() {
            let name = title(rule);
            let (raw, needs) = behind(rule, &rules)?;
            let life = if asked[&name].is_subset(&spoke) {
                Life::Data
            } else if !needs.is_empty() || raw.iter().all(|name| exported.contains(name.as_str())) {
                Life::Quiet
            } else {
                Life::Off
            };
            if rows.len() == i {
                let alert = rule["alert"].is_string();
                rows.push(Row {
                    rule: name,
                    alert,
                    needs,
                    life: Vec::new(),
                });
            }
            rows[i].life.push(life);
        }
    }
    Ok(rows)
}

/// For each selector that an expression needs, a query of whether it ever returned anything.
///
/// # Errors
/// When the expression is no PromQL.
pub fn needed_ever(expr: &str) -> Result<BTreeSet<String>> {
    let needed = expr::read(expr)?.needed();
    Ok(needed.iter().map(|selector| ever(selector)).collect())
}

/// The selector of what a recording rule records.
fn selector_of(rule: &Value) -> String {
    let labels = rule["labels"].as_mapping().into_iter().flatten();
    let labels: Vec<String> = labels
        .filter_map(|(k, v)| Some(format!("{}={:?}", k.as_str()?, v.as_str()?)))
        .collect();
    format!(
        "{}{{{}}}",
        rule["record"].as_str().unwrap_or_default(),
        labels.join(", ")
    )
}

/// The page's text.
///
/// # Errors
/// As [`rows`].
pub fn render() -> Result<String> {
    let mut page = format!(
        "# Rules by vLLM version\n\n\
         Every alert and every recording rule over what real servers of four releases exported\n\
         (`tests/fixtures/vllm`), by promtool. Generated; do not edit:\n\n    {COMMAND}\n\n\
         - **yes**: all that the rule needs returned data;\n\
         - **quiet**: all that it needs is there, and what it looks for did not happen in the recorded run;\n\
         - **off**: the release does not export what it needs, so the rule says nothing there.\n\n\
         A rule that also needs another exporter names it; without that it is silent on every release,\n\
         with it (here its series are those of `tests/rules/cases`) it is as the table says. Objectives\n\
         and queues fall back where a release lacks a metric: before 0.13 no request ends by `error`, so\n\
         that availability counts HTTP 5xx alone, and before 0.20 no reason for waiting is told, so that\n\
         all that wait count.\n"
    );
    let rows = rows()?;
    for (heading, alert) in [("Alerts", true), ("Recording rules", false)] {
        let _ = write!(
            page,
            "\n## {heading}\n\n| rule | {} | also needs |\n|---|{}---|\n",
            VERSIONS.join(" | "),
            "---|".repeat(VERSIONS.len())
        );
        for row in rows.iter().filter(|row| row.alert == alert) {
            let cells: Vec<&str> = row
                .life
                .iter()
                .map(|life| match life {
                    Life::Data => "yes",
                    Life::Quiet => "quiet",
                    Life::Off => "off",
                })
                .collect();
            let needs: Vec<&str> = row.needs.iter().copied().collect();
            let _ = writeln!(
                page,
                "| `{}` | {} | {} |",
                row.rule,
                cells.join(" | "),
                needs.join(", ")
            );
        }
    }
    Ok(page)
}

//! Which queries return anything over scraped series under some rules, by promtool.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde_yaml::{Mapping, Value};

use crate::captured::Captured;
use crate::cases::{Input, cases, written_out};
use crate::{all, expr, here, promtool};

/// Who exports a metric that vLLM does not, or what vLLM must be started with.
pub fn exporter(metric: &str) -> Option<&'static str> {
    [
        ("kube_", "kube-state-metrics"),
        ("DCGM_", "DCGM exporter"),
        ("gpu_", "AMD Device Metrics Exporter"),
        ("amd_gpu_", "AMD Device Metrics Exporter"),
        ("habanalabs_", "Gaudi metric exporter"),
        ("duty_cycle", "GKE device plugin"),
        ("memory_used", "GKE device plugin"),
        ("otelcol_", "the collector"),
        ("rpc_server_", "the collector"),
        ("http_server_", "the collector"),
        ("vllm_request_spans_", "the collector"),
        ("probe_", "the probe"),
        ("prometheus_", "standalone mode"),
        ("alertmanager_", "standalone mode"),
        ("vllm:spec_decode_", "speculative decoding"),
        ("vllm:nixl_", "the NIXL connector"),
        ("vllm:mooncake_", "the Mooncake connector"),
        ("vllm:kv_offload_", "KV offload"),
    ]
    .into_iter()
    .find_map(|(prefix, name)| metric.starts_with(prefix).then_some(name))
}

/// A query of what a selector returned at any time of a captured run.
#[must_use]
pub fn ever(selector: &str) -> String {
    format!("last_over_time({selector}[1h])")
}

/// For each selector that an expression needs, a query of whether it ever returned anything.
///
/// # Errors
/// When the expression is no PromQL.
pub fn needed_ever(expr: &str) -> Result<BTreeSet<String>> {
    let needed = expr::read(expr)?.needed();
    Ok(needed.iter().map(|selector| ever(selector)).collect())
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
    let suite = serde_yaml::to_string(&suite)?;
    let failed = promtool::test(dir.path(), &[("rules.yaml", rules)], &suite)?;
    let said = failed.as_deref().unwrap_or_default();
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
    if failed.is_some() && silent.is_empty() {
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
    let more = std::fs::read_to_string(here().join("exporters.yaml"))?;
    let more: Input = serde_yaml::from_str(&more).context("exporters.yaml")?;
    series.extend(written_out(&more)?);
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

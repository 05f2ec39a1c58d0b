//! What KEDA would read of a fleet: the queries of the rendered ScaledObject over simulated servers,
//! under the chart's rules, in Prometheus's own engine.

use anyhow::{Context, Result};
use fleet::model::{Scenario, Traffic};
use harness::render::{Options, Rendered};
use rules_tests::simulated::{STEP, scraped};
use rules_tests::{all, expr, here, promtool, rules};
use serde_yaml::{Mapping, Value};

const REPLICAS: usize = 4;
const BEFORE: usize = 12;
const DURING: usize = 30;

const VALUES: &str = "
metrics: {mode: standalone}
models:
  - name: qwen3
    namespaces: [inference]
    workload: qwen3
    autoscaling:
      enabled: true
      maxReplicas: 16
      targets: {waiting: 5, running: 24, kvCacheUsage: 0.8}
";

/// What each trigger reads and what one replica should have of it, by the trigger's name.
fn triggers() -> Result<Vec<(String, String, f64)>> {
    let dir = tempfile::tempdir()?;
    let values = dir.path().join("values.yaml");
    std::fs::write(&values, VALUES)?;
    let rendered = Rendered::new(&Options {
        values: vec![values],
        ..Options::default()
    })?;
    let object = rendered.of_kind("ScaledObject").next().context("none")?;
    let triggers = object["spec"]["triggers"].as_sequence().context("none")?;
    let text = |value: &Value| value.as_str().map(str::to_owned).context("no text");
    let read = |trigger: &Value| -> Result<_> {
        let metadata = &trigger["metadata"];
        let threshold = text(&metadata["threshold"])?.parse()?;
        Ok((
            text(&trigger["name"])?,
            text(&metadata["query"])?,
            threshold,
        ))
    };
    triggers.iter().map(read).collect()
}

/// The scraped series of a scenario, those that the rules read, and what must hold at its end: an
/// expression, and whether it is true.
fn test(
    scenario: Scenario,
    traffic: Traffic,
    rules: &Value,
    holds: &[(String, bool)],
) -> Result<Value> {
    let mut read = std::collections::BTreeSet::new();
    for rule in all(rules) {
        let found = expr::read(rule["expr"].as_str().context("a rule without expr")?)?;
        read.extend(found.selectors.into_iter().map(|s| s.metric));
    }
    let scraped = scraped(scenario, traffic, REPLICAS, (BEFORE, DURING))?;
    let end = scraped.steps * STEP;
    let ask = |(expr, holds): &(String, bool)| -> Result<Value> {
        let sample = format!("[{{labels: '{{}}', value: {}}}]", u8::from(*holds));
        let fields = [
            ("exp_samples", serde_yaml::from_str(&sample)?),
            ("expr", expr.as_str().into()),
            ("eval_time", format!("{end}s").into()),
        ];
        Ok(Value::Mapping(
            fields
                .into_iter()
                .map(|(k, v): (_, Value)| (k.into(), v))
                .collect(),
        ))
    };
    let mut test = Mapping::new();
    test.insert("name".into(), scenario.as_str().into());
    test.insert("interval".into(), format!("{STEP}s").into());
    test.insert(
        "input_series".into(),
        scraped.input(|name| read.contains(name)).into(),
    );
    let asked: Result<Vec<Value>> = holds.iter().map(ask).collect();
    test.insert("promql_expr_test".into(), asked?.into());
    Ok(Value::Mapping(test))
}

#[test]
fn an_idle_fleet_shrinks_a_queue_and_a_full_cache_make_it_grow() {
    let triggers = triggers().unwrap();
    // What a HorizontalPodAutoscaler makes of a trigger: the number of replicas wanted.
    let wanted = |name: &str| {
        let (_, query, threshold) = triggers.iter().find(|t| t.0 == name).unwrap();
        format!("ceil(({query}) / {threshold})")
    };
    let now = REPLICAS;
    let set = ["dashboards.enabled=false"];
    let rules = rules("vllm-monitoring", &[here().join("values.yaml")], &set).unwrap();
    let idle = Traffic {
        requests_per_second: 0.01,
        ..Traffic::default()
    };
    let tests = vec![
        test(
            Scenario::Steady,
            idle,
            &rules,
            &[
                (format!("{} == bool 0", wanted("waiting")), true),
                (format!("{} <= bool 1", wanted("kv-cache-usage")), true),
                (format!("{} <= bool 1", wanted("running")), true),
            ],
        )
        .unwrap(),
        test(
            Scenario::Rush,
            Traffic::default(),
            &rules,
            &[
                (format!("{} > bool {now}", wanted("waiting")), true),
                (format!("{} >= bool {now}", wanted("running")), true),
            ],
        )
        .unwrap(),
        test(
            Scenario::PreemptionStorm,
            Traffic::default(),
            &rules,
            &[(format!("{} > bool {now}", wanted("kv-cache-usage")), true)],
        )
        .unwrap(),
    ];
    let mut suite = Mapping::new();
    suite.insert("rule_files".into(), vec![Value::from("rules.yaml")].into());
    suite.insert("evaluation_interval".into(), "30s".into());
    suite.insert("tests".into(), tests.into());
    let dir = tempfile::tempdir().unwrap();
    let suite = serde_yaml::to_string(&suite).unwrap();
    let failed = promtool::test(dir.path(), &[("rules.yaml", &rules)], &suite).unwrap();
    assert_eq!(failed, None);
}

#[test]
fn each_trigger_reads_one_recorded_series_of_its_own_release_and_entry() {
    let rules = rules("vllm-monitoring", &[here().join("values.yaml")], &[]).unwrap();
    let recorded: Vec<&str> = all(&rules)
        .iter()
        .filter_map(|r| r["record"].as_str())
        .collect();
    let triggers = triggers().unwrap();
    assert_eq!(triggers.len(), 3);
    for (name, query, _) in triggers {
        let selectors = expr::read(&query).unwrap().selectors;
        assert_eq!(selectors.len(), 1, "{name}");
        assert!(selectors[0].own, "{name}: {query}");
        assert!(
            recorded.contains(&selectors[0].metric.as_str()),
            "{name}: {query}"
        );
        assert!(query.contains(r#"model="qwen3""#), "{name}: {query}");
    }
}

/// Two wanted and up; at 30m four are, and the new ones take ten minutes to load. At 80m a fifth is
/// wanted that never comes.
const GROWS: &str = r#"
rule_files: [rules.yaml]
evaluation_interval: 30s
tests:
  - interval: 1m
    input_series:
      - {series: 'kube_deployment_spec_replicas{namespace="inference", deployment="qwen3"}', values: '2x29 4x49 5x60'}
      - {series: 'up{vllm_monitoring="monitoring/vllm-monitoring", model="qwen3", namespace="inference", pod="p0"}', values: '1x140'}
      - {series: 'up{vllm_monitoring="monitoring/vllm-monitoring", model="qwen3", namespace="inference", pod="p1"}', values: '1x140'}
      - {series: 'up{vllm_monitoring="monitoring/vllm-monitoring", model="qwen3", namespace="inference", pod="p2"}', values: '_x30 0x9 1x100'}
      - {series: 'up{vllm_monitoring="monitoring/vllm-monitoring", model="qwen3", namespace="inference", pod="p3"}', values: '_x30 0x9 1x100'}
    promql_expr_test:
      - {expr: 'count(max_over_time(ALERTS{alertname=~"VllmReplicaDown|VllmFleetDown", alertstate="firing"}[95m]))', eval_time: 95m, exp_samples: []}
      - {expr: 'sum by (alertname) (ALERTS{alertname="VllmReplicaDown", alertstate="firing"})', eval_time: 104m, exp_samples: [{labels: '{alertname="VllmReplicaDown"}', value: 1}]}
  - interval: 1m
    name: where nothing is scraped a trigger has no value, which is no lack of need
    input_series:
      - {series: 'vllm:num_requests_waiting{job="other"}', values: '7x30'}
    promql_expr_test:
QUERIES
"#;

#[test]
fn a_replica_that_loads_pages_nobody_and_one_that_never_comes_does() {
    let dir = tempfile::tempdir().unwrap();
    let set = [
        "models[0].replicas=auto",
        "models[0].workload=qwen3",
        "models[0].autoscaling.enabled=true",
        "models[0].autoscaling.maxReplicas=16",
    ];
    let rules = rules("vllm-monitoring", &[here().join("values.yaml")], &set).unwrap();
    let queries: Vec<String> = triggers()
        .unwrap()
        .iter()
        .map(|(_, query, _)| {
            format!("      - {{expr: '{query}', eval_time: 20m, exp_samples: []}}")
        })
        .collect();
    let suite = GROWS.replace("QUERIES", &queries.join("\n"));
    let failed = promtool::test(dir.path(), &[("rules.yaml", &rules)], &suite).unwrap();
    assert_eq!(failed, None);
}

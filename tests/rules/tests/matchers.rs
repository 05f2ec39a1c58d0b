//! A fleet that something else scrapes: `metrics.scrape.enabled: false` with `metrics.matchers`.

use std::collections::BTreeSet;

use anyhow::Result;
use rules_tests::{all, expr, here, own_rules, promtool, rules};
use serde_yaml::Value;

const SET: [&str; 2] = [
    "metrics.scrape.enabled=false",
    r#"metrics.matchers[0]=job="theirs""#,
];

fn matched() -> Result<Value> {
    rules("vllm-monitoring", &[here().join("values.yaml")], &SET)
}

#[test]
fn every_record_carries_the_labels_that_the_scrape_does_not_give() {
    for rule in all(&matched().unwrap()) {
        let Some(record) = rule["record"].as_str() else {
            continue;
        };
        let labels = &rule["labels"];
        assert_eq!(
            labels["vllm_monitoring"].as_str(),
            Some("monitoring/vllm-monitoring"),
            "{record}"
        );
        let of_a_model = !record.starts_with("release:") && !record.starts_with("collector:");
        let model = of_a_model.then_some("qwen3");
        assert_eq!(labels["model"].as_str(), model, "{record}");
    }
}

#[test]
fn raw_series_of_vllm_are_read_by_the_matchers_and_the_same_rules_are_there() {
    let names = |rules: &Value| -> BTreeSet<String> {
        let name = |r: &&Value| {
            r["alert"]
                .as_str()
                .or(r["record"].as_str())
                .map(str::to_owned)
        };
        all(rules).iter().filter_map(name).collect()
    };
    let matched = matched().unwrap();
    assert_eq!(names(&matched), names(&own_rules().unwrap()));
    for rule in all(&matched) {
        for selector in expr::read(rule["expr"].as_str().unwrap())
            .unwrap()
            .selectors
        {
            let raw = selector.metric.starts_with("vllm:");
            assert!(!(raw && selector.own), "{rule:?}");
        }
    }
    assert!(
        serde_yaml::to_string(&matched)
            .unwrap()
            .contains(r#"{job="theirs"}"#)
    );
}

/// A pod that is scraped by them, by others too, and counted once.
const SUITE: &str = r#"
rule_files: [rules.yaml]
evaluation_interval: 30s
tests:
  - interval: 1m
    input_series:
      - {series: 'up{job="theirs", namespace="inference", pod="p0"}', values: '1x60'}
      - {series: 'up{job="theirs", namespace="inference", pod="p1"}', values: '0x60'}
      - {series: 'vllm:num_requests_waiting{job="theirs", namespace="inference", pod="p0", model_name="m", engine="0"}', values: '60x60'}
      - {series: 'vllm:num_requests_waiting{job="others", namespace="inference", pod="p0", model_name="m", engine="0"}', values: '60x60'}
      - {series: 'vllm:kv_cache_usage_perc{job="theirs", namespace="inference", pod="p0", model_name="m", engine="0"}', values: '0.99x60'}
      - {series: 'kube_pod_container_status_restarts_total{namespace="inference", pod="p1", container="vllm"}', values: '0+1x60'}
    promql_expr_test:
      - expr: sum by (alertname, model) (ALERTS{alertstate="firing"})
        eval_time: 30m
        exp_samples:
          - {labels: '{alertname="AlertmanagerDown"}', value: 1}
          - {labels: '{alertname="VllmBalancerDown"}', value: 1}
          - {labels: '{alertname="VllmCollectorDown"}', value: 1}
          - {labels: '{alertname="VllmCrashLooping", model="qwen3"}', value: 1}
          - {labels: '{alertname="VllmKVCacheNearlyFull", model="qwen3"}', value: 1}
          - {labels: '{alertname="VllmProbeDown", model="qwen3"}', value: 1}
          - {labels: '{alertname="VllmQueueTooLong", model="qwen3"}', value: 1}
          - {labels: '{alertname="VllmReplicaDown", model="qwen3"}', value: 1}
          - {labels: '{alertname="VllmWaitingForCapacity", model="qwen3"}', value: 1}
          - {labels: '{alertname="Watchdog"}', value: 1}
      - expr: pod:vllm_num_requests_waiting:sum
        eval_time: 30m
        exp_samples:
          - labels: 'pod:vllm_num_requests_waiting:sum{vllm_monitoring="monitoring/vllm-monitoring", model="qwen3", namespace="inference", pod="p0", model_name="m"}'
            value: 60
"#;

#[test]
fn a_fleet_that_something_else_scrapes_raises_the_same_alerts() {
    let dir = tempfile::tempdir().unwrap();
    let rules = [("rules.yaml", &matched().unwrap())];
    assert_eq!(promtool::test(dir.path(), &rules, SUITE).unwrap(), None);
}

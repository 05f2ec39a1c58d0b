//! `models: []`: nobody wrote down what must be there.

use rules_tests::{promtool, rules};

const SUITE: &str = r#"
rule_files: [rules.yaml]
evaluation_interval: 30s
tests:
  - name: a chart that is installed before the first model wakes nobody
    interval: 1m
    input_series:
      - {series: 'up{job="something-else"}', values: '1x60'}
    promql_expr_test:
      - {expr: 'count(ALERTS{alertname="VllmFleetDown"})', eval_time: 30m, exp_samples: []}
  - name: a fleet that was there and is gone is missed
    interval: 1m
    input_series:
      - {series: 'up{vllm_monitoring="monitoring/vllm-monitoring", model="any", namespace="monitoring", pod="p0"}', values: '1x15 stale'}
    promql_expr_test:
      - {expr: 'count(ALERTS{alertname="VllmFleetDown"})', eval_time: 14m, exp_samples: []}
      - {expr: 'sum by (model) (ALERTS{alertname="VllmFleetDown", alertstate="firing"})', eval_time: 30m, exp_samples: [{labels: '{model="any"}', value: 1}]}
  - name: one scrape that is lost is no outage, and two minutes are
    interval: 30s
    input_series:
      - {series: 'up{vllm_monitoring="monitoring/vllm-monitoring", model="any", namespace="monitoring", pod="p0"}', values: '1x40 0 1x37 0x3 1x40'}
      - {series: 'vllm:request_success_total{vllm_monitoring="monitoring/vllm-monitoring", model="any", namespace="monitoring", pod="p0", model_name="m", engine="0", finished_reason="stop"}', values: '0+30x40 stale 1260+30x37 stale _x3 0+30x40'}
    promql_expr_test:
      - {expr: 'sum(model:vllm_slo:error_ratio{slo="availability", window="1h"})', eval_time: 35m, exp_samples: [{labels: '{}', value: 0}]}
      - {expr: 'sum(model:vllm_slo:error_ratio{slo="availability", window="1h"}) > bool 0.01', eval_time: 50m, exp_samples: [{labels: '{}', value: 1}]}
      - {expr: 'sum(model:vllm_slo:error_ratio{slo="availability", window="1h"}) < bool 0.04', eval_time: 50m, exp_samples: [{labels: '{}', value: 1}]}
"#;

#[test]
fn a_fleet_nobody_named_is_missed_only_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let rules = rules("vllm-monitoring", &[], &[]).unwrap();
    let failed = promtool::test(dir.path(), &[("rules.yaml", &rules)], SUITE).unwrap();
    assert_eq!(failed, None);
}

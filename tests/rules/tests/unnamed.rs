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
"#;

#[test]
fn a_fleet_nobody_named_is_missed_only_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let rules = rules("vllm-monitoring", &[], &[]).unwrap();
    let failed = promtool::test(dir.path(), &[("rules.yaml", &rules)], SUITE).unwrap();
    assert_eq!(failed, None);
}

//! `replicas: auto`: the expectation comes from kube-state-metrics.

use rules_tests::{here, promtool, rules};

/// Eight wanted, eight up; then an autoscaler goes to three, to none, and comes back to four of
/// which two do not start.
const SUITE: &str = r#"
rule_files: [rules.yaml]
evaluation_interval: 30s
tests:
  - interval: 1m
    input_series:
      - {series: 'kube_deployment_spec_replicas{namespace="inference", deployment="qwen3"}', values: '8x20 3x20 0x20 4x40'}
      - {series: 'kube_deployment_spec_replicas{namespace="inference", deployment="qwen3", prometheus="second"}', values: '8x20 3x20 0x20 4x40'}
      - {series: 'kube_deployment_spec_replicas{namespace="elsewhere", deployment="qwen3"}', values: '50x110'}
      - {series: 'up{vllm_monitoring="monitoring/vllm-monitoring", model="qwen3", namespace="inference", pod="p0"}', values: '1x42 stale _x20 1x50'}
      - {series: 'up{vllm_monitoring="monitoring/vllm-monitoring", model="qwen3", namespace="inference", pod="p1"}', values: '1x42 stale _x20 1x50'}
      - {series: 'up{vllm_monitoring="monitoring/vllm-monitoring", model="qwen3", namespace="inference", pod="p2"}', values: '1x42 stale'}
      - {series: 'up{vllm_monitoring="monitoring/vllm-monitoring", model="qwen3", namespace="inference", pod="p3"}', values: '1x21 stale'}
      - {series: 'up{vllm_monitoring="monitoring/vllm-monitoring", model="qwen3", namespace="inference", pod="p4"}', values: '1x21 stale'}
      - {series: 'up{vllm_monitoring="monitoring/vllm-monitoring", model="qwen3", namespace="inference", pod="p5"}', values: '1x21 stale'}
      - {series: 'up{vllm_monitoring="monitoring/vllm-monitoring", model="qwen3", namespace="inference", pod="p6"}', values: '1x21 stale'}
      - {series: 'up{vllm_monitoring="monitoring/vllm-monitoring", model="qwen3", namespace="inference", pod="p7"}', values: '1x21 stale'}
    promql_expr_test:
EXPECTED
  - interval: 1m
    name: without kube-state-metrics nothing is expected
    input_series:
      - {series: 'up{vllm_monitoring="monitoring/vllm-monitoring", model="qwen3", namespace="inference", pod="p0"}', values: '1x60'}
    promql_expr_test:
      - {expr: 'entry:vllm_replicas:expected', eval_time: 20m, exp_samples: []}
      - {expr: 'count(ALERTS{alertname=~"VllmReplicaDown|VllmFleetDown"})', eval_time: 20m, exp_samples: []}
"#;

#[test]
fn an_autoscaler_pages_nobody_and_a_replica_that_does_not_start_does() {
    let dir = tempfile::tempdir().unwrap();
    let set = ["models[0].replicas=auto", "models[0].workload=qwen3"];
    let rules = rules("vllm-monitoring", &[here().join("values.yaml")], &set).unwrap();
    let raised = |minute, alerts: &str| {
        let samples = match alerts {
            "" => String::new(),
            name => format!("{{labels: '{{alertname=\"{name}\"}}', value: 1}}"),
        };
        format!(
            "      - {{expr: 'sum by (alertname) (ALERTS{{alertstate=\"firing\", alertname=~\"VllmReplicaDown|VllmFleetDown\"}})', eval_time: {minute}m, exp_samples: [{samples}]}}\n"
        )
    };
    let expected: String = [20, 30, 40, 50, 60, 63]
        .into_iter()
        .map(|minute| raised(minute, ""))
        .chain([raised(80, "VllmReplicaDown")])
        .collect();
    let suite = SUITE.replace("EXPECTED\n", &expected);
    let failed = promtool::test(dir.path(), &[("rules.yaml", &rules)], &suite).unwrap();
    assert_eq!(failed, None);
}

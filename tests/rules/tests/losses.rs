//! Traces that are dropped before their decision, where they are decided whole.

use rules_tests::{here, promtool, rules};

const SUITE: &str = r#"
rule_files: [rules.yaml]
evaluation_interval: 30s
tests:
  - name: one loses for minutes, another lost once and is full
    interval: 1m
    input_series:
      - {series: 'up{vllm_monitoring="monitoring/vllm-monitoring", pod="c-0"}', values: '1x60'}
      - {series: 'otelcol_processor_tail_sampling_sampling_trace_dropped_too_early{vllm_monitoring="monitoring/vllm-monitoring", pod="c-0"}', values: '0+120x60'}
      - {series: 'up{vllm_monitoring="monitoring/vllm-monitoring", pod="c-1"}', values: '1x60'}
      - {series: 'otelcol_processor_tail_sampling_sampling_trace_dropped_too_early{vllm_monitoring="monitoring/vllm-monitoring", pod="c-1"}', values: '9000x60'}
      - {series: 'otelcol_processor_tail_sampling_sampling_traces_on_memory{vllm_monitoring="monitoring/vllm-monitoring", pod="c-1"}', values: '100000x60'}
    alert_rule_test:
      - eval_time: 1m
        alertname: VllmTracesDroppedUndecided
      - eval_time: 30m
        alertname: VllmTracesDroppedUndecided
        exp_alerts:
          - exp_labels: {vllm_monitoring: monitoring/vllm-monitoring, pod: c-0, severity: warning}
            exp_annotations:
              summary: More traces wait for their decision than numTraces allows; the oldest are dropped, slow ones among them.
              description: 'Collector c-0: 2 traces/s are dropped before they were decided, above 0/s.'
              runbook_url: https://github.com/vllm-monitoring/vllm-monitoring/blob/main/docs/runbooks/VllmTracesDroppedUndecided.md
"#;

#[test]
fn whole_counts_what_is_dropped_before_its_decision() {
    let values = [here().join("values.yaml")];
    let rules = rules("vllm-monitoring", &values, &["tracing.sampling.mode=whole"]).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let found = promtool::test(dir.path(), &[("rules.yaml", &rules)], SUITE).unwrap();
    assert_eq!(found, None);
}

//! What is gone with the edit of another finding is no finding of its own; what is wrong by itself is one.

#![cfg(feature = "full")]

use values_validator_core::{Input, Source, check};

fn found(text: &str) -> Vec<String> {
    let report = check(&Input {
        sources: vec![Source::new("values.yaml", text)],
        sets: Vec::new(),
    });
    let all = report.findings.iter();
    all.map(|f| format!("{} {}", f.code, f.path)).collect()
}

#[test]
fn a_key_that_is_missing_because_it_has_another_name_is_not_missing() {
    let text = "rules:
  additionalAlerts:
    - name: QueueLong
      expression: vllm:num_requests_waiting > 10
      for: 5m
      severity: warning
";
    let item = "rules.additionalAlerts[0]";
    let expected = [
        format!("unknown-key {item}.name"),
        format!("unknown-key {item}.expression"),
    ];
    assert_eq!(found(text), expected);
}

#[test]
fn a_key_that_is_missing_beside_a_mistake_is_still_missing() {
    let text = "rules:
  additionalAlerts:
    - name: QueueLong
      for: 5m
      severity: warning
";
    let item = "rules.additionalAlerts[0]";
    let expected = [
        format!("unknown-key {item}.name"),
        format!("missing-key {item}.expr"),
    ];
    assert_eq!(found(text), expected);
}

#[test]
fn mistakes_of_two_places_are_two_findings() {
    let text = "models:
  - name: llama
    deploy: {enabled: true, model: a/b, storage: {size: 300}}
  - name: qwen
    deploy: {enabled: true, model: c/d, storage: {size: 300}}
metrics: {scrape: {interval: 30s, timeout: 40s}}
";
    let all = found(text);
    for path in [
        "wrong-type models[0].deploy.storage.size",
        "wrong-type models[1].deploy.storage.size",
        "scrape-timeout metrics.scrape.timeout",
    ] {
        assert!(all.iter().any(|found| found == path), "{path}: {all:?}");
    }
    assert!(
        !all.iter().any(|found| found.starts_with("memory-unit")),
        "{all:?}"
    );
}

#[test]
fn nothing_is_changed_below_an_exporter_that_is_there_twice() {
    let text = "tracing:
  exporters:
    otlp:
      endpoint: http://tempo.tracing:4317
    otlp:
      endpoint: http://jaeger.tracing:4317
";
    let report = check(&Input {
        sources: vec![Source::new("values.yaml", text)],
        sets: Vec::new(),
    });
    let edits = report
        .findings
        .iter()
        .filter(|f| f.fix.replacement.is_some());
    assert_eq!(edits.count(), 0, "{report:?}");
    let twice = &report.findings[0];
    assert_eq!(twice.code, "duplicate-key");
    assert!(
        twice.fix.text.starts_with("write otlp once"),
        "{}",
        twice.fix.text
    );
}

#[test]
fn a_size_is_no_count() {
    let text = "tracing: {sampling: {decisionCacheSize: 100Mi}}\n";
    let report = check(&Input {
        sources: vec![Source::new("values.yaml", text)],
        sets: Vec::new(),
    });
    let fix = &report.findings[0].fix;
    assert_eq!(fix.replacement, None);
    assert!(
        fix.text.starts_with("write a number without a unit"),
        "{}",
        fix.text
    );
}

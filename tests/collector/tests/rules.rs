//! The rules and panels about the collector, held to what a real one exports.

use std::collections::BTreeSet;

use collector_tests::{await_decisions, await_metric, caller, ids, planted, render, send, start};
use serde_json::json;

/// Words of a text that begin with `otelcol_` and name no recorded series.
fn metrics(rules: &str) -> BTreeSet<&str> {
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':');
    rules
        .split(word)
        .filter(|word| word.starts_with("otelcol_"))
        .collect()
}

#[test]
fn every_metric_that_the_rules_read_is_exported() {
    // A sending exporter has a queue; nothing answers at the port.
    let queue = "tracing.exporters.otlphttp.nobody.endpoint=http://127.0.0.1:9".to_owned();
    let volume = "tracing.storage.persistent=true".to_owned();
    let rendered = render("1s", &[queue, volume]);
    let rules = rendered.rules().unwrap().unwrap();
    let read = metrics(&rules);
    assert!(read.len() >= 7, "{read:?}");

    let dir = tempfile::tempdir().unwrap();
    let mut collector = start(dir.path(), &rendered, &json!({}));
    let exports = planted(3, 50);
    send(&collector, &exports);
    await_decisions(&mut collector, ids(&exports).len());
    // Late spans, which those of kept traces follow.
    send(&collector, &exports.iter().map(caller).collect::<Vec<_>>());
    let late = "otelcol_processor_tail_sampling_early_releases_from_cache_decision";
    await_metric(&mut collector, late, &[("sampled", "true")], 1.0);
    // A gauge that is written at the processor's next tick.
    let waiting = "otelcol_processor_tail_sampling_sampling_traces_on_memory";
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let page = loop {
        let page = harness::http::get(&collector.metrics_url()).unwrap();
        if page.contains(waiting) || std::time::Instant::now() > deadline {
            break page;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    let exported: BTreeSet<String> = harness::http::parse_metrics(&page)
        .unwrap()
        .into_iter()
        .map(|sample| sample.name)
        .collect();
    // These exist from their first event on; tests/losses.rs, hostile.rs and reload.rs bring each about.
    let later = [
        "send_failed_spans",
        "refused_requests",
        "enqueue_failed_spans",
        "dropped_too_early",
        "settings_reloads",
        // From the first model that was learnt on; the tests of the extension have it.
        "learned_limit",
    ];
    let panels = dashboards::select::OTHERS.iter().copied();
    let missing: Vec<&str> = read
        .into_iter()
        .chain(panels.filter(|name| name.starts_with("otelcol_")))
        .filter(|name| !later.iter().any(|end| name.ends_with(end)))
        .filter(|name| !exported.contains(*name))
        .collect();
    assert!(
        missing.is_empty(),
        "read and not exported: {missing:?}; exported: {exported:?}"
    );
}

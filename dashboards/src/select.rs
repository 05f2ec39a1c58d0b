//! Selectors: which series a dashboard's choices leave.
//!
//! What is recorded is named `level:metric:operation`, and the level says which labels there are.
//! `cluster` is put on by whoever federates; "All" matches its absence too.

/// Of a release.
const RELEASE: &str = r#"vllm_monitoring=~"$release", cluster=~"$cluster""#;
/// Of a model.
const MODEL: &str = r#"vllm_monitoring=~"$release", cluster=~"$cluster", namespace=~"$namespace", model_name=~"$model""#;

/// The window of rates of raw series. Fixed: four scrapes must lie in it whatever the zoom and
/// whatever scrape interval a data source is told, up to a minute.
pub const WINDOW: &str = "5m";

/// Metrics that are neither vLLM's nor recorded: the exporter's names, as the collector and
/// Prometheus write them.
pub const OTHERS: &[&str] = &[
    "ALERTS",
    "ALERTS_FOR_STATE",
    "otelcol_exporter_sent_spans",
    "otelcol_wasm_sampling_policy_decisions",
    "otelcol_wasm_sampling_policy_evaluation_duration_bucket",
    "otelcol_wasm_sampling_policy_evaluation_duration_count",
    "otelcol_wasm_sampling_policy_evaluation_duration_sum",
    "otelcol_wasm_sampling_policy_info",
    "otelcol_wasm_sampling_policy_learned_limit",
    "otelcol_wasm_sampling_policy_settings_generation",
    "otelcol_wasm_sampling_policy_settings_reloads",
    "process_cpu_seconds_total",
];

/// A recorded series, by its level.
#[must_use]
pub fn of(series: &str) -> String {
    with(series, "")
}

/// A recorded series with further matchers.
#[must_use]
pub fn with(series: &str, matchers: &str) -> String {
    let scope = match series.split_once(':').map(|(level, _)| level) {
        Some("entry" | "release" | "collector") => RELEASE,
        _ => MODEL,
    };
    joined(series, scope, matchers)
}

/// A raw series of vLLM, of the chosen pod only.
#[must_use]
pub fn of_pod(series: &str) -> String {
    joined(series, MODEL, r#"pod="$pod""#)
}

/// A recorded series of the chosen pod.
#[must_use]
pub fn recorded_of_pod(series: &str) -> String {
    joined(series, MODEL, r#"pod="$pod""#)
}

/// Alerts that fire, of the choice: also those that say no namespace or no model. An alert of an entry of
/// `models` has `model` alone, the entry's name.
#[must_use]
pub fn firing(matchers: &str) -> String {
    let state = r#"alertstate="firing""#;
    alerts("ALERTS", &[state, matchers])
}

/// When the condition of alerts that fire became true, in milliseconds.
#[must_use]
pub fn firing_since(matchers: &str) -> String {
    let since = alerts("ALERTS_FOR_STATE", &[matchers]);
    format!(
        "{since} * 1000 and ignoring (alertstate) {}",
        firing(matchers)
    )
}

fn alerts(series: &str, matchers: &[&str]) -> String {
    // The watchdog fires always.
    let chosen = [
        r#"namespace=~"$namespace|""#,
        r#"model_name=~"$model|""#,
        r#"alertname!="Watchdog""#,
    ];
    let all = chosen.iter().chain(matchers).copied();
    let some: Vec<&str> = all.filter(|one| !one.is_empty()).collect();
    joined(series, RELEASE, &some.join(", "))
}

/// A series of another exporter.
#[must_use]
pub fn other(series: &str, matchers: &str) -> String {
    joined(series, RELEASE, matchers)
}

fn joined(series: &str, scope: &str, matchers: &str) -> String {
    let comma = if matchers.is_empty() { "" } else { ", " };
    format!("{series}{{{scope}{comma}{matchers}}}")
}

/// `rate` over [`WINDOW`].
#[must_use]
pub fn rate(selector: &str) -> String {
    format!("rate({selector}[{WINDOW}])")
}

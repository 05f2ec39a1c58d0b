//! The part of the catalogue that the chart's templates read: `chart/files/catalog.yaml`.
//!
//! Written by hand rather than by a serializer: the crate stays without dependencies, and the tests read the file back as YAML.

use std::fmt::Write as _;

use crate::Version;
use crate::bounds::le_text;
use crate::families::{family, family_of_series};
use crate::image::{NON_ROOT_SINCE, TRACES_SINCE, USER};
use crate::spans::{
    Attribute, LATENCY_E2E, LATENCY_TIME_IN_MODEL_DECODE, LATENCY_TIME_TO_FIRST_TOKEN,
    MODEL_RESOURCE, REQUEST_SCOPES, REQUEST_SPAN, RESOURCE_ATTRIBUTES, SPANS,
};

/// The command that writes the file, for its header and for the messages of those who find it out of date.
pub const COMMAND: &str = "cargo run -p vllm-catalog --bin generate-catalog";

/// Latencies: the key is the threshold's in values.yaml where there is one, then family and span attribute.
const LATENCIES: &[(&str, &str, Option<&str>)] = &[
    (
        "e2eLatency",
        "vllm:e2e_request_latency_seconds",
        Some(LATENCY_E2E),
    ),
    (
        "timeToFirstToken",
        "vllm:time_to_first_token_seconds",
        Some(LATENCY_TIME_TO_FIRST_TOKEN),
    ),
    (
        "interTokenLatency",
        "vllm:inter_token_latency_seconds",
        None,
    ),
    (
        "decodeTime",
        "vllm:request_decode_time_seconds",
        Some(LATENCY_TIME_IN_MODEL_DECODE),
    ),
];

/// Other families that the installation test asks for.
const METRICS: &[(&str, &str)] = &[
    ("requestsRunning", "vllm:num_requests_running"),
    ("requestSuccess", "vllm:request_success_total"),
];

/// Families that the profile `standard` leaves out: no rule, no panel and no query of docs/queries.md reads them. What the catalogue does not
/// describe is kept.
const NOT_STANDARD: &[&str] = &[
    "http_request_duration_highr_seconds",
    "http_request_duration_seconds",
    "http_request_size_bytes",
    "http_response_size_bytes",
    "vllm:request_inference_time_seconds",
    "vllm:request_time_per_output_token_seconds",
    "vllm:time_per_output_token_seconds",
    "vllm:request_max_num_generation_tokens",
    "vllm:request_params_max_tokens",
    "vllm:request_prefill_kv_computed_tokens",
    "vllm:request_num_preemptions",
    // A series for each ordered combination of adapters, never removed: it grows without end.
    "vllm:lora_requests_info",
];

/// What `standard` leaves out besides: creation times, the Python client's own but the CPU time of the API server, and the buckets of
/// these histograms. The sum and the count of `request_params_n` are the answers and the requests: docs/queries.md divides by them.
const NOT_STANDARD_EITHER: &str = ".+_created|python_.+|process_(max|open|resident|start|virtual)_.+|vllm:(iteration_tokens_total|request_params_n)_bucket";

/// Series that the profile `minimal` keeps: those that alerts, objectives and what they are recorded from need; not what only panels read.
const MINIMAL: &[&str] = &[
    "http_requests_total",
    "vllm:admission_rejections_total",
    "vllm:e2e_request_latency_seconds_bucket",
    "vllm:e2e_request_latency_seconds_count",
    "vllm:engine_sleep_state",
    "vllm:external_prefix_cache_hits_total",
    "vllm:generation_tokens_total",
    "vllm:inter_token_latency_seconds_bucket",
    "vllm:inter_token_latency_seconds_count",
    "vllm:inter_token_latency_seconds_sum",
    "vllm:iteration_tokens_total_count",
    "vllm:kv_cache_usage_perc",
    "vllm:num_preemptions_total",
    "vllm:num_requests_running",
    "vllm:num_requests_waiting",
    "vllm:num_requests_waiting_by_reason",
    "vllm:prefix_cache_hits_total",
    "vllm:prefix_cache_queries_total",
    "vllm:prompt_tokens_total",
    "vllm:request_success_total",
    "vllm:time_to_first_token_seconds_bucket",
    "vllm:time_to_first_token_seconds_count",
];

/// Whether a scrape with that `metrics.profile` stores a series; of a profile that is none, it does.
///
/// ```
/// use vllm_catalog::chart_file::kept;
/// assert!(kept("full", "vllm:request_params_n_bucket") && !kept("standard", "vllm:request_params_n_bucket"));
/// assert!(kept("minimal", "vllm:num_requests_waiting") && !kept("minimal", "vllm:cache_config_info"));
/// ```
#[must_use]
pub fn kept(profile: &str, series: &str) -> bool {
    let scraped = series.starts_with("vllm:")
        || ["http_", "python_", "process_"]
            .iter()
            .any(|start| series.starts_with(start));
    match profile {
        _ if !scraped => true,
        "minimal" => MINIMAL.contains(&series),
        "standard" => {
            let stem = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|end| series.strip_suffix(end))
                .unwrap_or(series);
            !(NOT_STANDARD.contains(&stem)
                || series.ends_with("_created")
                || series.starts_with("python_")
                || series.starts_with("process_")
                || [
                    "vllm:iteration_tokens_total_bucket",
                    "vllm:request_params_n_bucket",
                ]
                .contains(&series))
        }
        _ => true,
    }
}

/// A name that the file needs and the tables lack: a mistake in this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotInCatalog(pub &'static str);

impl core::fmt::Display for NotInCatalog {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "chart file: no family {:?} with the needed bounds in the catalogue; correct the name in chart_file.rs",
            self.0
        )
    }
}

impl core::error::Error for NotInCatalog {}

/// The whole text of `chart/files/catalog.yaml`.
///
/// # Errors
/// [`NotInCatalog`] when a name above is none of the catalogue's.
pub fn render() -> Result<String, NotInCatalog> {
    let mut out = format!(
        "# What vLLM exports, for the chart's templates. Generated from plugins/catalog by\n\
         #   {COMMAND}\n\
         # Do not edit: a test compares it.\n\
         # bounds: bucket bounds in seconds. In a query match both spellings of le, 120.0 and 120: le=~\"120(\\\\.0)?\".\n"
    );
    let mut line = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    line("latencies:".to_owned());
    for (key, name, attribute) in LATENCIES {
        let bounds = family(name)
            .and_then(|family| family.bounds)
            .ok_or(NotInCatalog(name))?;
        let bounds: Vec<String> = bounds
            .finite(0)
            .iter()
            .map(|bound| le_text(*bound).go)
            .collect();
        line(format!("  {key}:"));
        line(format!("    family: {name}"));
        if let Some(attribute) = attribute {
            line(format!("    spanAttribute: {attribute}"));
        }
        line(format!("    bounds: [{}]", bounds.join(", ")));
    }
    line("metrics:".to_owned());
    for (key, name) in METRICS {
        let found = family(name).ok_or(NotInCatalog(name))?;
        line(format!("  {key}: {}", found.name));
    }
    line(
        "# What a scrape keeps (metrics.profile), as regular expressions on the series' name."
            .to_owned(),
    );
    line("profiles:".to_owned());
    for name in NOT_STANDARD {
        family(name).ok_or(NotInCatalog(name))?;
    }
    let mut minimal = Vec::new();
    for series in MINIMAL {
        let family = family_of_series(series).ok_or(NotInCatalog(series))?;
        // Converted to a native histogram, a family is one series of its own name.
        if family.bounds.is_some() {
            minimal.push(family.name);
        }
        minimal.push(series);
    }
    minimal.sort_unstable();
    minimal.dedup();
    line(format!(
        "  standard: {{action: drop, regex: '({})(_bucket|_sum|_count)?|{NOT_STANDARD_EITHER}'}}",
        NOT_STANDARD.join("|")
    ));
    line(format!(
        "  minimal: {{action: keep, regex: '{}'}}",
        minimal.join("|")
    ));
    line("spans:".to_owned());
    line("  request:".to_owned());
    line(format!("    name: {REQUEST_SPAN}"));
    let scopes: Vec<&str> = REQUEST_SCOPES.iter().map(|scope| scope.name).collect();
    line(format!("    scopes: [{}]", scopes.join(", ")));
    line(format!("  modelResource: {MODEL_RESOURCE}"));
    line("  # Keys of everything that a vLLM server sends.".to_owned());
    let sent = SPANS.iter().flat_map(|span| span.attributes);
    line(format!("  attributes: [{}]", keys(sent)));
    let sent = RESOURCE_ATTRIBUTES.iter();
    line(format!("  resourceAttributes: [{}]", keys(sent)));
    line(
        "# vllm/vllm-openai: the tag that is deployed by default, and what runs as `user`."
            .to_owned(),
    );
    line(format!(
        "image: {{tag: v{}, user: {USER}, nonRootSince: {NON_ROOT_SINCE}, tracesSince: {TRACES_SINCE}}}",
        Version::NEWEST
    ));
    Ok(out)
}

/// Their keys, each once, in order.
fn keys<'a>(attributes: impl Iterator<Item = &'a Attribute>) -> String {
    let keys: std::collections::BTreeSet<&str> = attributes.map(|a| a.key).collect();
    keys.into_iter().collect::<Vec<_>>().join(", ")
}

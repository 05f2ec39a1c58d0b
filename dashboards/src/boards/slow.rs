//! Slow requests & tracing: what is kept and why, what the policy costs, whether anything is lost.
//!
//! The collector's pods are few: its raw series are read by release.

use super::IDLE;
use crate::build::{
    CLUSTER, MODEL, NAMESPACE, RELEASE, limit, limit_where, line, lines, plain, row, stat,
};
use crate::model::{Dashboard, Hue, Kind, Row, Stroke, TraceStore, Unit};
use crate::select::{of, other, rate};

const NO_COLLECTOR: &str =
    "No collector of this release is scraped: tracing is off, or vLLM sends no spans.";
const NO_PLUGIN: &str =
    "The policy is not the plugin (tracing.policy.engine), or no trace was decided yet.";

/// The dashboard; with a store, a table of kept traces.
#[must_use]
pub fn dashboard(store: Option<TraceStore>) -> Dashboard {
    let mut rows = vec![slow(), decisions(), policy(), queues()];
    if let Some(store) = store {
        rows.insert(1, kept(store));
    }
    Dashboard {
        slug: "slow-requests",
        title: "Slow requests & tracing",
        about: "Which requests were slow, which of their traces were kept and why, and whether the collector is overloaded.",
        shows: "3h",
        step: None,
        variables: vec![CLUSTER, RELEASE, NAMESPACE, MODEL],
        rows,
    }
}

fn slow() -> Row {
    row(
        "Slow requests",
        vec![
            lines("Slow requests", Unit::Count, vec![plain("{{model_name}}", of("model:vllm_requests_slow:increase"))])
                .size(8, 8)
                .leads(&["model-slo"])
                .read("In the last 5 minutes, longer than the largest bucket bound below the threshold.", IDLE)
                .alerts(&["VllmSlowRequestsPresent"]),
            lines("How long do the slowest take?", Unit::Seconds, vec![plain("{{model_name}} p99", of("model:vllm_e2e_request_latency_seconds:p99"))])
                .and(limit("release:vllm_e2e_request_latency_seconds:threshold"))
                .size(8, 8)
                .leads(&["fleet", "model-slo"])
                .read("p99 of whole requests. A slow time between tokens shows here too, for spans do not have it.", IDLE)
                .alerts(&["VllmE2ELatencyHigh", "VllmInterTokenLatencyHigh"]),
            lines("How late is the latest first token?", Unit::Seconds, vec![plain("{{model_name}} p99", of("model:vllm_time_to_first_token_seconds:p99"))])
                .and(limit("release:vllm_time_to_first_token_seconds:threshold"))
                .size(8, 8)
                .leads(&["fleet", "model-slo"])
                .read("p99. Traces are kept from thresholds.timeToFirstToken.keepTrace on, which is lower than the alert's.", IDLE)
                .alerts(&["VllmTimeToFirstTokenHigh"]),
        ],
    )
}

fn kept(store: TraceStore) -> Row {
    row(
        "Kept traces",
        vec![
            lines("Which requests were kept, why, and what was the cause?", Unit::Count, Vec::new())
                .drawn(Kind::Traces(store))
                .size(24, 10)
                .read("The newest kept traces of the selected reason and cause; a click opens a trace. Reason: why it was kept. Cause: the phase of the request that took longest (queue, prefill, frontend, decode).", "The trace store has no kept trace with this reason and cause in this time range."),
        ],
    )
}

fn decisions() -> Row {
    let decided = |by: &str, outcome: &str| {
        format!(
            "sum by ({by}) ({})",
            rate(&other("otelcol_wasm_sampling_policy_decisions", outcome))
        )
    };
    row(
        "Kept and dropped",
        vec![
            stat("Request spans received", Unit::SpansPerSecond, plain("{{vllm_monitoring}}", of("release:vllm_request_spans:rate")))
                .size(6, 4)
                .read("vLLM's own spans, one for each request that ended. Fewer than requests: a replica, or some callers, are not traced.", "No span of vLLM arrived.")
                .alerts(&["VllmTracingSilent"]),
            stat("Collectors up", Unit::Count, plain("{{vllm_monitoring}}", of("release:otelcol_replicas:up")))
                .size(6, 4)
                .read("Pods of the collector that answer their scrape.", NO_COLLECTOR)
                .alerts(&["VllmCollectorDown", "VllmBalancerDown", "VllmBalancerBackendsLost"]),
            stat("Traces kept", Unit::SpansPerSecond, plain("kept", decided("vllm_monitoring", r#"outcome="sampled""#)))
                .size(6, 4)
                .read("Per second, for any reason.", NO_PLUGIN),
            stat("Spans sent on", Unit::SpansPerSecond, plain("{{exporter}}", format!("sum by (exporter) ({})", rate(&other("otelcol_exporter_sent_spans", "")))))
                .size(6, 4)
                .read("By exporter.", NO_COLLECTOR),
            lines("Why are traces kept?", Unit::SpansPerSecond, vec![plain("{{reason}}", decided("reason", r#"outcome="sampled""#))])
                .drawn(Kind::Stacked)
                .read("By reason: a failed call (error), a threshold that was exceeded (e2e_latency, time_to_first_token, decode_time), among the slowest of its model (slow_first_token, slow_output), for comparison (baseline).", NO_PLUGIN),
            lines("What is decided?", Unit::PerSecond, vec![plain("{{outcome}}", decided("outcome", ""))])
                .drawn(Kind::Stacked)
                .read("Evaluations a second: with tracing.sampling.mode immediate one for each batch of a trace's spans until the trace is kept, with whole one for each trace. not_sampled: fast requests, nearly all. sampled: kept traces, each once. limited: traces that qualified when the budget was used up.", NO_PLUGIN),
            lines("Which traces does the budget leave out?", Unit::PerSecond, vec![plain("{{reason}} {{model}}", of("release:otelcol_wasm_sampling_policy_limited:rate"))])
                .and(limit_where("release:otelcol_wasm_sampling_policy_limited:threshold", &of("release:otelcol_wasm_sampling_policy_limited:rate")))
                .read("Evaluations per second that the budget refused, by reason and model. The baseline is dropped first, errors last.", NO_PLUGIN)
                .alerts(&["VllmTraceBudgetExhausted"]),
            lines("From where is a request among the slowest of its model?", Unit::Seconds, vec![plain("{{model}} {{measure}} {{prompt_tokens}}", format!("max by (model, measure, prompt_tokens) ({})", other("otelcol_wasm_sampling_policy_learned_limit", "")))])
                .read("Limits that the policy learnt: time to first token by prompt length, time per output token. The highest of all collectors.", "Nothing is learnt so far, or tracing.policy.slowest is off."),
        ],
    )
}

/// By cause, of which there are many: those that are there, else that there is none.
fn failing() -> String {
    let faults = of("collector:otelcol_wasm_sampling_policy_faults:rate");
    format!(
        r#"sum by (cause) ({faults}) > 0 or on () label_replace(sum({faults}), "cause", "no fault", "", "")"#
    )
}

fn policy() -> Row {
    let duration = |part: &str| {
        rate(&other(
            &format!("otelcol_wasm_sampling_policy_evaluation_duration_{part}"),
            "",
        ))
    };
    row(
        "The policy",
        vec![
            lines(
                "How long does a decision take?",
                Unit::Brief,
                vec![
                    line("p99", format!("histogram_quantile(0.99, sum by (le) ({})) >= 0", duration("bucket")), Hue::Blue, Stroke::Solid),
                    line("mean", format!("sum({}) / (sum({}) > 0)", duration("sum"), duration("count")), Hue::Green, Stroke::Dotted),
                ],
            )
            .size(8, 8)
            .read("Of every 64th trace. Microseconds are normal.", NO_PLUGIN),
            lines("Does the policy fail?", Unit::PerSecond, vec![plain("{{cause}}", failing())])
                .and(limit("release:otelcol_wasm_sampling_policy_faults:threshold"))
                .size(8, 8)
                .read("Decisions by tracing.policy.onError because the policy failed, by cause.", NO_PLUGIN)
                .alerts(&["VllmCollectorPolicyFaulting"]),
            lines("Is the breaker open?", Unit::Count, vec![plain("{{pod}} {{policy}}", of("collector:otelcol_wasm_sampling_policy_breaker_state:max"))])
                .size(8, 8)
                .read("0: the plugin decides; 1: it is being tried again; 2: it is not called.", NO_PLUGIN)
                .alerts(&["VllmCollectorPolicyBreakerOpen"]),
            lines(
                "Which settings are active?",
                Unit::Count,
                vec![plain("{{pod}} generation", other("otelcol_wasm_sampling_policy_settings_generation", ""))],
            )
            .size(12, 6)
            .read("Increases by one with each applied change of the settings. If collectors differ for long, one of them refused a change.", NO_PLUGIN),
            lines(
                "What became of changed settings?",
                Unit::Count,
                vec![plain("{{pod}} {{outcome}}", other("otelcol_wasm_sampling_policy_settings_reloads", ""))],
            )
            .size(12, 6)
            .read("Changes of the policy's settings since the start, applied or refused.", "No settings were changed since the collector started.")
            .alerts(&["VllmCollectorSettingsRefused"]),
        ],
    )
}

fn queues() -> Row {
    row(
        "Queues",
        vec![
            lines("How full are the exporters' queues?", Unit::Ratio, vec![plain("{{pod}} {{exporter}}", of("collector:otelcol_exporter_queue:ratio"))])
                .and(limit_where("release:otelcol_exporter_queue:threshold", &of("collector:otelcol_exporter_queue:ratio")))
                .size(8, 8)
                .read("Kept traces that wait for an exporter. When the queue is full, they are lost.", "No exporter with a queue is configured.")
                .alerts(&["VllmCollectorQueueFilling"]),
            lines("Are spans refused?", Unit::SpansPerSecond, vec![plain("{{pod}}", of("collector:otelcol_refused_spans:rate"))])
                .and(limit("release:otelcol_refused_spans:threshold"))
                .size(8, 8)
                .read("Refused because memory is short or a pipeline failed. Exports that are too large or have a wrong token are not included.", NO_COLLECTOR)
                .alerts(&["VllmCollectorRefusing", "VllmBalancerFailing"]),
            lines(
                "Are kept traces lost?",
                Unit::SpansPerSecond,
                vec![plain("{{exporter}} {{cause}}", format!("sum by (exporter, cause) ({})", of("collector:otelcol_lost_spans:rate")))],
            )
            .size(8, 8)
            .read("By exporter and cause. store: the store refused them permanently. queue: the queue or its disk was full. redaction: a statement failed.", "No trace was lost.")
            .alerts(&["VllmKeptTracesLost"]),
            lines("Does each exporter send?", Unit::SpansPerSecond, vec![plain("{{pod}} {{exporter}}", of("collector:otelcol_sent_spans:rate"))])
                .size(8, 8)
                .read("0 while something waits: the exporter tries again and again.", "No exporter with a queue is configured, or none has sent yet.")
                .alerts(&["VllmCollectorExportStalled"]),
            lines("How full is the memory for waiting traces?", Unit::Ratio, vec![plain("{{pod}}", of("collector:otelcol_waiting_traces:ratio"))])
                .size(8, 8)
                .read("Waiting traces as a share of tracing.sampling.numTraces. At 100 % the oldest are dropped: with tracing.sampling.mode whole before a decision, with immediate the spans before a slow request.", NO_COLLECTOR)
                .alerts(&["VllmLateSpansDropped", "VllmTracesDroppedUndecided"]),
            lines(
                "Are traces decided?",
                Unit::PerSecond,
                vec![
                    line("{{pod}} new", of("collector:otelcol_new_traces:rate"), Hue::Blue, Stroke::Solid),
                    line("{{pod}} decided", of("collector:otelcol_decided_traces:rate"), Hue::Green, Stroke::Dotted),
                ],
            )
            .size(8, 8)
            .read("New traces and decisions a second. Decisions stay at 0 while traces come: the collector no longer decides.", NO_COLLECTOR)
            .alerts(&["VllmCollectorNotDeciding"]),
        ],
    )
}

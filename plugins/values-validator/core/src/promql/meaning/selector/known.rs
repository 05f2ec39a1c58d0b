//! Values that a label has and no others: of what the chart records, and of kube-state-metrics.

use super::source;
use vllm_catalog::Values;

/// Why the policy keeps a trace.
const REASONS: &[&str] = &[
    "error",
    "e2e_latency",
    "time_to_first_token",
    "decode_time",
    "slow_first_token",
    "slow_output",
    "baseline",
];

const CONDITION: &[&str] = &["true", "false", "unknown"];

/// All values of a label; empty: they are not known.
pub(super) fn values(name: &str, label: &str) -> Vec<&'static str> {
    let all: &[&str] = match (name, label) {
        ("release:otelcol_wasm_sampling_policy_limited:rate", "reason") => REASONS,
        ("kube_pod_status_phase", "phase") => {
            &["Pending", "Running", "Succeeded", "Failed", "Unknown"]
        }
        ("kube_pod_status_ready" | "kube_pod_status_scheduled", "condition") => CONDITION,
        ("kube_node_status_condition", "status") => CONDITION,
        // As the span metrics of the OpenTelemetry collector write them.
        (_, "status_code") if name.starts_with("vllm_spans_") => {
            &["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"]
        }
        (_, "span_kind") if name.starts_with("vllm_spans_") => &[
            "SPAN_KIND_UNSPECIFIED",
            "SPAN_KIND_INTERNAL",
            "SPAN_KIND_SERVER",
            "SPAN_KIND_CLIENT",
            "SPAN_KIND_PRODUCER",
            "SPAN_KIND_CONSUMER",
        ],
        _ if label == "slo" && name.contains(":vllm_slo") => &[
            "availability",
            "time_to_first_token",
            "inter_token_latency",
            "e2e_latency",
        ],
        _ => &[],
    };
    let own = source(name).and_then(|(family, _)| {
        let label = family.labels.iter().find(|known| known.name == label)?;
        match label.values {
            Values::OneOf(all) => Some(all.iter().map(|value| value.text).collect()),
            _ => None,
        }
    });
    own.unwrap_or_else(|| all.to_vec())
}

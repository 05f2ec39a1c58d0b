//! Series that a switch of the values takes away.

use crate::rules::look::plugin;
use crate::{Node, Values};

/// What only panels read; beside it the bands across pods.
const PANELS: &str = "model:vllm_admission_rejections:rate model:vllm_engines_asleep:count model:vllm_external_prefix_cache:hit_ratio model:vllm_gpus:sum model:vllm_iteration_tokens:mean model:vllm_num_requests_waiting_for_capacity:sum model:vllm_pods:count model:vllm_request_decode_time_seconds:mean model:vllm_request_generation_tokens:p50 model:vllm_request_generation_tokens:p95 model:vllm_request_generation_tokens:rate model:vllm_request_generation_tokens_bucket:rate model:vllm_request_prefill_time_seconds:mean model:vllm_request_prompt_tokens:p50 model:vllm_request_prompt_tokens:p95 model:vllm_request_prompt_tokens:rate model:vllm_request_prompt_tokens_bucket:rate model:vllm_request_queue_time_seconds:mean model:vllm_time_to_first_token_seconds:mean pod:accelerator_memory_used:bytes pod:accelerator_temperature:celsius pod:accelerator_utilization:ratio pod:dcgm_gpu_memory_used:bytes pod:dcgm_gpu_temperature:celsius pod:dcgm_gpu_utilization:ratio pod:kube_accelerators:sum pod:vllm_e2e_request_latency_seconds:mean pod:vllm_num_requests_running:sum pod:vllm_time_to_first_token_seconds:mean release:vllm_kv_cache_usage_perc:threshold release:vllm_num_preemptions:threshold release:vllm_num_requests_waiting:threshold release:vllm_slo:budget release:vllm_slo:limit_seconds release:vllm_slo_burn:threshold";

/// Beginnings of what only panels read.
const BANDS: [&str; 5] = [
    "model:vllm_kv_offload_",
    "model:vllm_mooncake_",
    "model:vllm_nixl_",
    "model:vllm_pods_",
    "model:vllm_spec_decode_",
];

/// What the collector's series are made of.
const TRACES: [&str; 4] = [
    ":otelcol_",
    ":vllm_replicas_untraced:",
    ":vllm_request_spans:",
    ":vllm_request_spans_unplaced:",
];

fn panel(name: &str) -> bool {
    PANELS.split(' ').any(|known| known == name)
        || BANDS.iter().any(|start| name.starts_with(start))
            // An alert reads it.
            && name != "model:vllm_pods_inter_token_latency_seconds:p50"
        || name.starts_with("release:otelcol_") && name.ends_with(":threshold")
}

/// A switch that is off, and what to do.
pub(super) fn off<'a>(values: &'a Values, name: &str) -> Option<(&'static str, &'a Node, String)> {
    let given = |path: &'static str| {
        let node = values
            .get(path)
            .filter(|node| node.as_bool() == Some(false))?;
        Some((path, node, format!("set {path}: true")))
    };
    if panel(name)
        && let Some(switch) = given("rules.panels")
    {
        return Some(switch);
    }
    if TRACES.iter().any(|part| name.contains(part)) {
        if let Some(switch) = given("tracing.enabled") {
            return Some(switch);
        }
        let engine = values.get("tracing.policy.engine")?;
        if name.contains("wasm_sampling_policy") && !plugin(values) {
            let words = "set tracing.collector.image to one that hosts the plugin, or read release:otelcol_kept_traces:rate";
            return Some(("tracing.policy.engine: ottl", engine, words.to_owned()));
        }
    }
    let probed = ["pod:probe_", "entry:probe_"];
    let probed = probed.iter().any(|start| name.starts_with(start));
    probed.then(|| given("probe.enabled"))?
}

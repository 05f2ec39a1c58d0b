//! Rows of what not every server has: GPUs' own exporter, speculative decoding, KV transfer and
//! offload. Without it their panels say why they are empty.

use crate::build::{band, folded, line, lines, plain};
use crate::model::{Hue, Row, Stroke, Unit};
use crate::select::of;

const NO_DCGM: &str = "No exporter of NVIDIA, AMD, Gaudi or TPU devices is scraped, or its series do not name the pods.";
const NO_DRAFTS: &str = "No selected server runs with speculative decoding.";
const NO_TRANSFER: &str = "No selected server uses the NIXL connector.";
const NO_MOONCAKE: &str = "No selected server uses the Mooncake connector.";
const NO_OFFLOAD: &str = "No selected server offloads its KV cache.";

/// DCGM.
#[must_use]
pub fn gpus() -> Row {
    folded(
        "GPUs (DCGM, AMD, Gaudi or TPU exporter)",
        vec![
            lines("How busy are the GPUs?", Unit::Ratio, band("vllm_pods_dcgm_gpu_utilization"))
                .read("The mean over a pod's GPUs, across pods. Busy means that a kernel ran, not that the GPU was used efficiently.", NO_DCGM)
                .size(8, 8),
            lines("GPU memory in use", Unit::Bytes, band("vllm_pods_dcgm_gpu_memory_used"))
                .read("Of the fullest GPU of each pod. vLLM reserves its share at start, so this is constant; the KV cache usage shows how much of it is needed.", NO_DCGM)
                .size(8, 8),
            lines("GPU temperature", Unit::Celsius, band("vllm_pods_dcgm_gpu_temperature"))
                .read("Of the hottest GPU of each pod. A GPU that is too hot slows down; compare the time between tokens.", NO_DCGM)
                .alerts(&["VllmGpuFault"])
                .size(8, 8),
        ],
    )
}

/// Speculative decoding.
#[must_use]
pub fn speculative() -> Row {
    let rate = |name: &str| of(&format!("model:vllm_spec_decode_{name}:rate"));
    folded(
        "Speculative decoding",
        vec![
            lines(
                "Which part of the drafted tokens is accepted?",
                Unit::Ratio,
                vec![plain(
                    "{{model_name}}",
                    format!(
                        "{} / ({} > 0)",
                        rate("num_accepted_tokens"),
                        rate("num_draft_tokens")
                    ),
                )],
            )
            .read(
                "Below one half, drafting costs more than it saves on a busy server.",
                NO_DRAFTS,
            ),
            lines(
                "Tokens that a step of the target model yields",
                Unit::Tokens,
                vec![plain(
                    "{{model_name}}",
                    format!(
                        "1 + {} / ({} > 0)",
                        rate("num_accepted_tokens"),
                        rate("num_drafts")
                    ),
                )],
            )
            .read(
                "One plus the accepted draft tokens: the factor by which the number of steps falls.",
                NO_DRAFTS,
            ),
        ],
    )
}

/// KV transfer and offload.
#[must_use]
pub fn transfer() -> Row {
    let rate = |name: &str| of(&format!("model:vllm_{name}:rate"));
    folded(
        "KV transfer and offload",
        vec![
            lines(
                "KV cache transferred between servers",
                Unit::BytesPerSecond,
                vec![plain("{{model_name}}", rate("nixl_bytes_transferred"))],
            )
            .read("From prefill to decode servers, by NIXL.", NO_TRANSFER),
            lines(
                "How long does a transfer take?",
                Unit::Seconds,
                vec![plain(
                    "{{model_name}} mean",
                    of("model:vllm_nixl_xfer_time_seconds:mean"),
                )],
            )
            .read("It is part of the time to first token.", NO_TRANSFER),
            lines(
                "Do transfers fail?",
                Unit::PerSecond,
                vec![
                    line(
                        "{{model_name}} transfers",
                        rate("nixl_num_failed_transfers"),
                        Hue::Blue,
                        Stroke::Solid,
                    ),
                    line(
                        "{{model_name}} notifications",
                        rate("nixl_num_failed_notifications"),
                        Hue::Orange,
                        Stroke::Dashed,
                    ),
                    line(
                        "{{model_name}} expired requests",
                        rate("nixl_num_kv_expired_reqs"),
                        Hue::Green,
                        Stroke::Dotted,
                    ),
                ],
            )
            .read(
                "Each is a request whose prompt is computed again or that fails; 0 is right.",
                NO_TRANSFER,
            ),
            lines(
                "KV cache transferred by Mooncake",
                Unit::BytesPerSecond,
                vec![plain("{{model_name}}", rate("mooncake_bytes_transferred"))],
            )
            .read("Like NIXL: from prefill to decode servers.", NO_MOONCAKE),
            lines(
                "Do Mooncake's transfers fail?",
                Unit::PerSecond,
                vec![
                    line(
                        "{{model_name}} transfers",
                        rate("mooncake_num_failed_transfers"),
                        Hue::Blue,
                        Stroke::Solid,
                    ),
                    line(
                        "{{model_name}} receipts",
                        rate("mooncake_num_failed_recvs"),
                        Hue::Orange,
                        Stroke::Dashed,
                    ),
                    line(
                        "{{model_name}} expired requests",
                        rate("mooncake_num_kv_expired_reqs"),
                        Hue::Green,
                        Stroke::Dotted,
                    ),
                ],
            )
            .read(
                "Each is a request whose prompt is computed again or that fails; 0 is right.",
                NO_MOONCAKE,
            ),
            lines(
                "KV cache offloaded and loaded",
                Unit::BytesPerSecond,
                vec![
                    line(
                        "{{model_name}} stored",
                        rate("kv_offload_store_bytes"),
                        Hue::Blue,
                        Stroke::Solid,
                    ),
                    line(
                        "{{model_name}} loaded",
                        rate("kv_offload_load_bytes"),
                        Hue::Orange,
                        Stroke::Dashed,
                    ),
                ],
            )
            .read(
                "If much is stored and little is loaded, the offload does not help.",
                NO_OFFLOAD,
            ),
            lines(
                "How full is the offload's memory?",
                Unit::Ratio,
                vec![plain(
                    "{{model_name}} fullest engine",
                    of("model:vllm_kv_offload_cpu_cache_usage_perc:max"),
                )],
            )
            .read(
                "A full memory is normal; the loaded bytes show whether the offload helps.",
                NO_OFFLOAD,
            ),
        ],
    )
}

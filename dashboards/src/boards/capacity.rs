//! Capacity: is there room, what does the hardware yield, when must there be more of it.

use super::{IDLE, NOT_SCRAPED, optional};
use crate::build::{
    CLUSTER, MODEL, NAMESPACE, RELEASE, band, limit, line, lines, plain, row, stat,
};
use crate::model::{Dashboard, Hue, Row, Stroke, Unit};
use crate::select::of;

const NO_GPUS: &str = "kube-state-metrics is not scraped, or the pods ask for no GPUs.";

/// The dashboard.
#[must_use]
pub fn dashboard() -> Dashboard {
    Dashboard {
        slug: "capacity",
        title: "Capacity",
        about: "Free KV cache, tokens per replica and GPU, savings by caches, and when to scale.",
        shows: "3h",
        step: None,
        variables: vec![CLUSTER, RELEASE, NAMESPACE, MODEL],
        rows: vec![
            headroom(),
            scale(),
            yields(),
            caches(),
            optional::gpus(),
            optional::speculative(),
            optional::transfer(),
        ],
    }
}

fn headroom() -> Row {
    let used = of("model:vllm_kv_cache_usage_perc:avg");
    row(
        "Headroom",
        vec![
            stat("Replicas that serve", Unit::Count, plain("{{model_name}}", of("model:vllm_pods:count")))
                .size(6, 4)
                .leads(&["fleet"])
                .read("Pods whose engine exports its metrics.", NOT_SCRAPED)
                .alerts(&["VllmReplicaDown"]),
            stat("KV cache that is free", Unit::Ratio, plain("{{model_name}}", format!("1 - {used}")))
                .size(6, 4)
                .read("The mean over all engines.", NOT_SCRAPED)
                .alerts(&["VllmKVCacheNearlyFull"]),
            stat(
                "Requests that would fit yet",
                Unit::Count,
                plain("{{model_name}}", format!("{} * (1 - {used}) / ({used} > 0)", of("model:vllm_num_requests_running:sum"))),
            )
            .size(6, 4)
            .read("An estimate: requests as long as the running ones, in the free cache. The batch limit (max_num_seqs) may be reached first.", "Nothing is running, so nothing can be estimated."),
            stat("GPUs", Unit::Count, plain("{{model_name}}", of("model:vllm_gpus:sum")))
                .size(6, 4)
                .read("GPUs that the pods of a model request.", NO_GPUS),
            lines("How much of the KV cache is in use?", Unit::Ratio, band("vllm_pods_kv_cache_usage_perc"))
                .and(limit("release:vllm_kv_cache_usage_perc:threshold"))
                .leads(&["fleet"])
                .read("Across pods. If the median is near the threshold, add replicas; if only the highest is, improve the load balancing.", NOT_SCRAPED)
                .alerts(&["VllmKVCacheNearlyFull"]),
            lines(
                "Do requests wait for KV cache?",
                Unit::Count,
                vec![
                    line("{{model_name}} for room in the cache", of("model:vllm_num_requests_waiting_for_capacity:sum"), Hue::Blue, Stroke::Solid),
                    line("{{model_name}} all", of("model:vllm_num_requests_waiting:sum"), Hue::Orange, Stroke::Dashed),
                ],
            )
            .leads(&["fleet"])
            .read("Waiting for KV cache: add cache or replicas. Waiting for other reasons: the batch limit. Before vLLM 0.20 all count as the first.", NOT_SCRAPED)
            .alerts(&["VllmWaitingForCapacity", "VllmQueueTooLong"]),
        ],
    )
}

fn scale() -> Row {
    let pods = of("model:vllm_pods:count");
    row(
        "When to scale",
        vec![
            lines(
                "Requests waiting for each replica",
                Unit::Count,
                vec![plain("{{model_name}}", format!("{} / {pods}", of("model:vllm_num_requests_waiting:sum")))],
            )
            .and(limit("release:vllm_num_requests_waiting:threshold"))
            .size(8, 8)
            .leads(&["fleet"])
            .read("The signal for scaling up: it grows before latency does, and falls when replicas are added. The line is the alert's threshold per pod.", NOT_SCRAPED)
            .alerts(&["VllmQueueTooLong"]),
            lines(
                "Requests in flight per replica",
                Unit::Count,
                vec![plain(
                    "{{model_name}}",
                    format!("({} + {}) / {pods}", of("model:vllm_num_requests_running:sum"), of("model:vllm_num_requests_waiting:sum")),
                )],
            )
            .size(8, 8)
            .read("Running and waiting requests. If this stays low, scale down.", NOT_SCRAPED),
            lines(
                "How many replicas are there?",
                Unit::Count,
                vec![
                    line("{{model}} up", of("entry:vllm_replicas:up"), Hue::Blue, Stroke::Solid),
                    line("{{model}} expected", of("entry:vllm_replicas:expected"), Hue::Orange, Stroke::Dashed),
                ],
            )
            .size(8, 8)
            .read("By entry of `models`. With `replicas: auto`, the expected number follows the autoscaler.", NOT_SCRAPED)
            .alerts(&["VllmReplicaDown", "VllmFleetDown"]),
        ],
    )
}

fn yields() -> Row {
    let generated = of("model:vllm_generation_tokens:rate");
    row(
        "Throughput of the hardware",
        vec![
            lines(
                "Tokens generated per replica",
                Unit::TokensPerSecond,
                vec![plain(
                    "{{model_name}}",
                    format!("{generated} / {}", of("model:vllm_pods:count")),
                )],
            )
            .size(8, 8)
            .read(
                "The mean of all replicas. It falls when prompts get longer or batches smaller.",
                IDLE,
            ),
            lines(
                "Tokens generated per GPU",
                Unit::TokensPerSecond,
                vec![plain(
                    "{{model_name}}",
                    format!("{generated} / ({} > 0)", of("model:vllm_gpus:sum")),
                )],
            )
            .size(8, 8)
            .read(
                "Throughput per GPU; use it to compare models and settings.",
                NO_GPUS,
            ),
            lines(
                "Tokens generated by each pod",
                Unit::TokensPerSecond,
                band("vllm_pods_generation_tokens"),
            )
            .size(8, 8)
            .leads(&["replica"])
            .read(
                "Across pods. If the lines are far apart, some pods are idle while others are full.",
                NOT_SCRAPED,
            )
            .alerts(&["VllmReplicaOutlier"]),
        ],
    )
}

fn caches() -> Row {
    row(
        "Caches and preemption",
        vec![
            lines(
                "Which part of the prompts need not be computed?",
                Unit::Ratio,
                vec![
                    line("{{model_name}} prefix cache", of("model:vllm_prefix_cache:hit_ratio"), Hue::Blue, Stroke::Solid),
                    line("{{model_name}} external", of("model:vllm_external_prefix_cache:hit_ratio"), Hue::Orange, Stroke::Dashed),
                ],
            )
            .size(8, 8)
            .read("Each percent is prefill that is saved. Too low before vLLM 0.28, where a waiting request is counted again at each try.", "The prefix cache is off, or nothing was asked in the last 5 minutes.")
            .alerts(&["VllmPrefixCacheCollapse"]),
            lines(
                "Prompt tokens that are computed",
                Unit::TokensPerSecond,
                vec![plain(
                    "{{model_name}}",
                    format!("{} * (1 - {})", of("model:vllm_prompt_tokens:rate"), of("model:vllm_prefix_cache:hit_ratio")),
                )],
            )
            .size(8, 8)
            .read("What the prefix cache leaves to compute.", IDLE),
            lines("Preemptions", Unit::PerSecond, vec![plain("{{model_name}}", of("model:vllm_num_preemptions:rate"))])
                .and(limit("release:vllm_num_preemptions:threshold"))
                .size(8, 8)
                .read("Computed twice: the cache is too small for the batch. More replicas, a smaller max_num_seqs, or a larger cache.", NOT_SCRAPED)
                .alerts(&["VllmPreemptionSpike"]),
        ],
    )
}

//! Fleet: is everything there, is it fast, and which pod is the worst.

use super::{IDLE, NOT_SCRAPED, glance, optional};
use crate::build::{
    CLUSTER, MODEL, NAMESPACE, RELEASE, band, limit, line, lines, percentiles, plain, row, stat,
};
use crate::model::{Dashboard, Hue, Kind, Row, Stroke, Unit};
use crate::select::{of, with};

/// The dashboard.
#[must_use]
pub fn dashboard() -> Dashboard {
    Dashboard {
        slug: "fleet",
        title: "Fleet",
        about: "All models of a release: load, latency, throughput, and the worst pods.",
        shows: "3h",
        step: None,
        variables: vec![CLUSTER, RELEASE, NAMESPACE, MODEL],
        rows: vec![
            glance::row(),
            overview(),
            latency(),
            throughput(),
            pods(),
            characteristics(),
            internals(),
            optional::gpus(),
            optional::speculative(),
            optional::transfer(),
        ],
    }
}

fn overview() -> Row {
    row(
        "Fleet Overview",
        vec![
            stat("Replicas up", Unit::Count, plain("{{model}}", of("entry:vllm_replicas:up")))
                .leads(&["capacity"])
                .read("By entry of `models`; targets that answer their scrape.", "The chart's rules are not evaluated by this data source.")
                .alerts(&["VllmReplicaDown", "VllmFleetDown"]),
            stat("Requests running", Unit::Count, plain("{{model_name}}", of("model:vllm_num_requests_running:sum")))
                .read("Requests in the batches of all pods of a model.", NOT_SCRAPED),
            stat("Requests waiting", Unit::Count, plain("{{model_name}}", of("model:vllm_num_requests_waiting:sum")))
                .leads(&["capacity"])
                .read("Requests in the queues of all pods of a model. A queue that persists means that the model needs more replicas.", NOT_SCRAPED)
                .alerts(&["VllmQueueTooLong"]),
            stat(
                "Requests finished",
                Unit::RequestsPerSecond,
                plain("{{model_name}}", format!("sum by (namespace, model_name) ({})", of("model:vllm_request_success:rate"))),
            )
            .read("Requests that end, successfully or not. vLLM does not count requests that clients abort, and counts each answer of a request with several (n, beam search).", IDLE),
            stat("Tokens generated", Unit::TokensPerSecond, plain("{{model_name}}", of("model:vllm_generation_tokens:rate")))
                .read("Generated tokens of the whole fleet.", IDLE),
            stat("Slow requests", Unit::Count, plain("{{model_name}}", of("model:vllm_requests_slow:increase")))
                .leads(&["slow-requests"])
                .read("In the last 5 minutes, longer than the largest bucket bound below the threshold of VllmE2ELatencyHigh.", IDLE)
                .alerts(&["VllmSlowRequestsPresent"]),
            lines(
                "How many replicas are up, and how many should be?",
                Unit::Count,
                vec![
                    line("{{model}} up", of("entry:vllm_replicas:up"), Hue::Blue, Stroke::Solid),
                    line("{{model}} expected", of("entry:vllm_replicas:expected"), Hue::Orange, Stroke::Dashed),
                ],
            )
            .size(24, 6)
            .leads(&["capacity"])
            .read("By entry of `models`. The expected number is drawn if the entry sets `replicas`.", "The chart's rules are not evaluated by this data source.")
            .alerts(&["VllmReplicaDown", "VllmFleetDown", "VllmCrashLooping"]),
        ],
    )
}

fn latency() -> Row {
    let panel = |title, metric: &str, read, alerts| {
        lines(title, Unit::Seconds, percentiles(metric))
            .and(limit(&format!("release:{metric}:threshold")))
            .leads(&["model-slo", "slow-requests"])
            .read(read, IDLE)
            .alerts(alerts)
            .size(8, 9)
    };
    row(
        "Latency",
        vec![
            panel(
                "How long do whole requests take?",
                "vllm_e2e_request_latency_seconds",
                "Of all requests of a model that ended in the last 5 minutes, from buckets: accurate to one bucket. The alert compares p99.",
                &["VllmE2ELatencyHigh", "VllmE2ELatencyBudgetBurning"],
            ),
            panel(
                "How long until the first token?",
                "vllm_time_to_first_token_seconds",
                "Waiting, then reading the prompt. Rises with the queue and with long prompts. The alert compares p99.",
                &[
                    "VllmTimeToFirstTokenHigh",
                    "VllmTimeToFirstTokenBudgetBurning",
                ],
            ),
            panel(
                "How long between two tokens?",
                "vllm_inter_token_latency_seconds",
                "A step of the engine. Rises with the batch, and with prompts that are read in between. The alert compares p99.",
                &[
                    "VllmInterTokenLatencyHigh",
                    "VllmInterTokenLatencyBudgetBurning",
                ],
            ),
        ],
    )
}

fn throughput() -> Row {
    row(
        "Throughput & Queue",
        vec![
            lines(
                "Tokens read and generated",
                Unit::TokensPerSecond,
                vec![
                    line("{{model_name}} generated", of("model:vllm_generation_tokens:rate"), Hue::Blue, Stroke::Solid),
                    line("{{model_name}} prompt", of("model:vllm_prompt_tokens:rate"), Hue::Orange, Stroke::Dashed),
                ],
            )
            .read("Prompt tokens also count if they were in the prefix cache.", IDLE)
            .alerts(&["VllmEngineStalled"]),
            lines(
                "How do requests end?",
                Unit::RequestsPerSecond,
                vec![plain(
                    "{{finished_reason}}",
                    format!("sum by (finished_reason) ({}) > 0", of("model:vllm_request_success:rate")),
                )],
            )
            .drawn(Kind::Stacked)
            .leads(&["model-slo"])
            .read("stop: the model was done; length: the limit of tokens was reached; error: the server failed. Each answer of a request with several (n, beam search) counts.", IDLE)
            .alerts(&["VllmAvailabilityBudgetBurning"]),
            lines(
                "Where does a request's time go, by model?",
                Unit::Seconds,
                vec![
                    line("{{model_name}} waiting", of("model:vllm_request_queue_time_seconds:mean"), Hue::Orange, Stroke::Dashed),
                    line("{{model_name}} reading the prompt", of("model:vllm_request_prefill_time_seconds:mean"), Hue::Green, Stroke::Dotted),
                    line("{{model_name}} generating", of("model:vllm_request_decode_time_seconds:mean"), Hue::Blue, Stroke::Solid),
                ],
            )
            .read("Means, which add up to the mean of whole requests. Waiting: add replicas. Prefill: shorten prompts or use the prefix cache. Decode: reduce batches or shorten answers.", IDLE),
            lines(
                "How many requests run, and how many wait?",
                Unit::Count,
                vec![
                    line("{{model_name}} running", of("model:vllm_num_requests_running:sum"), Hue::Blue, Stroke::Solid),
                    line("{{model_name}} waiting", of("model:vllm_num_requests_waiting:sum"), Hue::Orange, Stroke::Dashed),
                ],
            )
            .leads(&["capacity"])
            .read("Of all pods. The alert's threshold is per pod and drawn below.", NOT_SCRAPED)
            .alerts(&["VllmQueueTooLong", "VllmAdmissionStalled"]),
        ],
    )
}

fn pods() -> Row {
    row(
        "Per-Pod Breakdown",
        vec![
            lines("How evenly are requests spread?", Unit::Count, band("vllm_pods_num_requests_running"))
                .leads(&["replica"])
                .read("Running requests of the pods of a model. If the lines are far apart, the load balancer favours some pods.", NOT_SCRAPED),
            lines("How long are the pods' queues?", Unit::Count, band("vllm_pods_num_requests_waiting"))
                .and(limit("release:vllm_num_requests_waiting:threshold"))
                .leads(&["replica", "capacity"])
                .read("Waiting requests of the pods of a model. If only the highest is long, one pod has a problem; if all are, the model has.", NOT_SCRAPED)
                .alerts(&["VllmQueueTooLong"]),
            lines("How full are the pods' KV caches?", Unit::Ratio, band("vllm_pods_kv_cache_usage_perc"))
                .and(limit("release:vllm_kv_cache_usage_perc:threshold"))
                .leads(&["capacity", "replica"])
                .read("Of the fullest engine of each pod. Above the threshold requests wait or are preempted.", NOT_SCRAPED)
                .alerts(&["VllmKVCacheNearlyFull", "VllmWaitingForCapacity"]),
            lines("Tokens generated by each pod", Unit::TokensPerSecond, band("vllm_pods_generation_tokens"))
                .leads(&["replica"])
                .read("A pod at 0 while others generate is stalled, or gets no requests.", NOT_SCRAPED)
                .alerts(&["VllmEngineStalled"]),
        ],
    )
}

fn characteristics() -> Row {
    let lengths = |title, metric: &str, read| {
        let quantile = |q: &str| of(&format!("model:{metric}:{q}"));
        lines(
            title,
            Unit::Tokens,
            vec![
                line(
                    "{{model_name}} p95",
                    quantile("p95"),
                    Hue::Orange,
                    Stroke::Dashed,
                ),
                line(
                    "{{model_name}} p50",
                    quantile("p50"),
                    Hue::Green,
                    Stroke::Dotted,
                ),
            ],
        )
        .read(read, IDLE)
        .size(8, 8)
    };
    let heat = |title, metric: &str, read| {
        let buckets = of(&format!("model:{metric}_bucket:rate"));
        lines(
            title,
            Unit::Tokens,
            vec![plain("{{le}}", format!("sum by (le) ({buckets})"))],
        )
        .drawn(Kind::Heatmap)
        .read(read, IDLE)
    };
    row(
        "Request Characteristics",
        vec![
            lengths("How long are the prompts?", "vllm_request_prompt_tokens", "Of requests that ended; accurate to one bucket (1, 2, 5, 10, …)."),
            lengths("How long are the answers?", "vllm_request_generation_tokens", "Of requests that ended; accurate to one bucket (1, 2, 5, 10, …)."),
            lines(
                "Which part of prompts is cached?",
                Unit::Ratio,
                vec![
                    line("{{model_name}}", with("model:vllm_prefix_cache:hit_ratio", ""), Hue::Blue, Stroke::Solid),
                    line("{{model_name}} external", of("model:vllm_external_prefix_cache:hit_ratio"), Hue::Orange, Stroke::Dashed),
                ],
            )
            .leads(&["capacity"])
            .read("Tokens that need not be computed. Before vLLM 0.28 a waiting request is counted again at each attempt, so the ratio is too low.", "The prefix cache is off, or there were no requests in the last 5 minutes.")
            .alerts(&["VllmPrefixCacheCollapse"])
            .size(8, 8),
            heat("Prompt lengths", "vllm_request_prompt_tokens", "Requests per second by prompt length; the colour bar shows the scale."),
            heat("Answer lengths", "vllm_request_generation_tokens", "Requests per second by answer length; the colour bar shows the scale."),
        ],
    )
}

fn internals() -> Row {
    row(
        "Engine Internals",
        vec![
            lines("Preemptions", Unit::PerSecond, vec![plain("{{model_name}}", of("model:vllm_num_preemptions:rate"))])
                .and(limit("release:vllm_num_preemptions:threshold"))
                .leads(&["capacity"])
                .read("Requests removed from a batch because the KV cache is full; their tokens are computed again.", NOT_SCRAPED)
                .alerts(&["VllmPreemptionSpike"])
                .size(8, 8),
            lines("Tokens that a step computes", Unit::Tokens, vec![plain("{{model_name}} mean", of("model:vllm_iteration_tokens:mean"))])
                .read("The batch size in tokens. Large steps use the GPU efficiently and delay the next token of every request.", "Nothing was computed, or the front end does not count steps.")
                .size(8, 8),
            lines("How different are the pods' times between tokens?", Unit::Seconds, band("vllm_pods_inter_token_latency_seconds"))
                .leads(&["replica"])
                .read("Means of the pods. One far above the median has a slow GPU, a noisy neighbour, or longer batches.", IDLE)
                .alerts(&["VllmReplicaOutlier"])
                .size(8, 8),
            lines("How different are the pods' times to first token?", Unit::Seconds, band("vllm_pods_time_to_first_token_seconds"))
                .leads(&["replica"])
                .read("Means of the pods.", IDLE),
            lines("How different are the pods' request times?", Unit::Seconds, band("vllm_pods_e2e_request_latency_seconds"))
                .leads(&["replica"])
                .read("Means of the pods over whole requests.", IDLE),
        ],
    )
}

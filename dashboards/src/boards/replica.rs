//! Replica: one pod, every phase of a request, its engines apart, against its fleet.
//!
//! The only dashboard that reads raw series, for one pod is chosen.

use super::{IDLE, NOT_SCRAPED};
use crate::build::{CLUSTER, MODEL, NAMESPACE, POD, RELEASE, limit, line, lines, plain, row, stat};
use crate::model::{Bounds, Dashboard, Hue, Kind, Limit, Panel, Query, Row, Stroke, Unit};
use crate::select::{of, of_pod, rate, recorded_of_pod};

/// The dashboard.
#[must_use]
pub fn dashboard() -> Dashboard {
    Dashboard {
        slug: "replica",
        title: "Replica",
        about: "One pod: the phases of its requests, its engines, and how it compares with the model's other pods.",
        shows: "1h",
        step: Some(60),
        variables: vec![CLUSTER, RELEASE, NAMESPACE, MODEL, POD],
        rows: vec![now(), against(), phases(), engines(), requests()],
    }
}

fn now() -> Row {
    let by_pod = |series: &str| recorded_of_pod(series);
    row(
        "Now",
        vec![
            stat("Does it answer?", Unit::YesNo, plain("up", format!("max({})", r#"pod:vllm_target:up{vllm_monitoring=~"$release", cluster=~"$cluster", namespace=~"$namespace", pod="$pod"}"#)).bounds(Bounds::Below(1.0, 0.5)))
                .read("Yes: it answers its scrape. No: the scrape fails. An engine can hang while its server answers.", "Service discovery no longer finds this pod.")
                .alerts(&["VllmReplicaDown", "VllmCrashLooping", "VllmSeriesMissing"]),
            stat("Running", Unit::Count, plain("requests", by_pod("pod:vllm_num_requests_running:sum")))
                .read("Requests in the batches of its engines.", NOT_SCRAPED),
            stat("Waiting", Unit::Count, plain("requests", by_pod("pod:vllm_num_requests_waiting:sum")).bounds(Bounds::Limit(Limit::Waiting)))
                .read("Requests in its queue.", NOT_SCRAPED)
                .alerts(&["VllmQueueTooLong", "VllmAdmissionStalled"]),
            stat("KV cache in use", Unit::Ratio, plain("fullest engine", by_pod("pod:vllm_kv_cache_usage_perc:max")).bounds(Bounds::Limit(Limit::KvCache)))
                .read("Of its fullest engine.", NOT_SCRAPED)
                .alerts(&["VllmKVCacheNearlyFull"]),
            stat("Tokens generated", Unit::TokensPerSecond, plain("tokens", by_pod("pod:vllm_generation_tokens:rate")))
                .read("Of all its engines.", NOT_SCRAPED)
                .alerts(&["VllmEngineStalled"]),
            stat("Restarts", Unit::Count, plain("restarts", format!("max({})", r#"pod:vllm_container_restarts:changes{vllm_monitoring=~"$release", cluster=~"$cluster", namespace=~"$namespace", pod="$pod"}"#)).bounds(Bounds::Limit(Limit::Restarts)))
                .read("Of its container, in the window of VllmCrashLooping.", "kube-state-metrics is not scraped.")
                .alerts(&["VllmCrashLooping"]),
        ],
    )
}

/// This pod beside the median and the extremes of its own model, whatever models are chosen.
fn beside(title: &'static str, unit: Unit, pod: &str, model: &str) -> Panel {
    let of_model = |across: &str| {
        format!(
            "{} and on (vllm_monitoring, cluster, namespace, model_name) {}",
            of(&format!("model:{model}:{across}")),
            recorded_of_pod("pod:vllm_model:info"),
        )
    };
    lines(
        title,
        unit,
        vec![
            line("{{pod}}", recorded_of_pod(pod), Hue::Blue, Stroke::Solid),
            line(
                "highest of the model",
                of_model("max"),
                Hue::Orange,
                Stroke::Dotted,
            ),
            line(
                "median of the model",
                of_model("p50"),
                Hue::Green,
                Stroke::Dashed,
            ),
        ],
    )
    .leads(&["fleet"])
}

fn against() -> Row {
    row(
        "Compared with its fleet",
        vec![
            beside("Is it slower between tokens than the others?", Unit::Seconds, "pod:vllm_inter_token_latency_seconds:mean", "vllm_pods_inter_token_latency_seconds")
                .read("Means. If it is far above the median with a similar batch, check the GPU, its neighbours or its clocks.", IDLE)
                .alerts(&["VllmReplicaOutlier"]),
            beside("Is it later with the first token than the others?", Unit::Seconds, "pod:vllm_time_to_first_token_seconds:mean", "vllm_pods_time_to_first_token_seconds")
                .read("Means. If it is above the others with a longer queue, check the load balancer; without a longer queue, its prompts.", IDLE)
                .alerts(&["VllmTimeToFirstTokenHigh"]),
            beside("Is its queue longer than the others'?", Unit::Count, "pod:vllm_num_requests_waiting:sum", "vllm_pods_num_requests_waiting")
                .and(limit("release:vllm_num_requests_waiting:threshold"))
                .read("Waiting requests.", NOT_SCRAPED)
                .alerts(&["VllmQueueTooLong"]),
            beside("Is its KV cache fuller than the others'?", Unit::Ratio, "pod:vllm_kv_cache_usage_perc:max", "vllm_pods_kv_cache_usage_perc")
                .and(limit("release:vllm_kv_cache_usage_perc:threshold"))
                .read("Of the fullest engine.", NOT_SCRAPED)
                .alerts(&["VllmKVCacheNearlyFull", "VllmWaitingForCapacity"]),
        ],
    )
}

fn quantiles(family: &str) -> Vec<Query> {
    let of = |q: &str| {
        let buckets = rate(&of_pod(&format!("{family}_bucket")));
        let native = rate(&of_pod(family));
        format!(
            "histogram_quantile({q}, sum by (le) ({buckets})) >= 0 or histogram_quantile({q}, sum({native})) >= 0"
        )
    };
    vec![
        line("p99", of("0.99"), Hue::Blue, Stroke::Solid),
        line("p50", of("0.5"), Hue::Green, Stroke::Dotted),
    ]
}

fn phases() -> Row {
    let mean = |family: &str| {
        let (sum, count) = (
            rate(&of_pod(&format!("{family}_sum"))),
            rate(&of_pod(&format!("{family}_count"))),
        );
        let native = rate(&of_pod(family));
        format!(
            "sum({sum}) / (sum({count}) > 0) or sum(histogram_sum({native})) / (sum(histogram_count({native})) > 0)"
        )
    };
    let area = |legend, family, hue| line(legend, mean(family), hue, Stroke::Solid);
    let phase = |title, family: &str, read| {
        lines(title, Unit::Seconds, quantiles(family))
            .read(read, IDLE)
            .size(8, 8)
    };
    // Of these the means are above, and each quantile reads every bucket.
    let part = |title, family: &str, read| {
        let p99 = quantiles(family).into_iter().take(1).collect();
        lines(title, Unit::Seconds, p99).read(read, IDLE).size(8, 8)
    };
    row(
        "Phases of a request",
        vec![
            lines(
                "Where does a request's time go in this pod?",
                Unit::Seconds,
                vec![
                    area("decode", "vllm:request_decode_time_seconds", Hue::Blue),
                    area("prefill", "vllm:request_prefill_time_seconds", Hue::Green),
                    area("queue", "vllm:request_queue_time_seconds", Hue::Orange),
                ],
            )
            .drawn(Kind::Stacked)
            .size(24, 8)
            .read("Means, which add up to the whole request.", IDLE),
            phase(
                "Whole requests",
                "vllm:e2e_request_latency_seconds",
                "Accurate to one bucket.",
            )
            .and(limit("release:vllm_e2e_request_latency_seconds:threshold"))
            .leads(&["slow-requests"])
            .alerts(&["VllmE2ELatencyHigh"]),
            phase(
                "Time to first token",
                "vllm:time_to_first_token_seconds",
                "Accurate to one bucket.",
            )
            .and(limit("release:vllm_time_to_first_token_seconds:threshold"))
            .alerts(&["VllmTimeToFirstTokenHigh"]),
            phase(
                "Time between tokens",
                "vllm:inter_token_latency_seconds",
                "Accurate to one bucket.",
            )
            .and(limit("release:vllm_inter_token_latency_seconds:threshold"))
            .alerts(&["VllmInterTokenLatencyHigh"]),
            part(
                "Time in the queue",
                "vllm:request_queue_time_seconds",
                "From arrival until the engine takes the request up.",
            ),
            part(
                "Time for the prompt",
                "vllm:request_prefill_time_seconds",
                "From there to the first token.",
            ),
            part(
                "Time for the answer",
                "vllm:request_decode_time_seconds",
                "From the first token to the last.",
            ),
        ],
    )
}

fn engines() -> Row {
    let by_engine = |series: &str| format!("sum by (engine) ({})", of_pod(series));
    let rate_by_engine = |series: &str| format!("sum by (engine) ({})", rate(&of_pod(series)));
    let each = |title, unit, expr: String| {
        lines(title, unit, vec![plain("engine {{engine}}", expr)]).size(8, 8)
    };
    row(
        "Engines, each on its own",
        vec![
            each("Requests running in each engine", Unit::Count, by_engine("vllm:num_requests_running"))
                .read("A pod with data parallelism has several; an engine that hangs keeps its last value.", NOT_SCRAPED)
                .alerts(&["VllmEngineStalled"]),
            each("Requests waiting at each engine", Unit::Count, by_engine("vllm:num_requests_waiting"))
                .read("Its own queue.", NOT_SCRAPED)
                .alerts(&["VllmAdmissionStalled"]),
            each("KV cache of each engine", Unit::Ratio, by_engine("vllm:kv_cache_usage_perc"))
                .and(limit("release:vllm_kv_cache_usage_perc:threshold"))
                .read("Each engine has its own cache.", NOT_SCRAPED)
                .alerts(&["VllmKVCacheNearlyFull"]),
            each("Tokens generated by each engine", Unit::TokensPerSecond, rate_by_engine("vllm:generation_tokens_total"))
                .read("0 with running requests: the engine is stalled.", NOT_SCRAPED)
                .alerts(&["VllmEngineStalled"]),
            each("Preemptions of each engine", Unit::PerSecond, rate_by_engine("vllm:num_preemptions_total"))
                .read("Requests removed from the batch; the alert is per model.", NOT_SCRAPED)
                .alerts(&["VllmPreemptionSpike"]),
            each(
                "Tokens in a step of each engine",
                Unit::Tokens,
                format!(
                    "{} / ({} > 0) or sum by (engine) (histogram_sum({native})) / (sum by (engine) (histogram_count({native})) > 0)",
                    rate_by_engine("vllm:iteration_tokens_total_sum"),
                    rate_by_engine("vllm:iteration_tokens_total_count"),
                    native = rate(&of_pod("vllm:iteration_tokens_total")),
                ),
            )
            .read("The mean batch in tokens.", "Nothing was computed, or the front end does not count steps."),
            each("Engines asleep", Unit::Count, format!("sum by (engine, sleep_state) ({})", of_pod("vllm:engine_sleep_state").replace(r#"pod="$pod""#, r#"pod="$pod", sleep_state!="awake""#)))
                .read("0: awake; 1: put to sleep on purpose (/sleep), its weights offloaded or discarded. This is a state and not a fault: alerts on engines that hang ignore it.", "The server is older than 0.13, or started without sleep mode."),
            each("CPU of the API server", Unit::Count, rate(&of_pod("process_cpu_seconds_total").replace(r#", model_name=~"$model""#, "")))
                .read("CPUs. Near 1 the front end is busy itself: clients wait where no latency of vLLM's looks.", "metrics.profile is minimal, or there are several API servers: then none says it.")
                .alerts(&["VllmRequestsUnanswered"]),
            lines(
                "How long does the probe wait for its token?",
                Unit::Seconds,
                vec![
                    plain("answered", probed(1)),
                    plain("not answered", probed(0)),
                ],
            )
            .read("A request for one token through the HTTP server, as a client sees it: queue and front end included.", "probe.enabled is false.")
            .alerts(&["VllmProbeFailing", "VllmProbeDown"]),
        ],
    )
}

/// Seconds of the probe's last request, where it was answered (1) or not (0).
fn probed(success: u8) -> String {
    let of = r#"{vllm_monitoring=~"$release", cluster=~"$cluster", namespace=~"$namespace", pod="$pod"}"#;
    format!("max(pod:probe_duration_seconds:last{of} and pod:probe_success:last{of} == {success})")
}

fn requests() -> Row {
    let ratio = |hits: &str, queries: &str| {
        format!(
            "sum({}) / (sum({}) > 0)",
            rate(&of_pod(hits)),
            rate(&of_pod(queries))
        )
    };
    row(
        "Requests",
        vec![
            lines(
                "How do its requests end?",
                Unit::RequestsPerSecond,
                vec![plain("{{finished_reason}}", format!("sum by (finished_reason) ({}) > 0", rate(&of_pod("vllm:request_success_total"))))],
            )
            .drawn(Kind::Stacked)
            .size(6, 8)
            .read("stop, length: well; error: the server failed.", IDLE)
            .alerts(&["VllmAvailabilityBudgetBurning"]),
            lines(
                "Where do the tokens of its prompts come from?",
                Unit::TokensPerSecond,
                vec![plain("{{source}}", format!("sum by (source) ({}) > 0", rate(&of_pod("vllm:prompt_tokens_by_source_total"))))],
            )
            .drawn(Kind::Stacked)
            .size(6, 8)
            .read("local_compute: read by this engine; local_cache_hit: its prefix cache; external_kv_transfer: blocks of others.", "The server is older than 0.16, or nothing is asked."),
            lines(
                "Which answers of its HTTP server are errors?",
                Unit::RequestsPerSecond,
                vec![plain("{{status}}", format!("sum by (status) ({})", rate(&of_pod("http_requests_total").replace(r#", model_name=~"$model""#, ""))))],
            )
            .size(6, 8)
            .read("By class of status. 4xx: the clients' mistakes; 5xx: failures, also of what no engine saw. HTTP knows no model.", "Nothing was asked over HTTP yet.")
            .alerts(&["VllmAvailabilityBudgetBurning"]),
            lines(
                "Which part of its prompts does the prefix cache have?",
                Unit::Ratio,
                vec![plain("hits", ratio("vllm:prefix_cache_hits_total", "vllm:prefix_cache_queries_total"))],
            )
            .size(6, 8)
            .read("Lower than the fleet's: the load balancer does not send sessions back to the pod that knows them.", "The prefix cache is off, or nothing was asked in the last 5 minutes.")
            .alerts(&["VllmPrefixCacheCollapse"]),
        ],
    )
}

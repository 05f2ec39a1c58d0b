//! The worst pods, now. A table is asked for one moment only: over time every pod would be a line.

use crate::build::column;
use crate::model::{Panel, Query, Unit};
use crate::select::of;
use crate::{build::lines, model::Kind};

/// What tells a pod.
const POD: &str = "namespace, model_name, pod";
/// So many by each measure; a pod can be among the worst by several.
const EACH: u32 = 5;

/// Measures of a pod, each a recorded series; the first sorts the table.
const MEASURES: [(&str, Unit, &str); 7] = [
    ("Waiting", Unit::Count, "pod:vllm_num_requests_waiting:sum"),
    ("KV cache", Unit::Ratio, "pod:vllm_kv_cache_usage_perc:max"),
    (
        "Time to first token",
        Unit::Seconds,
        "pod:vllm_time_to_first_token_seconds:mean",
    ),
    (
        "Time between tokens",
        Unit::Seconds,
        "pod:vllm_inter_token_latency_seconds:mean",
    ),
    ("Running", Unit::Count, "pod:vllm_num_requests_running:sum"),
    (
        "Generated",
        Unit::TokensPerSecond,
        "pod:vllm_generation_tokens:rate",
    ),
    (
        "Failed",
        Unit::RequestsPerSecond,
        "pod:vllm_requests_failed:rate",
    ),
];

/// Of the measures, those by which a pod is bad when they are high.
const BAD: usize = 4;

/// The table.
#[must_use]
pub fn table() -> Panel {
    let worst: Vec<String> = MEASURES[..BAD]
        .iter()
        .map(|(_, _, series)| format!("topk({EACH}, max by ({POD}) ({}))", of(series)))
        .collect();
    let worst = worst.join(" or ");
    let queries: Vec<Query> = MEASURES
        .iter()
        .map(|(heading, unit, series)| {
            column(
                heading,
                *unit,
                format!("max by ({POD}) ({}) and on ({POD}) ({worst})", of(series)),
            )
        })
        .collect();
    lines("Which pods are the worst now?", Unit::Count, queries)
        .drawn(Kind::Table {
            rows: &[("namespace", "Namespace"), ("model_name", "Model"), ("pod", "Pod")],
            to_replica: true,
        })
        .size(24, 9)
        .leads(&["replica"])
        .read(
            "The five pods with the longest queue, the fullest KV cache, the latest first tokens and the slowest tokens, at the end of the chosen time; a click on a pod opens it. Means over 5 minutes.",
            "No pod of this choice is scraped.",
        )
        .alerts(&["VllmQueueTooLong", "VllmKVCacheNearlyFull", "VllmReplicaOutlier"])
}

//! The worst pods, now. A table is asked for one moment only: over time every pod would be a line.

use crate::build::column;
use crate::model::{Bounds, Limit, Panel, Query, Unit};
use crate::select::of;
use crate::{build::lines, model::Kind};

/// What tells a pod.
const POD: &str = "namespace, model_name, pod";
/// So many by each measure; a pod can be among the worst by several.
const EACH: u32 = 5;

/// Measures of a pod, each a recorded series; the first sorts the table.
const MEASURES: [(&str, Unit, &str, Option<Bounds>); 5] = [
    (
        "Waiting",
        Unit::Count,
        "pod:vllm_num_requests_waiting:sum",
        Some(Bounds::Limit(Limit::Waiting)),
    ),
    (
        "KV cache",
        Unit::Ratio,
        "pod:vllm_kv_cache_usage_perc:max",
        Some(Bounds::Limit(Limit::KvCache)),
    ),
    (
        "First token",
        Unit::Seconds,
        "pod:vllm_time_to_first_token_seconds:mean",
        Some(Bounds::Limit(Limit::TimeToFirstToken)),
    ),
    (
        "Per token",
        Unit::Seconds,
        "pod:vllm_inter_token_latency_seconds:mean",
        Some(Bounds::Limit(Limit::InterTokenLatency)),
    ),
    (
        "Failed",
        Unit::RequestsPerSecond,
        "pod:vllm_requests_failed:rate",
        Some(Bounds::From(0.005, 1.0)),
    ),
];

/// Of the measures, those by which a pod is bad when they are high.
const BAD: usize = 4;

/// The table.
#[must_use]
pub fn table() -> Panel {
    let worst: Vec<String> = MEASURES[..BAD]
        .iter()
        .map(|(_, _, series, _)| format!("topk({EACH}, max by ({POD}) ({}))", of(series)))
        .collect();
    let worst = worst.join(" or ");
    let queries: Vec<Query> = MEASURES
        .iter()
        .map(|(heading, unit, series, bounds)| {
            let expr = format!("max by ({POD}) ({}) and on ({POD}) ({worst})", of(series));
            Query {
                bounds: *bounds,
                ..column(heading, *unit, expr)
            }
        })
        .collect();
    lines("Which pods are the worst now?", Unit::Count, queries)
        .drawn(Kind::Table {
            rows: &[("namespace", "Namespace"), ("model_name", "Model"), ("pod", "Pod")],
            to_replica: true,
        })
        .size(14, 8)
        .leads(&["replica"])
        .read(
            "The five pods with the longest queue, the fullest KV cache, the latest first tokens and the slowest tokens, at the end of the chosen time; a click on a pod opens it. Means over 5 minutes. Amber and red: above the objective's limit, above the alert's threshold.",
            "No pod of this choice is scraped.",
        )
        .alerts(&["VllmQueueTooLong", "VllmKVCacheNearlyFull", "VllmReplicaOutlier"])
}

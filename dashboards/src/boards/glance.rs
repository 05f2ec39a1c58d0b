//! The first screen of Fleet, 1440 x 900: is it up, is it slow, which model, what fires, which pods are the
//! worst, and what a request's time goes into. docs/dashboards.md draws it.

use super::{IDLE, NOT_SCRAPED, alerts, worst};
use crate::build::{column, line, lines, plain};
use crate::model::{Bounds, Hue, Kind, Limit, Panel, Query, Row, Stroke, Unit};
use crate::select::{of, other, with};

/// The row, which has no header.
#[must_use]
pub fn row() -> Row {
    crate::build::row(
        "",
        vec![
            up(),
            slow(),
            models(),
            alerts::table(),
            worst::table(),
            time(),
        ],
    )
}

/// Replicas that are up, of those expected; of an entry that says no number, of those discovered.
fn replicas() -> Query {
    let up = format!("sum({})", of("entry:vllm_replicas:up"));
    let expected = format!(
        "sum({} or on (vllm_monitoring, cluster, model) count by (vllm_monitoring, cluster, model) ({}))",
        of("entry:vllm_replicas:expected"),
        // Targets have no model's name.
        other("pod:vllm_target:up", ""),
    );
    let ratio = format!("{up} / {expected}");
    plain(
        "{{up}} of {{expected}} replicas up",
        format!(
            r#"{ratio} * on () group_left (up) count_values("up", {up}) * on () group_left (expected) count_values("expected", {expected})"#
        ),
    )
    .number(ratio)
    .bounds(Bounds::Below(1.0, 0.8))
}

fn failing() -> String {
    let of_slo = |what: &str| {
        with(
            &format!("model:vllm_slo_{what}:rate"),
            "slo=\"availability\"",
        )
    };
    format!("1 - {} / ({} > 0)", of_slo("good"), of_slo("total"))
}

fn of_limit(heading: &str, unit: Unit, expr: String, limit: Limit) -> Query {
    Query {
        unit: Some(unit),
        ..plain(heading, expr).bounds(Bounds::Limit(limit))
    }
}

/// Three values: more are too small to read on a phone.
fn three(title: &'static str, unit: Unit, values: [Query; 3]) -> Panel {
    let panel = lines(title, unit, values.into())
        .drawn(Kind::Stat)
        .size(12, 4);
    panel.leads(&["model-slo", "capacity"])
}

fn up() -> Panel {
    three(
        "Is it up?",
        Unit::Ratio,
        [
            replicas(),
            of_limit(
                "Requests failing",
                Unit::SmallRatio,
                format!("max({})", failing()),
                Limit::Failing,
            ),
            of_limit(
                "Longest queue of a pod",
                Unit::Count,
                format!("max({})", of("model:vllm_pods_num_requests_waiting:max")),
                Limit::Waiting,
            ),
        ],
    )
    .read(
        "Of the selected models: the one that fails most, and the longest queue. Amber: the objective is missed, or the alert's threshold is near. Red: the alert's threshold is exceeded.",
        NOT_SCRAPED,
    )
    .alerts(&["VllmReplicaDown", "VllmFleetDown", "VllmAvailabilityBudgetBurning"])
}

fn slow() -> Panel {
    let p99 = |heading: &str, metric: &str, limit| {
        let expr = format!("max({})", of(&format!("model:{metric}:p99")));
        of_limit(heading, Unit::Seconds, expr, limit)
    };
    three(
        "Is it slow?",
        Unit::Seconds,
        [
            p99(
                "First token, p99",
                "vllm_time_to_first_token_seconds",
                Limit::TimeToFirstToken,
            ),
            p99(
                "Between tokens, p99",
                "vllm_inter_token_latency_seconds",
                Limit::InterTokenLatency,
            ),
            p99(
                "Whole request, p99",
                "vllm_e2e_request_latency_seconds",
                Limit::E2eLatency,
            ),
        ],
    )
    .read(
        "Of the selected models, the slowest. Amber: the objective is missed. Red: the alert's threshold is exceeded.",
        IDLE,
    )
    .alerts(&["VllmTimeToFirstTokenHigh", "VllmInterTokenLatencyHigh", "VllmE2ELatencyHigh"])
}

fn models() -> Panel {
    let by = |expr: String| format!("max by (namespace, model_name) ({expr})");
    let of_limit = |heading: &str, unit, expr: String, limit| {
        column(heading, unit, by(expr)).bounds(Bounds::Limit(limit))
    };
    lines(
        "Which model is in trouble?",
        Unit::Count,
        vec![
            of_limit(
                "First token",
                Unit::Seconds,
                of("model:vllm_time_to_first_token_seconds:p99"),
                Limit::TimeToFirstToken,
            ),
            of_limit(
                "Per token",
                Unit::Seconds,
                of("model:vllm_inter_token_latency_seconds:p99"),
                Limit::InterTokenLatency,
            ),
            of_limit(
                "Request",
                Unit::Seconds,
                of("model:vllm_e2e_request_latency_seconds:p99"),
                Limit::E2eLatency,
            ),
            of_limit(
                "KV cache",
                Unit::Ratio,
                of("model:vllm_pods_kv_cache_usage_perc:max"),
                Limit::KvCache,
            ),
            of_limit("Failing", Unit::SmallRatio, failing(), Limit::Failing),
        ],
    )
    .drawn(Kind::Table {
        rows: &[("namespace", "Namespace"), ("model_name", "Model")],
        to_replica: false,
    })
    .size(10, 7)
    .leads(&["model-slo"])
    .read(
        "p99 of the last 5 minutes; the KV cache of the fullest pod. Amber and red as above.",
        IDLE,
    )
    .alerts(&[
        "VllmTimeToFirstTokenHigh",
        "VllmInterTokenLatencyHigh",
        "VllmE2ELatencyHigh",
        "VllmKVCacheNearlyFull",
    ])
}

/// Phases over all chosen models, each model by its requests.
fn time() -> Panel {
    const MODEL: &str = "vllm_monitoring, cluster, namespace, model_name";
    let requests = format!(
        "sum by ({MODEL}) ({})",
        of("model:vllm_request_success:rate")
    );
    let mean = |metric: &str| format!("max by ({MODEL}) ({})", of(&format!("model:{metric}:mean")));
    let over_all =
        |mean: String| format!("sum(({mean}) * on ({MODEL}) {requests}) / (sum({requests}) > 0)");
    let phase = |phase: &str| mean(&format!("vllm_request_{phase}_time_seconds"));
    let frontend = format!(
        "clamp_min({} - on ({MODEL}) {} - on ({MODEL}) {}, 0)",
        mean("vllm_time_to_first_token_seconds"),
        phase("queue"),
        phase("prefill"),
    );
    let line = |legend: &str, expr: String, hue| line(legend, over_all(expr), hue, Stroke::Solid);
    lines(
        "What does a request's time go into?",
        Unit::Seconds,
        vec![
            line("decode", phase("decode"), Hue::Blue),
            line("prefill", phase("prefill"), Hue::Green),
            line("queue", phase("queue"), Hue::Orange),
            line("frontend", frontend, Hue::Purple),
        ],
    )
    .drawn(Kind::Stacked)
    .size(10, 8)
    .leads(&["slow-requests", "capacity"])
    .read(
        "Means of the last 5 minutes. Queue: too few replicas; prefill: long prompts, little in the prefix cache; decode: large batches, long answers, a slow GPU; frontend: the rest of the time to first token, in the API server itself.",
        IDLE,
    )
    .alerts(&["VllmQueueTooLong"])
}

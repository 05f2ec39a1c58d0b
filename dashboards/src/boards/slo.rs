//! Model & SLO: does a model keep its objectives, and how much of its budget is left.

use super::{IDLE, NOT_SCRAPED};
use crate::build::{
    CLUSTER, MODEL, NAMESPACE, RELEASE, column, limit_of, line, lines, objective, percentiles,
    plain, row, stat,
};
use crate::model::{Bounds, Dashboard, Hue, Kind, Limit, Objective, Query, Row, Stroke, Unit};
use crate::select::{of, with};

const YOUNG: &str =
    "Nothing was asked in the window yet, or the rules have just begun to be evaluated.";

/// Objectives, with the words of the titles.
const SLOS: [(&str, &str); 4] = [
    ("availability", "Availability"),
    ("time_to_first_token", "Time to first token"),
    ("inter_token_latency", "Time between tokens"),
    ("e2e_latency", "Whole request"),
];

/// The same as values name them.
const OBJECTIVES: [Objective; 4] = [
    Objective::Availability,
    Objective::TimeToFirstToken,
    Objective::InterTokenLatency,
    Objective::E2eLatency,
];

/// The long windows of the burn rates, by the label `span` of their recorded thresholds: which they are
/// is `slos.windows`. With their stroke.
const LONG: [(&str, Hue, Stroke); 3] = [
    ("short", Hue::Blue, Stroke::Solid),
    ("middle", Hue::Orange, Stroke::Dashed),
    ("long", Hue::Green, Stroke::Dotted),
];

/// The dashboard.
#[must_use]
pub fn dashboard() -> Dashboard {
    Dashboard {
        slug: "model-slo",
        title: "Model & SLO",
        about: "Objectives of models: the remaining error budget, how fast it burns, and good requests per second.",
        shows: "3h",
        step: None,
        variables: vec![CLUSTER, RELEASE, NAMESPACE, MODEL],
        rows: vec![objectives(), budget(), burn(), goodput(), latency()],
    }
}

/// What is recorded for the long windows, of those of one span.
fn of_span(series: &str, matchers: &str, span: &str) -> String {
    format!(
        "{} and on (vllm_monitoring, window) {}",
        with(series, matchers),
        with(
            "release:vllm_slo_burn:threshold",
            &format!("span=\"{span}\"")
        )
    )
}

/// The part of an objective's events that was bad.
fn bad(slo: &str, span: &str) -> String {
    of_span(
        "model:vllm_slo:error_ratio",
        &format!("slo=\"{slo}\""),
        span,
    )
}

/// How many times faster than allowed the budget goes.
fn rate(slo: &str, span: &str) -> String {
    let allowed = with("release:vllm_slo:budget", &format!("slo=\"{slo}\""));
    format!(
        "({}) / on (vllm_monitoring) group_left () {allowed}",
        bad(slo, span)
    )
}

/// How much of the budget the longest window has left: 1 all of it, below 0 overdrawn.
fn left(slo: &str) -> String {
    format!("1 - {}", rate(slo, "long"))
}

fn objectives() -> Row {
    let mut panels: Vec<_> = SLOS
        .iter()
        .zip(OBJECTIVES)
        .map(|((slo, title), objective)| {
            let good = plain("{{model_name}}, {{window}}", format!("1 - ({})", bad(slo, "short")));
            stat(title, Unit::SmallRatio, good.bounds(Bounds::Limit(Limit::Good(objective))))
                .size(6, 4)
                .read("The share of good events (within the limit, or answered) over the shortest long window of slos.windows, an hour by default: amber below the objective, red where the fastest burn rate is alerted on. Aborted requests are not counted; each answer of a request with several (n, beam search) is. While no replica is up, the last measured rate of requests counts as failed.", YOUNG)
        })
        .collect();
    let by = "namespace, model_name, slo";
    let bad = |span| of_span("model:vllm_slo:error_ratio", "", span);
    let burn = |span| {
        let budget = of("release:vllm_slo:budget");
        format!(
            "max by ({by}) (({}) / on (vllm_monitoring, slo) group_left () {budget})",
            bad(span)
        )
    };
    // In one of the windows more than is allowed.
    let missed: Vec<String> = LONG
        .iter()
        .map(|(span, ..)| format!("{} > 1", burn(span)))
        .collect();
    let missed = missed.join(" or ");
    let column = |heading, unit, expr: String| {
        column(
            heading,
            unit,
            format!("max by ({by}) ({expr}) and on ({by}) ({missed})"),
        )
    };
    panels.push(
        lines(
            "Which objectives are missed?",
            Unit::SmallRatio,
            vec![
                column("Burn, short window", Unit::Times, burn("short")).bounds(Bounds::Limit(Limit::Burn)),
                column("Bad, short window", Unit::SmallRatio, bad("short")),
                column("Bad, middle", Unit::SmallRatio, bad("middle")),
                column("Bad, long", Unit::SmallRatio, bad("long")),
                column("Events, long", Unit::Count, of_span("model:vllm_slo:events", "", "long")),
            ],
        )
        .drawn(Kind::Table {
            rows: &[("namespace", "Namespace"), ("model_name", "Model"), ("slo", "Objective")],
            to_replica: false,
        })
        .size(24, 8)
        .read("Objectives with more bad events than allowed over one of the windows. By model and objective, over the long windows of slos.windows (1h, 6h, 72h by default). A burn rate of 1 uses up the budget exactly at the end of its period; the lines below show where alerts begin.", "No objective is missed.")
        .alerts(&["VllmAvailabilityBudgetBurning", "VllmTimeToFirstTokenBudgetBurning", "VllmInterTokenLatencyBudgetBurning", "VllmE2ELatencyBudgetBurning"]),
    );
    row("Objectives", panels)
}

fn budget() -> Row {
    let hues = [
        (Hue::Blue, Stroke::Solid),
        (Hue::Orange, Stroke::Dashed),
        (Hue::Green, Stroke::Dotted),
        (Hue::Purple, Stroke::DashDot),
    ];
    let queries: Vec<Query> = SLOS
        .iter()
        .zip(hues)
        .map(|((slo, title), (hue, stroke))| {
            line(
                &format!("{{{{model_name}}}} {}", title.to_lowercase()),
                left(slo),
                hue,
                stroke,
            )
        })
        .collect();
    row(
        "Error budget",
        vec![
            lines("How much of the error budget is left?", Unit::SmallRatio, queries)
                .drawn(Kind::Signed)
                .size(24, 9)
                .read("100 %: nothing went wrong; 0: as much as the objective allows; below: overdrawn, drawn down to -100 %. Over the longest window of slos.windows (72h by default); where there is less data, over what there is.", YOUNG)
                .alerts(&["VllmAvailabilityBudgetBurning"]),
        ],
    )
}

fn burn() -> Row {
    let alerts: [&'static [&'static str]; 4] = [
        &["VllmAvailabilityBudgetBurning"],
        &["VllmTimeToFirstTokenBudgetBurning"],
        &["VllmInterTokenLatencyBudgetBurning"],
        &["VllmE2ELatencyBudgetBurning"],
    ];
    let titles = [
        "How fast do failures use up the budget?",
        "How fast do late first tokens use up the budget?",
        "How fast do slow tokens use up the budget?",
        "How fast do long requests use up the budget?",
    ];
    let panels = SLOS.iter().zip(titles).zip(alerts).map(|(((slo, _), title), alerts)| {
        let mut queries: Vec<Query> = LONG
            .iter()
            .map(|(span, hue, stroke)| line("{{model_name}} {{window}}", rate(slo, span), *hue, *stroke))
            .collect();
        queries.push(limit_of("alert from, {{window}}", of("release:vllm_slo_burn:threshold")));
        lines(title, Unit::Times, queries)
            .read("Bad events as a multiple of what the objective allows, over the long windows of slos.windows. An alert fires if a window is above its line and its short window is too.", YOUNG)
            .alerts(alerts)
    });
    row("Burn rate", panels.collect())
}

fn goodput() -> Row {
    let rate = |what: &str, slo: &str| {
        with(
            &format!("model:vllm_slo_{what}:rate"),
            &format!("slo=\"{slo}\""),
        )
    };
    row(
        "Goodput",
        vec![
            lines(
                "How many requests are answered in time?",
                Unit::RequestsPerSecond,
                vec![
                    line("{{model_name}} all", rate("total", "e2e_latency"), Hue::SkyBlue, Stroke::Dotted),
                    line("{{model_name}} in time", rate("good", "e2e_latency"), Hue::Blue, Stroke::Solid),
                ],
            )
            .leads(&["slow-requests"])
            .read("Goodput: whole requests within the limit of their objective. The gap is the requests that took too long. Each answer of a request with several (n, beam search) counts.", IDLE)
            .alerts(&["VllmE2ELatencyBudgetBurning"]),
            lines(
                "How many first tokens come in time?",
                Unit::RequestsPerSecond,
                vec![
                    line("{{model_name}} all", rate("total", "time_to_first_token"), Hue::SkyBlue, Stroke::Dotted),
                    line("{{model_name}} in time", rate("good", "time_to_first_token"), Hue::Blue, Stroke::Solid),
                ],
            )
            .read("Includes requests that are aborted later.", IDLE)
            .alerts(&["VllmTimeToFirstTokenBudgetBurning"]),
            lines(
                "Which requests fail?",
                Unit::RequestsPerSecond,
                vec![
                    line("{{model_name}} not good", format!("{} - {}", rate("total", "availability"), rate("good", "availability")), Hue::Blue, Stroke::Solid),
                    line("{{model_name}} refused admission", of("model:vllm_admission_rejections:rate"), Hue::Orange, Stroke::Dashed),
                ],
            )
            .leads(&["fleet"])
            .read("Requests that ended with an error, were refused, or were answered with HTTP 5xx; a failure that is in two metrics counts once, and each answer of a request with several (n, beam search) counts. While no replica is up: the last measured rate.", NOT_SCRAPED)
            .alerts(&["VllmAvailabilityBudgetBurning"]),
            lines(
                "Which part of the requests do clients give up?",
                Unit::SmallRatio,
                vec![plain("{{model_name}}", of("model:vllm_requests_aborted:ratio"))],
            )
            .read("A lower bound: requests with a first token that neither ended nor still run, over the window of VllmRequestsAborted (an hour by default); a request with several answers (n, beam search) has several. No counter contains clients that give up before the first token.", YOUNG)
            .alerts(&["VllmRequestsAborted"]),
            lines(
                "Slow requests",
                Unit::Count,
                vec![plain("{{model_name}}", of("model:vllm_requests_slow:increase"))],
            )
            .leads(&["slow-requests"])
            .read("In the last 5 minutes, longer than the largest bucket bound below the threshold; their traces are kept.", IDLE)
            .alerts(&["VllmSlowRequestsPresent"]),
        ],
    )
}

fn latency() -> Row {
    let panel = |title, metric: &str, slo, read, alerts| {
        lines(title, Unit::Seconds, percentiles(metric))
            .and(objective(slo))
            .leads(&["fleet", "slow-requests"])
            .read(read, IDLE)
            .alerts(alerts)
            .size(8, 8)
    };
    row(
        "Latency against the objectives",
        vec![
            panel(
                "How long do whole requests take?",
                "vllm_e2e_request_latency_seconds",
                "e2e_latency",
                "The line is the objective's limit, not the alert's threshold; see the dashboard Fleet for that.",
                &["VllmE2ELatencyHigh"],
            ),
            panel(
                "How long until the first token?",
                "vllm_time_to_first_token_seconds",
                "time_to_first_token",
                "The line is the objective's limit.",
                &["VllmTimeToFirstTokenHigh"],
            ),
            panel(
                "How long between two tokens?",
                "vllm_inter_token_latency_seconds",
                "inter_token_latency",
                "The line is the objective's limit.",
                &["VllmInterTokenLatencyHigh"],
            ),
        ],
    )
}

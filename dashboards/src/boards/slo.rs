//! Model & SLO: does a model keep its objectives, and how much of its budget is left.

use super::{IDLE, NOT_SCRAPED};
use crate::build::{
    CLUSTER, MODEL, NAMESPACE, RELEASE, column, limit_of, line, lines, objective, percentiles,
    plain, row, stat,
};
use crate::model::{Dashboard, Hue, Kind, Query, Row, Stroke, Unit};
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

/// Pairs of windows of the burn rates, with their stroke.
const LONG: [(&str, Hue, Stroke); 3] = [
    ("1h", Hue::Blue, Stroke::Solid),
    ("6h", Hue::Orange, Stroke::Dashed),
    ("72h", Hue::Green, Stroke::Dotted),
];

/// The dashboard.
#[must_use]
pub fn dashboard() -> Dashboard {
    Dashboard {
        slug: "model-slo",
        title: "Model & SLO",
        about: "Objectives of models: what is left of the error budget, how fast it burns, and the good requests a second.",
        variables: vec![CLUSTER, RELEASE, NAMESPACE, MODEL],
        rows: vec![objectives(), budget(), burn(), goodput(), latency()],
    }
}

/// How much of the budget the last three days have left: 1 all of it, below 0 overdrawn.
fn left(slo: &str) -> String {
    let ratio = with(
        "model:vllm_slo:error_ratio",
        &format!("slo=\"{slo}\", window=\"72h\""),
    );
    let allowed = with("release:vllm_slo:budget", &format!("slo=\"{slo}\""));
    format!("1 - {ratio} / on (vllm_monitoring) group_left () {allowed}")
}

/// How many times faster than allowed the budget goes.
fn rate(slo: &str, window: &str) -> String {
    let ratio = with(
        "model:vllm_slo:error_ratio",
        &format!("slo=\"{slo}\", window=\"{window}\""),
    );
    let allowed = with("release:vllm_slo:budget", &format!("slo=\"{slo}\""));
    format!("{ratio} / on (vllm_monitoring) group_left () {allowed}")
}

fn objectives() -> Row {
    let now = |slo: &str, window: &str| {
        with(
            "model:vllm_slo:error_ratio",
            &format!("slo=\"{slo}\", window=\"{window}\""),
        )
    };
    let mut panels: Vec<_> = SLOS
        .iter()
        .map(|(slo, title)| {
            stat(title, Unit::SmallRatio, plain("{{model_name}}", format!("1 - {}", now(slo, "1h"))))
                .size(6, 4)
                .read("The part of events in the last hour that was good: within its limit, or answered. What clients abort is neither.", YOUNG)
        })
        .collect();
    let by = "namespace, model_name, slo";
    let column =
        |heading, unit, expr: String| column(heading, unit, format!("max by ({by}) ({expr})"));
    let of_window = |window: &str| {
        with(
            "model:vllm_slo:error_ratio",
            &format!("window=\"{window}\""),
        )
    };
    panels.push(
        lines(
            "Which objectives are missed?",
            Unit::SmallRatio,
            vec![
                column("Burn, 1 h", Unit::Times, format!(
                    "{} / on (vllm_monitoring, slo) group_left () {}",
                    of_window("1h"), of("release:vllm_slo:budget")
                )),
                column("Bad, 1 h", Unit::SmallRatio, of_window("1h")),
                column("Bad, 6 h", Unit::SmallRatio, of_window("6h")),
                column("Bad, 72 h", Unit::SmallRatio, of_window("72h")),
                column("Events, 72 h", Unit::Count, with("model:vllm_slo:events", "window=\"72h\"")),
            ],
        )
        .drawn(Kind::Table {
            rows: &[("namespace", "Namespace"), ("model_name", "Model"), ("slo", "Objective")],
            to_replica: false,
        })
        .size(24, 8)
        .read("By model and objective. A burn of 1 uses the budget up exactly by the end of its time; alerts begin where the lines below say.", YOUNG)
        .alerts(&["VllmAvailabilityBudgetBurning", "VllmTimeToFirstTokenBudgetBurning", "VllmInterTokenLatencyBudgetBurning", "VllmE2ELatencyBudgetBurning"]),
    );
    row("Objectives", panels)
}

fn budget() -> Row {
    let hues = [
        (Hue::Blue, Stroke::Solid),
        (Hue::Orange, Stroke::Dashed),
        (Hue::Green, Stroke::Dotted),
        (Hue::Purple, Stroke::Dashed),
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
            lines("How much of the error budget is left over three days?", Unit::SmallRatio, queries)
                .drawn(Kind::Signed)
                .size(24, 9)
                .read("100 %: nothing went wrong; 0: as much as the objective allows; below: overdrawn. Where there are fewer than three days of data, over what there is.", YOUNG)
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
            .map(|(window, hue, stroke)| line(&format!("{{{{model_name}}}} {window}"), rate(slo, window), *hue, *stroke))
            .collect();
        queries.push(limit_of("alert from, {{window}}", of("release:vllm_slo_burn:threshold")));
        lines(title, Unit::Times, queries)
            .read("Bad events as a multiple of what the objective allows, over an hour, six hours, three days. An alert is raised where a window is above its line, and its short twin too.", YOUNG)
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
            .read("Goodput: whole requests within the limit of their objective. The gap is what users wait too long for.", IDLE)
            .alerts(&["VllmE2ELatencyBudgetBurning"]),
            lines(
                "How many first tokens come in time?",
                Unit::RequestsPerSecond,
                vec![
                    line("{{model_name}} all", rate("total", "time_to_first_token"), Hue::SkyBlue, Stroke::Dotted),
                    line("{{model_name}} in time", rate("good", "time_to_first_token"), Hue::Blue, Stroke::Solid),
                ],
            )
            .read("Also of requests that are aborted later.", IDLE)
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
            .read("Ended by error, refused, or answered by HTTP 5xx; a failure that shows twice counts once.", NOT_SCRAPED)
            .alerts(&["VllmAvailabilityBudgetBurning"]),
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

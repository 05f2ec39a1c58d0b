//! Alerts that fire now: how severe, about what, since when, and where to look.

use crate::build::{column, lines};
use crate::model::{Kind, Panel, Unit};
use crate::select::{firing, firing_since};

/// Severities, the most severe last: the number by which the table sorts, and the word.
pub const SEVERITIES: [(u8, &str); 4] =
    [(0, "other"), (1, "info"), (2, "warning"), (3, "critical")];

/// Alerts on what watches, in standalone mode: the table is all that shows them.
const OF_WATCHERS: [&str; 12] = [
    "AlertmanagerDown",
    "AlertmanagerFailedReload",
    "AlertmanagerFailedToSendAlerts",
    "AlertmanagerMembersInconsistent",
    "PrometheusBadConfig",
    "PrometheusErrorSendingAlerts",
    "PrometheusMissingRuleEvaluations",
    "PrometheusNotConnectedToAlertmanagers",
    "PrometheusRuleFailures",
    "PrometheusScrapeLimitHit",
    "PrometheusStorageFillingUp",
    "Watchdog",
];

/// What tells an alert, without the pod.
const ALERT: &str = "alertname, cluster, namespace, model, model_name, vllm_monitoring";

/// Where to look when an alert fires, by the beginnings of alerts' names: the dashboard's slug. What is not
/// listed is looked up on Fleet.
pub const BOARDS: [(&str, &str); 4] = [
    // Its slow requests, and the traces of them.
    (
        "slow-requests",
        "VllmE2ELatencyHigh|VllmTimeToFirstTokenHigh|VllmInterTokenLatencyHigh|VllmSlowRequestsPresent|VllmCollector.+|VllmBalancer.+|VllmKeptTracesLost|VllmLateSpansDropped|VllmTrac.+",
    ),
    ("model-slo", ".+BudgetBurning|VllmRequestsAborted"),
    (
        "replica",
        "VllmCrashLooping|VllmReplicaOutlier|VllmEngineStalled|VllmAdmissionStalled|VllmRequestsUnanswered|VllmSeriesMissing|VllmProbe.+",
    ),
    (
        "capacity",
        "VllmWaitingForCapacity|VllmPreemptionSpike|VllmPrefixCacheCollapse",
    ),
];

/// Which reasons traces are kept for that an alert is about, as the variable `reason` of Slow requests &
/// tracing has them.
pub const REASONS: [(&str, &str); 2] = [
    ("VllmE2ELatency.+|VllmSlowRequestsPresent", "e2e_latency"),
    ("VllmTimeToFirstToken.+", "time_to_first_token"),
];

/// Whether a name is one of `names`, which are beginnings and ends around `.+`, or whole.
fn among(names: &str, alert: &str) -> bool {
    names
        .split('|')
        .any(|pattern| match pattern.split_once(".+") {
            Some((begin, end)) => alert.starts_with(begin) && alert.ends_with(end),
            None => pattern == alert,
        })
}

/// Where an alert leads: by the last of the patterns above that is its name.
#[must_use]
pub fn board(alert: &str) -> &'static str {
    let found = BOARDS.iter().rev().find(|(_, names)| among(names, alert));
    found.map_or("fleet", |(slug, _)| slug)
}

/// The choices of its dashboard that an alert's name says, as a part of a URL; empty where it says none.
#[must_use]
pub fn choices(alert: &str) -> String {
    let reason = REASONS.iter().find(|(names, _)| among(names, alert));
    reason.map_or_else(String::new, |(_, reason)| {
        format!("&var-reason={reason}&var-tags=vllm.sampling.reason%3D{reason}")
    })
}

/// The severity as a number, one series for each alert and pod.
fn ranked() -> String {
    let of = |(rank, word): &(u8, &str)| {
        let severity = if *rank == 0 {
            r#"severity!~"critical|warning|info""#.to_owned()
        } else {
            format!(r#"severity="{word}""#)
        };
        format!("{} * {rank}", firing(&severity))
    };
    let all: Vec<String> = SEVERITIES.iter().rev().map(of).collect();
    all.join(" or ")
}

/// One row an alert: with its pod where it is one, with their number where they are several.
fn rows(value: &str) -> String {
    let pods = format!(r#"count by ({ALERT}) ({})"#, firing(r#"pod!="""#));
    format!(
        "max by ({ALERT}, pod) ({value}) unless on ({ALERT}) ({pods} > 1) or max by ({ALERT}) ({value}) * on ({ALERT}) group_left (pod) \
         label_replace(count_values by ({ALERT}) (\"pod\", {pods} > 1), \"pod\", \"$1 pods\", \"pod\", \"(.+)\")"
    )
}

/// Labels that links need: which dashboard, which model, which pod, which reason.
fn led(rows: &str) -> String {
    let mut out = format!(r#"label_replace({rows}, "board", "fleet", "", "")"#);
    for (slug, names) in BOARDS {
        out = format!(r#"label_replace({out}, "board", "{slug}", "alertname", "{names}")"#);
    }
    out = format!(r#"label_replace({out}, "reason", "All", "", "")"#);
    for (names, reason) in REASONS {
        out = format!(r#"label_replace({out}, "reason", "{reason}", "alertname", "{names}")"#);
    }
    for (names, reason) in REASONS {
        out = format!(
            r#"label_replace({out}, "tags", "vllm.sampling.reason={reason}", "alertname", "{names}")"#
        );
    }
    // `All`, where an alert does not say which.
    for (to, of) in [("in_namespace", "namespace"), ("of_model", "model_name")] {
        out = format!(
            r#"label_replace(label_replace({out}, "{to}", "All", "", ""), "{to}", "$1", "{of}", "(.+)")"#
        );
    }
    out
}

/// The table.
#[must_use]
pub fn table() -> Panel {
    let ranks = led(&rows(&ranked()));
    let since = led(&rows(&firing_since("")));
    let columns = vec![
        column("Severity", Unit::Count, ranks),
        column("Since", Unit::Count, since),
    ];
    lines("Which alerts are firing?", Unit::Count, columns)
        .drawn(Kind::Alerts)
        .size(14, 7)
        .read(
            "Alerts of the selected models and pods, most severe first. A click on an alert opens its runbook or dashboard. Since: when its condition became true. Several pods with the same alert share a row.",
            "No alert is firing.",
        )
        .alerts(&OF_WATCHERS)
}

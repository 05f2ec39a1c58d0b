//! Thresholds of the chart's values, which colour large values and cells.
//!
//! Grafana's thresholds are numbers in the file. The files have those of the chart's default values; where
//! the chart renders a dashboard, it writes its own values in their place
//! (`templates/dashboards/_limits.tpl`), found by the name that stands beside each number.

use std::sync::OnceLock;

use serde_yaml::Value;

use crate::model::{Limit, Objective};

/// All of them.
pub const ALL: [Limit; 12] = [
    Limit::E2eLatency,
    Limit::TimeToFirstToken,
    Limit::InterTokenLatency,
    Limit::Waiting,
    Limit::KvCache,
    Limit::Restarts,
    Limit::Failing,
    Limit::Burn,
    Limit::Good(Objective::Availability),
    Limit::Good(Objective::TimeToFirstToken),
    Limit::Good(Objective::InterTokenLatency),
    Limit::Good(Objective::E2eLatency),
];

/// Of an alert's threshold, where amber begins for what has no objective.
const NEAR: f64 = 0.8;

/// As the chart's template calls it.
#[must_use]
pub fn name(limit: Limit) -> &'static str {
    match limit {
        Limit::E2eLatency => "e2eLatency",
        Limit::TimeToFirstToken => "timeToFirstToken",
        Limit::InterTokenLatency => "interTokenLatency",
        Limit::Waiting => "VllmQueueTooLong",
        Limit::KvCache => "VllmKVCacheNearlyFull",
        Limit::Restarts => "VllmCrashLooping",
        Limit::Failing => "availability",
        Limit::Burn => "burn",
        Limit::Good(Objective::Availability) => "good availability",
        Limit::Good(Objective::TimeToFirstToken) => "good timeToFirstToken",
        Limit::Good(Objective::InterTokenLatency) => "good interTokenLatency",
        Limit::Good(Objective::E2eLatency) => "good e2eLatency",
    }
}

/// Whether what is below it is bad, not what is above.
#[must_use]
pub fn is_floor(limit: Limit) -> bool {
    matches!(limit, Limit::Good(_))
}

/// Where amber and red begin with the chart's default values, in seconds, requests, or as a part of 1:
/// at the objective's limit, and at the alert's threshold. Of failing requests: as many as the objective
/// allows, and as many as the fastest burn rate is alerted on; of good events what these leave.
#[must_use]
pub fn defaults(limit: Limit) -> (f64, f64) {
    let values = values();
    let name = name(limit);
    if let Some(threshold) = values["rules"]["alerts"][name]["threshold"].as_f64() {
        return match limit {
            // A count: one is worth a look, and the alert fires above its threshold.
            Limit::Restarts => (1.0, threshold.floor() + 1.0),
            _ => (threshold * NEAR, threshold),
        };
    }
    let windows = values["slos"]["windows"].as_mapping().into_iter().flatten();
    let fastest = windows
        .filter_map(|(_, pair)| pair["burn"].as_f64())
        .fold(1.0, f64::max);
    let objective = name.trim_start_matches("good ");
    let budget = 1.0
        - values["slos"][objective]["objective"]
            .as_f64()
            .unwrap_or_default()
            / 100.0;
    match limit {
        Limit::Failing => return (rounded(budget), rounded(budget * fastest)),
        Limit::Burn => return (1.0, fastest),
        Limit::Good(_) => return (rounded(1.0 - budget), rounded(1.0 - budget * fastest)),
        _ => {}
    }
    let alert = seconds(&values["thresholds"][name]["alert"]);
    (seconds(&values["slos"][name]["limit"]).min(alert), alert)
}

/// Names of the chart's alerts.
#[must_use]
pub fn alerts() -> Vec<&'static str> {
    let alerts = values()["rules"]["alerts"].as_mapping();
    let names = alerts.into_iter().flat_map(|all| all.keys());
    names.filter_map(Value::as_str).collect()
}

/// Where runbooks are with the chart's default values.
#[must_use]
pub fn runbooks() -> &'static str {
    let base = values()["rules"]["runbookBaseUrl"].as_str();
    base.unwrap_or_default().trim_end_matches('/')
}

/// Without what a division leaves behind.
fn rounded(ratio: f64) -> f64 {
    (ratio * 1e8).round() / 1e8
}

fn values() -> &'static Value {
    static VALUES: OnceLock<Value> = OnceLock::new();
    VALUES.get_or_init(|| {
        serde_yaml::from_str(include_str!("../../chart/values.yaml")).unwrap_or_default()
    })
}

/// `500ms`, `30s`, `2m`, `1h` or a number.
fn seconds(value: &Value) -> f64 {
    let Some(text) = value.as_str() else {
        return value.as_f64().unwrap_or_default();
    };
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: f64 = digits.parse().unwrap_or_default();
    match &text[digits.len()..] {
        "ms" => number / 1000.0,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        _ => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_an_amber_before_its_red_in_the_charts_values() {
        for limit in ALL {
            let (amber, red) = defaults(limit);
            let (first, second) = if is_floor(limit) {
                (red, amber)
            } else {
                (amber, red)
            };
            assert!(0.0 < first && first <= second, "{limit:?}: {amber}, {red}");
        }
        assert!(runbooks().starts_with("https://"), "{}", runbooks());
    }
}

//! `slos`: objectives and the windows that their budgets are looked at over.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Duration, Percent, Severity};

/// Objectives.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Slos {
    /// Successful requests as a percentage of those that end, are rejected or get a 5xx. 99.9: 43
    /// minutes per month.
    pub availability: Option<Availability>,
    /// First tokens within `limit`, which must be a bucket bound of the histogram (also for the
    /// next two). 10s: the limit above which traces are kept. 99: one in a hundred may wait behind
    /// a long prompt.
    pub time_to_first_token: Option<Objective>,
    /// Times between two tokens. 500ms: slower than a person reads.
    pub inter_token_latency: Option<Objective>,
    /// Whole requests. 1m and 95: one in twenty may be a long answer.
    #[serde(rename = "e2eLatency")]
    pub e2e_latency: Option<Objective>,
    /// Below this number of events in the long window no alert fires: of 20 requests, a single one
    /// is 5 %.
    #[schemars(range(min = 1))]
    pub minimum_events: Option<u64>,
    /// How often the windows are evaluated: each evaluation reads three days of samples.
    pub interval: Option<Duration>,
    /// Pairs of windows, as in Google's SRE workbook. With a budget for 30 days: 2 % of it used in
    /// an hour, 5 % in six hours, 10 % in three days. The short window is a twelfth of the long
    /// one.
    #[schemars(extend("minProperties" = 1))]
    pub windows: Option<BTreeMap<String, Window>>,
}

/// An objective without a limit.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Availability {
    /// Good events, in percent of all.
    pub objective: Option<Percent>,
}

/// An objective for a latency.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "objective")]
pub struct Objective {
    /// Good events, in percent of all.
    pub objective: Option<Percent>,
    /// Events up to this limit are good; it must be a bucket bound of the histogram.
    pub limit: Option<Duration>,
}

/// A pair of windows.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "window")]
pub struct Window {
    /// The long window.
    pub long: Duration,
    /// The short window.
    pub short: Duration,
    /// Burn rate; 1 uses the budget up exactly in its period.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub burn: f64,
    /// The alert's severity.
    pub severity: Severity,
}

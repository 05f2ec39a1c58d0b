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
    /// Requests that end well, of all that end, are refused or answered by 5xx. 99.9: 43 minutes a
    /// month.
    pub availability: Option<Availability>,
    /// First tokens within the limit, which must be a bucket bound of the histogram (so must the
    /// next two). 10s: where traces are kept from; 99: one in a hundred may have a long prompt
    /// before it.
    pub time_to_first_token: Option<Objective>,
    /// Times between two tokens. 500ms: slower than anybody reads.
    pub inter_token_latency: Option<Objective>,
    /// Whole requests. 1m and 95: long answers are wanted, so one in twenty may take longer.
    #[serde(rename = "e2eLatency")]
    pub e2e_latency: Option<Objective>,
    /// Events in the long window below which nothing is said: of 20 requests, one is 5 %.
    #[schemars(range(min = 1))]
    pub minimum_events: Option<u64>,
    /// How often the windows are computed: they are long, and three days of samples are read each
    /// time.
    pub interval: Option<Duration>,
    /// Pairs of windows. With a budget for 30 days: 2 % of it gone in an hour, 5 % in six hours, 10
    /// % in three days. Google's SRE workbook has them; the short window is a twelfth of the long
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
    /// Up to where an event is good: a bucket bound of the histogram.
    pub limit: Option<Duration>,
}

/// A pair of windows.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "window")]
pub struct Window {
    /// Over how long the budget must have burnt too fast.
    pub long: Duration,
    /// Over how long it must still do so.
    pub short: Duration,
    /// How many times too fast; 1 uses the budget up in exactly its time.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub burn: f64,
    /// The alert's severity.
    pub severity: Severity,
}

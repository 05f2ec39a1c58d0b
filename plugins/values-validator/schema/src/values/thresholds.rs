//! `thresholds`: what is slow.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Duration;

/// The thresholds, by latency.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Thresholds {
    /// The whole request. `alert` is also what VllmSlowRequestsPresent counts from.
    #[serde(rename = "e2eLatency")]
    pub e2e_latency: Option<Threshold>,
    /// Until the first token: people give up long before the alert, so traces are kept earlier.
    pub time_to_first_token: Option<Threshold>,
    /// Between two tokens; in metrics only, spans do not carry it.
    pub inter_token_latency: Option<AlertThreshold>,
    /// Generating, without queue and prefill; in spans only.
    pub decode_time: Option<TraceThreshold>,
}

/// A latency that metrics and spans carry.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "threshold", rename_all = "camelCase")]
pub struct Threshold {
    /// What the p99 may not exceed.
    pub alert: Option<Duration>,
    /// From where a request's trace is kept; `off`: none for this reason.
    pub keep_trace: Option<KeepTrace>,
}

/// A latency that only metrics carry.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct AlertThreshold {
    /// What the p99 may not exceed.
    pub alert: Option<Duration>,
}

/// A latency that only spans carry.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct TraceThreshold {
    /// From where a request's trace is kept; `off`: none for this reason.
    pub keep_trace: Option<KeepTrace>,
}

/// A duration, or `off`, which YAML 1.1 reads as false where it is not quoted.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, rename = "keepTrace")]
#[schemars(extend(
    "type" = ["string", "boolean"],
    "minLength" = 2,
    "pattern" = "^(off|([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$",
    "not" = {"const": true}
))]
pub enum KeepTrace {
    /// false: none.
    Off(bool),
    /// From where, or the word `off`.
    From(String),
}

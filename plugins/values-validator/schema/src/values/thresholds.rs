//! `thresholds`: what is slow.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Duration;

/// The thresholds, by latency.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Thresholds {
    /// The whole request. VllmSlowRequestsPresent counts requests above `alert`.
    #[serde(rename = "e2eLatency")]
    pub e2e_latency: Option<Threshold>,
    /// Time to first token. Users give up long before the alert, so traces are kept from a lower
    /// limit.
    pub time_to_first_token: Option<Threshold>,
    /// Time between two tokens; only in metrics, not in spans.
    pub inter_token_latency: Option<AlertThreshold>,
    /// Decode time, without queue and prefill; only in spans.
    pub decode_time: Option<TraceThreshold>,
}

/// A latency that metrics and spans carry.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "threshold", rename_all = "camelCase")]
pub struct Threshold {
    /// The alert fires when the p99 is above it.
    pub alert: Option<Duration>,
    /// The trace of a request above it is kept; `off`: never for this reason.
    pub keep_trace: Option<KeepTrace>,
}

/// A latency that only metrics carry.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct AlertThreshold {
    /// The alert fires when the p99 is above it.
    pub alert: Option<Duration>,
}

/// A latency that only spans carry.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct TraceThreshold {
    /// The trace of a request above it is kept; `off`: never for this reason.
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
    /// The limit, or the word `off`.
    From(String),
}

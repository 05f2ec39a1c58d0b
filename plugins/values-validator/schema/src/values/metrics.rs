//! `metrics`: how vLLM is scraped.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Duration, Labels};

/// Reading vLLM's /metrics.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Metrics {
    /// What scrapes, and what reads the rules:
    pub mode: Option<Mode>,
    /// How vLLM is scraped.
    pub scrape: Option<Scrape>,
    /// Which of vLLM's series are stored, of about 470 a pod:
    pub profile: Option<Profile>,
    /// With scrape.enabled: false, the series that the rules read, as PromQL writes matchers:
    /// ['job="vllm"', 'cluster="a"']. They need the labels namespace and pod. One release watches
    /// one fleet: `models` has one entry at most.
    pub matchers: Option<Vec<Matcher>>,
    /// For a Prometheus Operator.
    pub operator: Option<Operator>,
}

/// What scrapes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Mode {
    /// PodMonitors and a PrometheusRule for a Prometheus Operator.
    Operator,
    /// a Prometheus of this chart's own.
    Standalone,
    /// operator where the cluster serves monitoring.coreos.com/v1, else standalone. `helm template`
    /// does not see a cluster: name the mode there.
    Auto,
}

/// How vLLM is scraped.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Scrape {
    /// Whether this chart has vLLM scraped. false: something else does, and `matchers` says which
    /// series are meant. The collector is scraped in any case.
    pub enabled: Option<bool>,
    /// Time between two scrapes.
    pub interval: Option<Duration>,
    /// A scrape that takes longer counts as down. Not above the interval.
    pub timeout: Option<Duration>,
}

/// Which series are stored.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Profile {
    /// all of them.
    Full,
    /// without creation times, Python's own and histograms that no rule, panel or query of
    /// docs/queries.md reads; less than half.
    Standard,
    /// what the rules read; a quarter.
    Minimal,
}

/// A matcher of PromQL.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline, extend("pattern" = r#"^[a-zA-Z_][a-zA-Z0-9_]*(=|!=|=~|!~)"[^"]*"$"#))]
pub struct Matcher(pub String);

/// For a Prometheus Operator.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Operator {
    /// Labels on PodMonitors and the PrometheusRule: those your Prometheus selects by
    /// (kube-prometheus-stack: `release: <its release name>`). Missing ones are the commonest
    /// reason for "No data".
    pub labels: Option<Labels>,
}

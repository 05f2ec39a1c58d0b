//! `probe`: requests of the chart's own, which see vLLM as its clients do.

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Duration, Image, Pod, PortOrName, Scheme, ScrapeSecret};

/// The probe.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Probe {
    /// Whether it is installed. It needs a Prometheus that relabels targets: not with metrics.mode
    /// google.
    pub enabled: Option<bool>,
    /// Time between two requests to a replica. They count in vLLM's own metrics and traces, one
    /// each.
    pub interval: Option<Duration>,
    /// How long a replica may take to answer. Not above the interval. 30s: as
    /// thresholds.timeToFirstToken.alert.
    pub timeout: Option<Duration>,
    /// The request, for entries without `probe.request`. It names no model: the server answers with its
    /// first.
    pub request: Option<ProbeRequest>,
    /// vLLM's --api-key, if it has one: a key in a Secret of the release's namespace. The probe sends it
    /// to any address that it is asked about: outside standalone mode, name your Prometheus in
    /// networkPolicies.scrapers.
    pub api_key: Option<ScrapeSecret>,
    /// Its image.
    pub image: Option<Image>,
    /// Resources of its container.
    pub resources: Option<ResourceRequirements>,
    /// Its pod.
    #[serde(flatten)]
    pub pod: Pod,
}

/// How one model is probed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct ModelProbe {
    /// The request. Default: probe.request.
    pub request: Option<ProbeRequest>,
    /// The port of vLLM's API, if that is not `port`. Default: `port` or `ports`.
    pub port: Option<PortOrName>,
    /// http or https. Default: that of the scrape.
    pub scheme: Option<Scheme>,
}

/// A request of the probe.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "probeRequest", rename_all = "lowercase")]
pub enum ProbeRequest {
    /// one token of a model that generates.
    Completions,
    /// the embedding of a letter.
    Embeddings,
    /// /pooling, for reward models.
    Pooling,
    /// /score, for models that compare two texts.
    Score,
    /// /classify.
    Classify,
    /// nothing.
    None,
}

//! `prometheus`: that of standalone mode.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    AlertLabels, Duration, Exposed, Image, Pod, Relabeling, RemoteWrite, Scheme, Storage, Text,
};

/// The Prometheus of standalone mode.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Prometheus {
    /// Its image.
    pub image: Option<Image>,
    /// How long samples are kept.
    #[schemars(regex(pattern = "^([0-9]+(ms|s|m|h|d|w|y))+$"))]
    pub retention: Option<String>,
    /// Maximum size of samples on disk, as 40GB; the oldest are deleted first. Empty: 80 % of
    /// `storage.size`; 0B: no limit.
    #[schemars(regex(pattern = "^([0-9]+(B|KB|MB|GB|TB|PB|EB))?$"))]
    pub retention_size: Option<String>,
    /// External labels of this Prometheus, in alerts and in remote write: `{cluster: a}`.
    pub external_labels: Option<AlertLabels>,
    /// Remote write targets, with the keys of Prometheus' `remote_write`. A secret is a reference
    /// `{secretName, secretKey}` instead of a string.
    pub remote_write: Option<Vec<RemoteWrite>>,
    /// Further scrapes, with the keys of Prometheus' `scrape_configs`: of kube-state-metrics, which the
    /// rules read for `replicas: auto`, crash loops and GPUs, or of an accelerator's exporter.
    pub scrape_configs: Option<Vec<ScrapeConfig>>,
    /// host:port of further Alertmanagers, in addition to the bundled one.
    pub alertmanagers: Option<Vec<Text>>,
    /// The volume of its samples.
    pub storage: Option<Storage>,
    /// Resources of its container.
    pub resources: Option<ResourceRequirements>,
    /// Its pod.
    #[serde(flatten)]
    pub pod: Pod,
    /// How people reach it.
    #[serde(flatten)]
    pub exposed: Exposed,
}

/// A further scrape, with the keys of Prometheus' `scrape_configs`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "scrapeConfig")]
#[schemars(inline)]
pub struct ScrapeConfig {
    /// The name of the job, which no other job of this Prometheus has.
    pub job_name: Text,
    /// Time between two scrapes.
    pub scrape_interval: Option<Duration>,
    /// Timeout of a scrape, not above the interval.
    pub scrape_timeout: Option<Duration>,
    /// http or https.
    pub scheme: Option<Scheme>,
    /// Whether labels of the exporter win over those of the target.
    pub honor_labels: Option<bool>,
    /// Parameters of the URL.
    pub params: Option<BTreeMap<String, Vec<String>>>,
    /// Targets by address.
    pub static_configs: Option<Vec<StaticTargets>>,
    /// Relabeling of targets.
    pub relabel_configs: Option<Vec<Relabeling>>,
    /// Relabeling of samples.
    pub metric_relabel_configs: Option<Vec<Relabeling>>,
    /// The rest, as Prometheus takes it.
    #[serde(flatten)]
    pub others: serde_json::Map<String, serde_json::Value>,
}

/// Targets by address.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct StaticTargets {
    /// host:port of each.
    pub targets: Vec<Text>,
    /// Labels of all of them.
    pub labels: Option<BTreeMap<String, String>>,
}

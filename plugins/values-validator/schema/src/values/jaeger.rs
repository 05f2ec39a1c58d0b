//! `jaeger`: one of this chart's own.

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Duration, Exposed, Image, Pod, Storage};

/// A Jaeger deployed by this chart.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Jaeger {
    /// Whether it is installed.
    pub enabled: Option<bool>,
    /// Its image.
    pub image: Option<Image>,
    /// Storage of its traces.
    pub storage: Option<JaegerStorage>,
    /// The memory limit also sets GOMEMLIMIT (80 %).
    pub resources: Option<ResourceRequirements>,
    /// Its pod.
    #[serde(flatten)]
    pub pod: Pod,
    /// How people reach it.
    #[serde(flatten)]
    pub exposed: Exposed,
}

/// Storage of Jaeger's traces.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct JaegerStorage {
    /// How traces are stored, with one replica in both cases:
    pub r#type: Option<JaegerStorageType>,
    /// Maximum of traces in memory; the oldest are deleted first.
    #[schemars(range(min = 1))]
    pub max_traces: Option<u64>,
    /// How long badger keeps a trace.
    pub retention: Option<Duration>,
    /// The volume of badger.
    #[serde(flatten)]
    pub disk: Storage,
}

/// How traces are stored.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum JaegerStorageType {
    /// the newest `maxTraces`, lost with the container.
    Memory,
    /// on a volume, for `retention`.
    Badger,
}

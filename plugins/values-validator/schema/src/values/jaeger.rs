//! `jaeger`: one of this chart's own.

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Duration, Image, Placement, Storage};

/// A Jaeger of this chart's own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Jaeger {
    /// Whether it is installed.
    pub enabled: Option<bool>,
    /// Its image.
    pub image: Option<Image>,
    /// Where its traces are.
    pub storage: Option<JaegerStorage>,
    /// The memory limit also sets GOMEMLIMIT (80 %).
    pub resources: Option<ResourceRequirements>,
    /// Where it may run.
    #[serde(flatten)]
    pub placement: Placement,
}

/// Where Jaeger's traces are.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct JaegerStorage {
    /// How traces are stored; of both there is one replica:
    pub r#type: Option<JaegerStorageType>,
    /// Traces in memory; older ones make room.
    #[schemars(range(min = 1))]
    pub max_traces: Option<u64>,
    /// How long badger keeps a trace.
    pub retention: Option<Duration>,
    /// The disk of badger.
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
    /// on a disk, for `retention`.
    Badger,
}

//! `prometheus`: that of standalone mode.

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Image, Placement, Storage, Text};

/// The Prometheus of standalone mode.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Prometheus {
    /// Its image.
    pub image: Option<Image>,
    /// How long samples are kept.
    #[schemars(regex(pattern = "^([0-9]+(ms|s|m|h|d|w|y))+$"))]
    pub retention: Option<String>,
    /// host:port of Alertmanagers that get the alerts, beside the bundled one.
    pub alertmanagers: Option<Vec<Text>>,
    /// The disk of its samples.
    pub storage: Option<Storage>,
    /// What its container may use.
    pub resources: Option<ResourceRequirements>,
    /// Where it may run.
    #[serde(flatten)]
    pub placement: Placement,
}

//! `prometheus`: that of standalone mode.

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{AlertLabels, Image, Placement, RemoteWrite, Storage, Text};

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
    /// How much disk samples may take, as 40GB; the oldest make room. Empty: 80 % of `storage.size`;
    /// 0B: no such limit.
    #[schemars(regex(pattern = "^([0-9]+(B|KB|MB|GB|TB|PB|EB))?$"))]
    pub retention_size: Option<String>,
    /// Labels that say which Prometheus this is, in alerts and in what is sent on: `{cluster: a}`.
    pub external_labels: Option<AlertLabels>,
    /// Servers that get every sample too, as Prometheus' `remote_write` has them; what is secret is
    /// a reference `{secretName, secretKey}` in place of a text.
    pub remote_write: Option<Vec<RemoteWrite>>,
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

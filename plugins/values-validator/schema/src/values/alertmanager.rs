//! `alertmanager`: that of standalone mode.

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Exposed, Image, ObjectName, Pod, Storage};

/// The Alertmanager of standalone mode.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Alertmanager {
    /// Whether it is installed.
    pub enabled: Option<bool>,
    /// Number of Alertmanagers. With 2, both get every alert from Prometheus and deduplicate notifications
    /// by gossip: alerting survives the loss of a node. Silences are shared.
    #[schemars(range(min = 1, max = 5))]
    pub replicas: Option<u32>,
    /// Its image.
    pub image: Option<Image>,
    /// Alertmanager's configuration file. By default it has no receiver that notifies: set
    /// one. Stored in a Secret.
    pub config: Option<serde_json::Map<String, serde_json::Value>>,
    /// An existing Secret with the key alertmanager.yml, used instead of `config`.
    pub existing_secret: Option<ObjectName>,
    /// The volume of its silences.
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

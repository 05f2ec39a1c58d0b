//! `alertmanager`: that of standalone mode.

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Image, ObjectName, Placement, Storage};

/// The Alertmanager of standalone mode.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Alertmanager {
    /// Whether it is installed.
    pub enabled: Option<bool>,
    /// Its image.
    pub image: Option<Image>,
    /// Its configuration, as its documentation describes it. As it stands nobody is told: name a
    /// receiver. Kept in a Secret.
    pub config: Option<serde_json::Map<String, serde_json::Value>>,
    /// A Secret of your own with the key alertmanager.yml, in place of `config`.
    pub existing_secret: Option<ObjectName>,
    /// The disk of its silences.
    pub storage: Option<Storage>,
    /// What its container may use.
    pub resources: Option<ResourceRequirements>,
    /// Where it may run.
    #[serde(flatten)]
    pub placement: Placement,
}

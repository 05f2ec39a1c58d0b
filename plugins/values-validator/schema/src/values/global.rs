//! `global`: values of a parent chart for all its subcharts, under the names of Bitnami's charts.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{PullSecret, StorageClass};

/// Values of a parent chart for all its subcharts. Keys of other charts are allowed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Global {
    /// The registry of every image, as registry.example:5000/mirror: it replaces the
    /// registry at the beginning of `repository`. Images in `initContainers`, `extraContainers` and
    /// `storage.image` are left as they are written.
    #[schemars(
        regex(pattern = r"^([^/:@\s]+(:[0-9]+)?(/[^:@\s]*)?)?$"),
        extend("x-nullable" = true)
    )]
    pub image_registry: Option<String>,
    /// Secrets with registry credentials for every pod, in addition to `imagePullSecrets`: names, or
    /// `{name: …}`.
    #[schemars(extend("x-nullable" = true))]
    pub image_pull_secrets: Option<Vec<PullSecret>>,
    /// The StorageClass of every claim, above `storageClassName`; `-` is the class "".
    pub storage_class: Option<StorageClass>,
    /// The StorageClass of claims that name none.
    pub default_storage_class: Option<StorageClass>,
    /// What certain platforms need.
    pub compatibility: Option<Compatibility>,
    /// Keys of other charts.
    #[serde(flatten)]
    pub others: serde_json::Map<String, serde_json::Value>,
}

/// What certain platforms need.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Compatibility {
    /// OpenShift.
    pub openshift: Option<OpenShift>,
    /// Keys of other charts.
    #[serde(flatten)]
    pub others: serde_json::Map<String, serde_json::Value>,
}

/// What OpenShift needs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct OpenShift {
    /// Whether runAsUser, runAsGroup and fsGroup are left out of all pods: OpenShift assigns ids
    /// to each namespace, and its SCC `restricted-v2` refuses others.
    pub adapt_security_context: Option<AdaptSecurityContext>,
    /// Keys of other charts.
    #[serde(flatten)]
    pub others: serde_json::Map<String, serde_json::Value>,
}

/// Whether user ids are left to the platform.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum AdaptSecurityContext {
    /// where the cluster serves security.openshift.io/v1. `helm template` does not see a cluster.
    Auto,
    /// always.
    Force,
    /// never.
    Disabled,
}

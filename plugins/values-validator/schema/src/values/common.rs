//! What several sections share: scalars with a form of their own, images, disks, where a pod runs.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Affinity, Toleration, TopologySpreadConstraint};
use schemars::JsonSchema;
use serde::Deserialize;

/// A duration as Prometheus writes it, hours to milliseconds: 30s, 2m, 1m30s.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "duration")]
#[schemars(extend("minLength" = 2, "pattern" = r"^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$"))]
pub struct Duration(pub String);

/// An amount of bytes: 512Mi, 5Gi.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "bytes")]
#[schemars(extend("pattern" = r"^[0-9]+(\.[0-9]+)?(k|Ki|M|Mi|G|Gi|T|Ti)?$", "x-kubernetes-quantity" = true))]
pub struct Bytes(pub String);

/// An amount of bytes, or nothing.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "bytesOrNothing")]
#[schemars(inline, extend("pattern" = r"^([0-9]+(\.[0-9]+)?(k|Ki|M|Mi|G|Gi|T|Ti)?)?$"))]
pub struct BytesOrNothing(pub String);

/// A number, or a percentage of all: 1, 25%.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, rename = "countOrPercent")]
#[schemars(extend("type" = ["integer", "string"], "minimum" = 0, "pattern" = "^(100|[0-9]{1,2})%$"))]
pub enum CountOrPercent {
    /// A number.
    Count(u32),
    /// Percent of all.
    Percent(String),
}

/// The name of an object of Kubernetes, or nothing.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "objectName")]
#[schemars(extend("maxLength" = 253, "pattern" = "^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$"))]
pub struct ObjectName(pub String);

/// The name of a namespace; `*` alone in a list is all of them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "namespace")]
#[schemars(extend("pattern" = r"^(\*|[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)$"))]
pub struct Namespace(pub String);

/// The name of an object of Kubernetes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "objectRef")]
#[schemars(inline, extend("maxLength" = 253, "pattern" = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"))]
pub struct ObjectRef(pub String);

/// A key of a Secret or ConfigMap.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "dataKey")]
#[schemars(inline, extend("maxLength" = 253, "pattern" = "^[-._a-zA-Z0-9]+$"))]
pub struct DataKey(pub String);

/// A key of a Secret or ConfigMap, or nothing.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "dataKeyOrNothing")]
#[schemars(inline, extend("maxLength" = 253, "pattern" = "^[-._a-zA-Z0-9]*$"))]
pub struct DataKeyOrNothing(pub String);

/// A text that is not empty.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "text")]
#[schemars(inline, extend("minLength" = 1))]
pub struct Text(pub String);

/// Labels of Kubernetes objects.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "labels")]
#[schemars(extend("propertyNames" = {"pattern": super::LABEL_KEY}))]
pub struct Labels(pub BTreeMap<String, LabelValue>);

/// A label's value: at most 63 letters, digits, `-`, `_` and `.`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "labelValue")]
#[schemars(inline, extend("maxLength" = 63, "pattern" = super::LABEL_VALUE))]
pub struct LabelValue(pub String);

/// Annotations of Kubernetes objects.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "annotations")]
#[schemars(extend("propertyNames" = {"pattern": super::LABEL_KEY}))]
pub struct Annotations(pub BTreeMap<String, String>);

/// An alert's severity.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "severity", rename_all = "lowercase")]
pub enum Severity {
    /// pages somebody.
    Critical,
    /// for working hours.
    Warning,
    /// is not notified.
    Info,
}

/// Percentage of all events.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "percent")]
#[schemars(inline, extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 100))]
pub struct Percent(pub f64);

/// A Secret with registry credentials: its name, or an object with it, as in a pod.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, rename = "pullSecret")]
#[schemars(extend(
    "type" = ["string", "object"],
    "maxLength" = 253,
    "pattern" = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
    "properties" = {"name": {
        "type": "string",
        "description": "Its name.",
        "maxLength": 253,
        "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
    }},
    "required" = ["name"],
    "additionalProperties" = false
))]
pub enum PullSecret {
    /// Its name.
    Name(String),
    /// As in a pod.
    Reference {
        /// Its name.
        name: String,
    },
}

/// The name of a StorageClass, or nothing; `-` is the class "", which no provisioner serves.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "storageClass")]
#[schemars(extend("maxLength" = 253, "pattern" = "^(-|[a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$"))]
pub struct StorageClass(pub String);

/// A container image.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "image", rename_all = "camelCase")]
pub struct Image {
    /// Takes the place of the registry in `repository`; global.imageRegistry wins over it.
    #[schemars(regex(pattern = "^([a-zA-Z0-9][a-zA-Z0-9._:/-]*)?$"))]
    pub registry: Option<String>,
    /// Registry and name.
    #[schemars(regex(pattern = "^[a-zA-Z0-9]([a-zA-Z0-9._:/-]*[a-zA-Z0-9])?$"))]
    pub repository: Option<String>,
    /// Its tag. Images of this project default to the chart's appVersion.
    #[schemars(regex(pattern = "^([A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$"))]
    pub tag: Option<String>,
    /// sha256:…, takes precedence over the tag.
    pub digest: Option<Digest>,
    /// When the image is pulled.
    pub pull_policy: Option<PullPolicy>,
}

/// An image's digest, or nothing.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "digest")]
#[schemars(extend("pattern" = "^(sha256:[0-9a-f]{64})?$"))]
pub struct Digest(pub String);

/// When an image is pulled.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "pullPolicy")]
#[allow(missing_docs, reason = "Kubernetes' own words")]
pub enum PullPolicy {
    Always,
    IfNotPresent,
    Never,
}

/// A pod's volume.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "storage", rename_all = "camelCase")]
pub struct Storage {
    /// true: a PersistentVolumeClaim. false: an emptyDir, which survives a restart of the container
    /// and is lost with the pod.
    pub persistent: Option<bool>,
    /// Its size.
    pub size: Option<Bytes>,
    /// Empty: global.defaultStorageClass, else the cluster's default class.
    pub storage_class_name: Option<StorageClass>,
}

/// Where a pod may run.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Placement {
    /// Labels that its node must carry.
    pub node_selector: Option<Labels>,
    /// Taints that the pod tolerates.
    pub tolerations: Option<Vec<Toleration>>,
    /// Node affinity, pod affinity and anti-affinity.
    pub affinity: Option<Affinity>,
    /// How its pods are spread over zones or nodes. For a model labelSelector may be omitted: it
    /// defaults to the model's pods.
    pub topology_spread_constraints: Option<Vec<TopologySpreadConstraint>>,
    /// The PriorityClass of its pods.
    pub priority_class_name: Option<ObjectName>,
}

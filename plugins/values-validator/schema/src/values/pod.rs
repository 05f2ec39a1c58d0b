//! What the values of every pod take, by the names that other charts use.

use k8s_openapi::api::core::v1::{
    Container, EnvVar, PodSecurityContext, SecurityContext, Volume, VolumeMount,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Annotations, Labels, ObjectName, Placement, Text};

/// A pod of this chart.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pod {
    /// Further labels of its pods.
    pub pod_labels: Option<Labels>,
    /// Annotations of its pods.
    pub pod_annotations: Option<Annotations>,
    /// The ServiceAccount of its pods.
    pub service_account: Option<ServiceAccount>,
    /// The security context of its pods. `null` removes a field: `{runAsUser: null}`.
    pub pod_security_context: Option<PodSecurityContext>,
    /// The security context of its containers.
    pub security_context: Option<SecurityContext>,
    /// Seconds between SIGTERM and SIGKILL. Default of the collector: 60, and 20 more while its queues
    /// are in memory.
    #[schemars(range(min = 0))]
    pub termination_grace_period_seconds: Option<u32>,
    /// Further init containers.
    pub init_containers: Option<Vec<Container>>,
    /// Further containers, such as a proxy with a login.
    pub extra_containers: Option<Vec<Container>>,
    /// Further arguments of its container. A flag that the chart sets too replaces the chart's, except
    /// `--config`.
    pub extra_args: Option<Vec<Text>>,
    /// Further environment variables of its container, such as secrets: `- {name: TOKEN, valueFrom:
    /// {secretKeyRef: …}}`. One that the chart sets too replaces the chart's.
    pub extra_env: Option<Vec<EnvVar>>,
    /// Further volumes.
    pub extra_volumes: Option<Vec<Volume>>,
    /// Where its container mounts them.
    pub extra_volume_mounts: Option<Vec<VolumeMount>>,
    /// Scheduling of its pods.
    #[serde(flatten)]
    pub placement: Placement,
}

/// A ServiceAccount.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "serviceAccount")]
pub struct ServiceAccount {
    /// Whether the chart creates it.
    pub create: Option<bool>,
    /// Its name. Empty: that of the pods' object; with `create: false` the namespace's `default`.
    pub name: Option<ObjectName>,
    /// Its annotations, such as those of a cloud's workload identity.
    pub annotations: Option<Annotations>,
}

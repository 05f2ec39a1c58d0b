//! `autoscaling` and `models[].autoscaling`: a ScaledObject of KEDA.

use std::collections::BTreeMap;

use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscalerBehavior;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Annotations, Duration, ObjectName, ObjectRef, Text};

/// How KEDA queries Prometheus. models[].autoscaling says which models it scales.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Autoscaling {
    /// Deprecated, goes with 0.5.0: set metrics.operator.prometheusURL, which this one overrides for KEDA.
    #[serde(rename = "prometheusURL")]
    #[schemars(regex(pattern = "^(https?://.+)?$"))]
    pub prometheus_url: Option<String>,
    /// Do not verify the certificate of that Prometheus.
    pub insecure_skip_verify: Option<bool>,
    /// KEDA's credentials for Prometheus, if it requires any.
    pub authentication: Option<TriggerAuthentication>,
}

/// A reference to KEDA's credentials, which this chart does not create.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct TriggerAuthentication {
    /// The TriggerAuthentication, in the namespace of the pods; empty: none.
    pub name: Option<ObjectName>,
    /// ClusterTriggerAuthentication for one of KEDA's own namespace.
    pub kind: Option<AuthenticationKind>,
    /// The kind of credentials.
    pub mode: Option<AuthenticationMode>,
}

/// What KEDA finds credentials in.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
#[allow(missing_docs, clippy::enum_variant_names, reason = "KEDA's own words")]
pub enum AuthenticationKind {
    TriggerAuthentication,
    ClusterTriggerAuthentication,
}

/// What credentials are.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum AuthenticationMode {
    /// a token.
    Bearer,
    /// a user's name and password.
    Basic,
    /// a client's certificate.
    Tls,
    /// a custom header.
    Custom,
    /// OAuth 2.
    Oauth,
}

/// Scales a model by its queue and its KV cache: a ScaledObject of KEDA, which must be installed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "modelAutoscaling", rename_all = "camelCase")]
pub struct ModelAutoscaling {
    /// Whether there is a ScaledObject. Default: false.
    pub enabled: Option<bool>,
    /// Minimum of replicas. 0 needs `triggers`: without a replica there are no series that could
    /// trigger the first one. Default: 1.
    pub min_replicas: Option<u32>,
    /// Maximum of replicas.
    #[schemars(range(min = 1))]
    pub max_replicas: u32,
    /// Target value per replica; the target that needs the most replicas decides. Default:
    /// {waiting: 5, kvCacheUsage: 0.8}.
    pub targets: Option<AutoscalingTargets>,
    /// Further triggers, as KEDA's documentation describes them.
    pub triggers: Option<Vec<Trigger>>,
    /// With minReplicas: 0, how often KEDA asks whether a first replica is needed. From one replica
    /// on the HorizontalPodAutoscaler asks, every 15 s. Default: 30s.
    pub polling_interval: Option<Duration>,
    /// With minReplicas: 0, how long no trigger may be active before the last replica is removed.
    /// Default: 5m.
    pub cooldown_period: Option<Duration>,
    /// What KEDA does when Prometheus does not answer. Default: the number of replicas stays the
    /// same.
    pub fallback: Option<Fallback>,
    /// How fast the number changes, as in a HorizontalPodAutoscaler. Default: scale up at once;
    /// scale down by one replica in 2m after 10m of lower demand, because a replica takes minutes
    /// to start.
    pub behavior: Option<HorizontalPodAutoscalerBehavior>,
    /// Time after which an added replica is expected to be up (VllmReplicaDown), so that loading
    /// weights does not count as an outage. Default: 15m.
    pub expect_after: Option<Duration>,
    /// The scaled object in the namespace of the pods, if this chart does not deploy the model.
    /// Default: the Deployment `workload`.
    pub scale_target_ref: Option<ScaleTarget>,
    /// Annotations of the ScaledObject; KEDA pauses on autoscaling.keda.sh/paused.
    pub annotations: Option<Annotations>,
}

/// Target values per replica.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline, extend("minProperties" = 1))]
pub struct AutoscalingTargets {
    /// Waiting requests per replica.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub waiting: Option<f64>,
    /// Running requests per replica: for models whose batch is full before their KV cache is.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub running: Option<f64>,
    /// Usage of a replica's KV cache, 0 to 1.
    #[schemars(extend("exclusiveMinimum" = 0), range(max = 1))]
    pub kv_cache_usage: Option<f64>,
}

/// What KEDA does when a trigger fails.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Fallback {
    /// Consecutive failures before the fallback. Default: 3.
    #[schemars(range(min = 1))]
    pub failure_threshold: Option<u32>,
    /// The number of replicas.
    pub replicas: u32,
    /// How the current number of replicas counts (KEDA 2.17). Default: static, always `replicas`.
    pub behavior: Option<FallbackBehavior>,
}

/// How `replicas` and the current number are combined.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum FallbackBehavior {
    /// `replicas`.
    Static,
    /// the current number.
    CurrentReplicas,
    /// the larger of the two.
    CurrentReplicasIfHigher,
    /// the smaller of the two.
    CurrentReplicasIfLower,
}

/// The scaled object.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct ScaleTarget {
    /// Default: apps/v1.
    pub api_version: Option<Text>,
    /// Anything with a scale subresource: Deployment, StatefulSet, LeaderWorkerSet. Default:
    /// Deployment.
    pub kind: Option<Text>,
    /// Its name. Default: `workload`.
    pub name: Option<ObjectRef>,
}

/// One of KEDA's triggers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "trigger", rename_all = "camelCase")]
pub struct Trigger {
    /// The scaler: cron, prometheus, kafka, …
    pub r#type: Text,
    /// Its settings, all of them strings.
    pub metadata: BTreeMap<String, String>,
    /// Its name in KEDA's metrics.
    pub name: Option<Text>,
    /// How its value is compared.
    pub metric_type: Option<MetricType>,
    /// Its credentials.
    pub authentication_ref: Option<AuthenticationRef>,
}

/// How a trigger's value is compared.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
#[allow(missing_docs, reason = "KEDA's own words")]
pub enum MetricType {
    AverageValue,
    Value,
    Utilization,
}

/// A reference to credentials.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct AuthenticationRef {
    /// Its name.
    pub name: ObjectRef,
    /// Default: TriggerAuthentication.
    pub kind: Option<AuthenticationKind>,
}

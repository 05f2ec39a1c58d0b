//! `autoscaling` and `models[].autoscaling`: a ScaledObject of KEDA.

use std::collections::BTreeMap;

use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscalerBehavior;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Annotations, Duration, ObjectName, Text};

/// What KEDA needs to ask Prometheus; which models it scales is said by models[].autoscaling.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Autoscaling {
    /// Where KEDA finds the Prometheus that evaluates this release's rules, as
    /// http://host:port/prefix. Empty: helmTest.prometheusURL, else standalone mode's own; in
    /// operator mode one of them must be named.
    #[serde(rename = "prometheusURL")]
    #[schemars(regex(pattern = "^(https?://.+)?$"))]
    pub prometheus_url: Option<String>,
    /// Takes any certificate of that Prometheus.
    pub insecure_skip_verify: Option<bool>,
    /// How KEDA shows who it is, where Prometheus asks.
    pub authentication: Option<TriggerAuthentication>,
}

/// A reference to KEDA's credentials, which are not made by this chart.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct TriggerAuthentication {
    /// The TriggerAuthentication, in the namespace of the pods; empty: none.
    pub name: Option<ObjectName>,
    /// ClusterTriggerAuthentication for one of KEDA's own namespace.
    pub kind: Option<AuthenticationKind>,
    /// What it holds.
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
    /// a header of one's own.
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
    /// Fewest replicas. 0 needs `triggers`: with the last replica the series are gone that would ask
    /// for the next. Default: 1.
    pub min_replicas: Option<u32>,
    /// Most replicas.
    #[schemars(range(min = 1))]
    pub max_replicas: u32,
    /// What one replica should have; the one that asks for most replicas decides. Default: {waiting:
    /// 5, kvCacheUsage: 0.8}.
    pub targets: Option<AutoscalingTargets>,
    /// Further triggers, as KEDA's documentation describes them.
    pub triggers: Option<Vec<Trigger>>,
    /// How often KEDA asks. Default: 30s.
    pub polling_interval: Option<Duration>,
    /// How long nothing may be asked for before the last replica goes, with minReplicas: 0. Default:
    /// 5m.
    pub cooldown_period: Option<Duration>,
    /// What happens when Prometheus does not answer. Default: the number of replicas stays.
    pub fallback: Option<Fallback>,
    /// How fast the number changes, as in a HorizontalPodAutoscaler. Default: at once upwards, one
    /// replica in 2m downwards after 10m of less need, for a replica takes minutes to come back.
    pub behavior: Option<HorizontalPodAutoscalerBehavior>,
    /// How long an added replica may take before it is expected to be up (VllmReplicaDown): loading
    /// weights is no outage. Default: 15m.
    pub expect_after: Option<Duration>,
    /// What is scaled, where this chart does not deploy the model: in the namespace of the pods.
    /// Default: the Deployment `workload`.
    pub scale_target_ref: Option<ScaleTarget>,
    /// Annotations of the ScaledObject; KEDA pauses on autoscaling.keda.sh/paused.
    pub annotations: Option<Annotations>,
}

/// What one replica should have.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline, extend("minProperties" = 1))]
pub struct AutoscalingTargets {
    /// Requests that wait, a replica.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub waiting: Option<f64>,
    /// Requests that run, a replica: for models whose batch is full before their KV cache is.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub running: Option<f64>,
    /// Part of a replica's KV cache that is in use, 0 to 1.
    #[schemars(extend("exclusiveMinimum" = 0), range(max = 1))]
    pub kv_cache_usage: Option<f64>,
}

/// What KEDA does when a trigger fails.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Fallback {
    /// Failures in a row before it does. Default: 3.
    #[schemars(range(min = 1))]
    pub failure_threshold: Option<u32>,
    /// So many replicas.
    pub replicas: u32,
    /// Whether as many as there are count for more or less (KEDA 2.17). Default: static, always
    /// `replicas`.
    pub behavior: Option<FallbackBehavior>,
}

/// How `replicas` and the present number go together.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum FallbackBehavior {
    /// `replicas`.
    Static,
    /// what there is.
    CurrentReplicas,
    /// the larger of the two.
    CurrentReplicasIfHigher,
    /// the smaller of the two.
    CurrentReplicasIfLower,
}

/// What is scaled.
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
    pub name: Option<Text>,
}

/// One of KEDA's triggers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "trigger", rename_all = "camelCase")]
pub struct Trigger {
    /// The scaler: cron, prometheus, kafka, …
    pub r#type: Text,
    /// Its settings, all of them texts.
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
    pub name: Text,
    /// Default: TriggerAuthentication.
    pub kind: Option<AuthenticationKind>,
}

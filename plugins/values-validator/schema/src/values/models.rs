//! `models`: what is watched.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelectorRequirement;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Deploy, Labels, ModelAutoscaling, ModelProbe, Namespace, ObjectRef, Scheme, ScrapePath, Text,
    TraceThreshold,
};

/// A model that is watched.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "model", rename_all = "camelCase")]
pub struct Model {
    /// The entry: target label `model`. Deployed: also the served name.
    pub name: Text,
    /// Expected number of replicas; with fewer, VllmReplicaDown fires. `auto`: the number in the
    /// workload's spec, read from kube-state-metrics in the same Prometheus (without it: no
    /// expectation), so that scaling does not page. Absent: no expectation; with `autoscaling`:
    /// auto.
    pub replicas: Option<Replicas>,
    /// For `auto` and `autoscaling`, the Deployment's or StatefulSet's name; default where this
    /// chart deploys it.
    pub workload: Option<ObjectRef>,
    /// Labels of the pods to watch. Default: `app: vllm`; deployed by this chart: its own pods.
    #[schemars(extend("minProperties" = 1))]
    pub selector: Option<Labels>,
    /// Further conditions on their labels, as in a LabelSelector's matchExpressions.
    pub selector_expressions: Option<Vec<LabelSelectorRequirement>>,
    /// With a Prometheus Operator, the kind of monitor. Default: PodMonitor.
    pub monitor: Option<Monitor>,
    /// For a ServiceMonitor, labels of the Service in front of the pods; deployed by this chart:
    /// its own.
    #[schemars(extend("minProperties" = 1))]
    pub service_selector: Option<Labels>,
    /// Namespaces of the pods. Default: the release's namespace; ["*"]: all (needs a ClusterRole in
    /// standalone mode).
    #[schemars(length(min = 1))]
    pub namespaces: Option<Vec<Namespace>>,
    /// The port that serves /metrics: a number, or a container port's name. Default: 8000.
    pub port: Option<PortOrName>,
    /// Several such ports of one pod, for instance of data-parallel ranks with an API server each;
    /// replaces `port`. The label engine of such a pod is `<port>/<number>`.
    #[schemars(length(min = 1))]
    pub ports: Option<Vec<PortOrName>>,
    /// How its /metrics is reached, where that differs from metrics.scrape.
    pub scrape: Option<ModelScrape>,
    /// What `probe` sends it, where that differs.
    pub probe: Option<ModelProbe>,
    /// vLLM's own Deployment, when this chart deploys it.
    pub deploy: Option<Deploy>,
    /// Limits above which traces of its requests are kept, instead of the global `thresholds`. The
    /// model's name is read from the resource attribute gen_ai.response.model of its spans, else
    /// service.name.
    pub thresholds: Option<ModelThresholds>,
    /// Scales it by its queue and its KV cache: a ScaledObject of KEDA, which must be installed.
    pub autoscaling: Option<ModelAutoscaling>,
}

/// How one model's /metrics is reached.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct ModelScrape {
    /// The path. Default: metrics.scrape.path.
    pub path: Option<ScrapePath>,
    /// http or https. Default: metrics.scrape.scheme.
    pub scheme: Option<Scheme>,
}

/// The thresholds of one model.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct ModelThresholds {
    /// The whole request.
    #[serde(rename = "e2eLatency")]
    pub e2e_latency: Option<TraceThreshold>,
    /// Until the first token.
    pub time_to_first_token: Option<TraceThreshold>,
    /// Decode time, without queue and prefill.
    pub decode_time: Option<TraceThreshold>,
}

/// A kind of monitor of the Prometheus Operator.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
#[allow(clippy::enum_variant_names, reason = "the operator's own words")]
pub enum Monitor {
    /// finds the pods by `selector`.
    PodMonitor,
    /// finds them behind a Service, by `serviceSelector`.
    ServiceMonitor,
}

/// A number of replicas, or `auto`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, rename = "replicas")]
#[schemars(extend("type" = ["integer", "string"], "minimum" = 0, "pattern" = "^auto$"))]
pub enum Replicas {
    /// A number.
    Count(u32),
    /// The number in the workload's spec.
    Auto(String),
}

/// A port's number, or the name of a container's port.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, rename = "portOrName")]
#[schemars(extend(
    "type" = ["integer", "string"],
    "minimum" = 1,
    "maximum" = 65535,
    "maxLength" = 15,
    "pattern" = "^([0-9]+-?)*[a-z](-?[a-z0-9]+)*$"
))]
pub enum PortOrName {
    /// 1 to 65535.
    Number(u16),
    /// At most 15 letters, digits and `-`, with a letter.
    Name(String),
}

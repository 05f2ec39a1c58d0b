//! `models`: what is watched, and what this chart deploys.

use k8s_openapi::api::core::v1::{EnvVar, ResourceRequirements};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Bytes, Image, Labels, Placement, Text};

/// A model that is watched.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "model", rename_all = "camelCase")]
pub struct Model {
    /// The entry: target label `model`. Deployed: also the served name.
    pub name: Text,
    /// Replicas expected; fewer raise VllmReplicaDown. `auto`: as many as the workload wants, by
    /// kube-state-metrics in the same Prometheus (without it: no expectation), so that an
    /// autoscaler pages nobody. Absent: no expectation.
    pub replicas: Option<Replicas>,
    /// For `auto`, the Deployment's or StatefulSet's name; default where this chart deploys it.
    pub workload: Option<Text>,
    /// Labels of the pods to watch. Default: `app: vllm`; deployed by this chart: its own pods.
    #[schemars(extend("minProperties" = 1))]
    pub selector: Option<Labels>,
    /// Where they are: default the release's namespace; ["*"] is all of them (needs a ClusterRole
    /// in standalone mode).
    #[schemars(length(min = 1))]
    pub namespaces: Option<Vec<Text>>,
    /// The port that serves /metrics: a number, or a container port's name. Default: 8000.
    pub port: Option<PortOrName>,
    /// vLLM's own Deployment, when this chart deploys it.
    pub deploy: Option<Deploy>,
}

/// A number of replicas, or `auto`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, rename = "replicas")]
#[schemars(extend("type" = ["integer", "string"], "minimum" = 0, "pattern" = "^auto$"))]
pub enum Replicas {
    /// So many.
    Count(u32),
    /// As many as the workload wants.
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
    "pattern" = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"
))]
pub enum PortOrName {
    /// 1 to 65535.
    Number(u16),
    /// At most 15 letters, digits and `-`.
    Name(String),
}

/// vLLM's Deployment.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "deploy", rename_all = "camelCase")]
pub struct Deploy {
    /// Whether this chart deploys it. Default: false.
    pub enabled: Option<bool>,
    /// Hugging Face id or path; default: the name.
    pub model: Option<Text>,
    /// The image of vLLM.
    pub image: Option<Image>,
    /// GPUs a replica: --tensor-parallel-size and the GPU limit. Default: 1.
    #[schemars(range(min = 1))]
    pub tensor_parallel_size: Option<u32>,
    /// The GPU's name among a node's resources. Default: nvidia.com/gpu.
    pub gpu_resource: Option<Text>,
    /// Size of /dev/shm, counted as memory of the pod. Default: 16Gi.
    pub shared_memory: Option<Bytes>,
    /// --otlp-traces-endpoint; images without OpenTelemetry need false. Default: true.
    pub tracing: Option<bool>,
    /// Further arguments of `vllm serve`.
    pub args: Option<Vec<String>>,
    /// Further environment, as in a container.
    pub env: Option<Vec<EnvVar>>,
    /// Added to the GPU limit.
    pub resources: Option<ResourceRequirements>,
    /// How long weights may take to load before the pod is restarted. Default: 3600.
    #[schemars(range(min = 10))]
    pub startup_seconds: Option<u32>,
    /// Where its pods may run.
    #[serde(flatten)]
    pub placement: Placement,
}

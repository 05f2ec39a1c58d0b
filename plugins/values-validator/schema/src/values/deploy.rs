//! `models[].deploy`: vLLM's own Deployment.

use k8s_openapi::api::apps::v1::DeploymentStrategy;
use k8s_openapi::api::core::v1::{
    Container, EnvVar, PodSecurityContext, ResourceRequirements, SecurityContext, Volume,
    VolumeMount,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Annotations, Bytes, BytesOrNothing, CountOrPercent, DataKey, Image, Labels, ObjectName,
    ObjectRef, Placement, StorageClass, Text,
};

/// vLLM's Deployment.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "deploy", rename_all = "camelCase")]
pub struct Deploy {
    /// Whether this chart deploys it. Default: false.
    pub enabled: Option<bool>,
    /// Hugging Face id, or a path in `storage`; default: the name.
    pub model: Option<Text>,
    /// Further names that clients may use for it.
    pub served_names: Option<Vec<Text>>,
    /// The image of vLLM.
    pub image: Option<Image>,
    /// GPUs that share each layer. Default: 1.
    #[schemars(range(min = 1))]
    pub tensor_parallel_size: Option<u32>,
    /// Groups of them that share the layers. Default: 1.
    #[schemars(range(min = 1))]
    pub pipeline_parallel_size: Option<u32>,
    /// Copies of the engine in one pod; the pod's GPUs are the product of the three. Default: 1.
    #[schemars(range(min = 1))]
    pub data_parallel_size: Option<u32>,
    /// The resource name of the GPUs. "" requests none: vLLM on CPUs. Default: nvidia.com/gpu.
    #[schemars(regex(
        pattern = "^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$"
    ))]
    pub gpu_resource: Option<String>,
    /// Where the weights are: one of existingClaim, size, image and hostPath, or none of them:
    /// downloaded at each start.
    pub storage: Option<ModelStorage>,
    /// For gated models; default: no token.
    pub hugging_face_token: Option<SecretKey>,
    /// Size of /dev/shm, counted as memory of the pod. Default: 16Gi.
    pub shared_memory: Option<Bytes>,
    /// --otlp-traces-endpoint; the image before vLLM 0.17.0 needs false. Default: true.
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
    /// Between leaving the Service and SIGTERM (Kubernetes 1.30). Default: 5.
    pub drain_seconds: Option<u32>,
    /// From then on, for requests that still run. Default: 120.
    pub termination_seconds: Option<u32>,
    /// The Deployment's update strategy. Default: one replica after the other, so that no spare
    /// GPUs are needed.
    pub strategy: Option<DeploymentStrategy>,
    /// How many replicas may be evicted at once.
    pub pod_disruption_budget: Option<PodDisruptionBudget>,
    /// 0 is root: for images before 0.23.0, which Pod Security restricted refuses; null: the platform
    /// chooses, as OpenShift does. Default: 2000.
    #[schemars(extend("x-nullable" = true))]
    pub run_as_user: Option<u32>,
    /// Fields of its pods' security context, over the chart's; `null` removes one.
    pub pod_security_context: Option<PodSecurityContext>,
    /// Fields of its container's security context, over the chart's; `null` removes one.
    pub security_context: Option<SecurityContext>,
    /// Default: one that the chart creates, without a token.
    pub service_account_name: Option<ObjectName>,
    /// Further labels of its pods.
    pub pod_labels: Option<Labels>,
    /// Annotations of its pods.
    pub pod_annotations: Option<Annotations>,
    /// As in a pod.
    pub init_containers: Option<Vec<Container>>,
    /// Further containers of the pod.
    pub extra_containers: Option<Vec<Container>>,
    /// Further volumes, as in a pod.
    pub volumes: Option<Vec<Volume>>,
    /// Where they are mounted.
    pub volume_mounts: Option<Vec<VolumeMount>>,
    /// Scheduling of its pods.
    #[serde(flatten)]
    pub placement: Placement,
    /// `nvidia`, where that is not the node's default.
    pub runtime_class_name: Option<ObjectName>,
}

/// Where weights are.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct ModelStorage {
    /// An existing PersistentVolumeClaim.
    pub existing_claim: Option<ObjectName>,
    /// The size of a claim that the chart creates; `helm uninstall` does not delete it.
    pub size: Option<BytesOrNothing>,
    /// An OCI image with the files (Kubernetes 1.35; 1.33 with the feature ImageVolume).
    pub image: Option<String>,
    /// A folder of the node; refused by Pod Security baseline and restricted.
    #[schemars(regex(pattern = "^(/.*)?$"))]
    pub host_path: Option<String>,
    /// With `size`; empty: global.defaultStorageClass, else the cluster's default class.
    pub storage_class_name: Option<StorageClass>,
    /// With `size`; ReadWriteOnce limits all replicas to one node. Default: ReadWriteMany.
    pub access_mode: Option<AccessMode>,
    /// Where they are mounted; the Hugging Face cache, where it is writable. Default: /models.
    #[schemars(regex(pattern = "^/[^:]*$"))]
    pub mount_path: Option<String>,
    /// For a claim that already contains the weights; then `model` is a path below mountPath.
    /// Default: false.
    pub read_only: Option<bool>,
}

/// Who may mount a claim.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
#[allow(missing_docs, reason = "Kubernetes' own words")]
pub enum AccessMode {
    ReadWriteMany,
    ReadWriteOnce,
    ReadOnlyMany,
    ReadWriteOncePod,
}

/// A key in a Secret.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct SecretKey {
    /// The Secret.
    pub secret_name: ObjectRef,
    /// Its key. Default: token.
    pub secret_key: Option<DataKey>,
}

/// How many replicas may be evicted at once.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline, extend("not" = {"required": ["maxUnavailable", "minAvailable"]}))]
pub struct PodDisruptionBudget {
    /// Whether there is one. Default: true.
    pub enabled: Option<bool>,
    /// At most this many at once; not with minAvailable. Default: 1.
    pub max_unavailable: Option<CountOrPercent>,
    /// At least this many stay available.
    pub min_available: Option<CountOrPercent>,
}

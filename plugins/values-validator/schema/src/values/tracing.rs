//! `tracing`: the collector, what decides in it and where kept traces go.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{EnvVar, ResourceRequirements};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Digest, Duration, Image, Placement, PullPolicy, Storage, Text};

/// Traces.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Tracing {
    /// Whether the collector is installed.
    pub enabled: Option<bool>,
    /// What decides which traces are kept.
    pub policy: Option<Policy>,
    /// How traces wait for their decision.
    pub sampling: Option<Sampling>,
    /// Where kept traces go; several at once are fine. Those that send over the network have a
    /// queue on disk (`storage`), so that an outage of the receiver loses nothing.
    pub exporters: Option<Exporters>,
    /// Adds namespace, pod, node and Deployment to spans. Needs a ClusterRole and the pod's token.
    pub k8s_attributes: Option<K8sAttributes>,
    /// The collector itself.
    pub collector: Option<Collector>,
    /// The queues' disk.
    pub storage: Option<Storage>,
}

/// What decides.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Policy {
    /// What decides, from the same thresholds either way:
    pub engine: Option<Engine>,
    /// What happens to a trace when the plugin fails: keep, or drop.
    pub on_error: Option<OnError>,
    /// Memory the plugin may use, in MiB.
    #[schemars(range(min = 1, max = 256))]
    pub memory_limit_mib: Option<u32>,
}

/// What decides.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Engine {
    /// the plugin sampling-policy.wasm; needs collector.image, a collector that hosts it.
    Wasm,
    /// an ottl_condition of the stock collector; no decisions by reason in its metrics.
    Ottl,
    /// wasm where collector.image.repository is set, else ottl.
    Auto,
}

/// What a failure of the plugin means for a trace.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
#[allow(missing_docs, reason = "the key's description has them")]
pub enum OnError {
    Keep,
    Drop,
}

/// How traces wait.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Sampling {
    /// How long a trace waits for its spans before it is decided. vLLM sends one span when a
    /// request has ended, so this only waits for the callers' own spans.
    pub decision_wait: Option<Duration>,
    /// Traces held in memory while they wait; older ones are lost above it. At least the traces a
    /// second times decisionWait.
    #[schemars(range(min = 1))]
    pub num_traces: Option<u64>,
    /// Decisions remembered, so that a late span follows its trace.
    #[schemars(range(min = 1))]
    pub decision_cache_size: Option<u64>,
}

/// Where kept traces go.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Exporters {
    /// To the collector's own log: `kubectl logs statefulset/<name>-collector`.
    pub debug: Option<DebugExporter>,
    /// OTLP over gRPC, by name: `jaeger: {endpoint: "http://jaeger:4317"}`. Fields: endpoint,
    /// headers, insecure (no TLS), insecureSkipVerify. `${env:NAME}` in a header reads extraEnv.
    pub otlp: Option<OtlpExporters>,
    /// OTLP over HTTP, by name: `tempo: {endpoint: "http://tempo:4318"}`. Same fields.
    pub otlphttp: Option<OtlpExporters>,
    /// To a file in the pod, as JSON lines; mount a volume to keep it.
    pub file: Option<FileExporter>,
}

/// The collector's log.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct DebugExporter {
    /// Whether kept traces go there.
    pub enabled: Option<bool>,
    /// How much of a trace is written.
    pub verbosity: Option<Verbosity>,
}

/// How much of a trace is written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Verbosity {
    /// one line for a batch.
    Basic,
    /// one line for a span.
    Normal,
    /// everything.
    Detailed,
}

/// Receivers of OTLP, by name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "otlpExporters")]
#[schemars(extend("propertyNames" = {"pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"}))]
pub struct OtlpExporters(pub BTreeMap<String, OtlpExporter>);

/// A receiver of OTLP.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "otlpExporter", rename_all = "camelCase")]
pub struct OtlpExporter {
    /// Where it listens.
    pub endpoint: Text,
    /// Sent with each request. `${env:NAME}` reads collector.extraEnv.
    pub headers: Option<BTreeMap<String, String>>,
    /// Without TLS.
    pub insecure: Option<bool>,
    /// With TLS, and without a look at the certificate.
    pub insecure_skip_verify: Option<bool>,
}

/// A file in the collector's pod.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct FileExporter {
    /// Whether kept traces go there.
    pub enabled: Option<bool>,
    /// Where it is.
    #[schemars(regex(pattern = "^/"))]
    pub path: Option<String>,
}

/// What Kubernetes knows of a span's pod.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct K8sAttributes {
    /// Whether it is added to spans.
    pub enabled: Option<bool>,
}

/// The collector.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Collector {
    /// Samplers. Above one, a caller's spans and vLLM's can reach different samplers and their
    /// trace is split; vLLM's own spans alone are not affected.
    #[schemars(range(min = 1))]
    pub replicas: Option<u32>,
    /// An image of this project's distribution, otelcol-vllm (`make images` builds it). Empty:
    /// stockImage runs.
    pub image: Option<OwnImage>,
    /// The stock collector, for the engine ottl.
    pub stock_image: Option<Image>,
    /// The memory limit also sets GOMEMLIMIT (80 %) and the memory limiter (80 %).
    pub resources: Option<ResourceRequirements>,
    /// How much the collector says: debug, info, warn, error.
    pub log_level: Option<LogLevel>,
    /// Environment for secrets: `- {name: TOKEN, valueFrom: {secretKeyRef: …}}`.
    pub extra_env: Option<Vec<EnvVar>>,
    /// Where its pods may run.
    #[serde(flatten)]
    pub placement: Placement,
}

/// An image that may be unnamed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct OwnImage {
    /// Registry and name, or nothing.
    pub repository: Option<String>,
    /// Default: the chart's appVersion.
    pub tag: Option<String>,
    /// sha256:…, wins over the tag.
    pub digest: Option<Digest>,
    /// When the image is pulled.
    pub pull_policy: Option<PullPolicy>,
}

/// How much a collector says.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
#[allow(missing_docs, reason = "the key's description has them")]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

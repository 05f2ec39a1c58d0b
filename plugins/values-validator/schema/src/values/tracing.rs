//! `tracing`: the collector, what decides in it and where kept traces go.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Bytes, DataKey, DataKeyOrNothing, Digest, Duration, Image, ObjectName, ObjectRef, Pod,
    PullPolicy, StorageClass, Text,
};

/// Traces.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Tracing {
    /// Whether the collector is installed.
    pub enabled: Option<bool>,
    /// The policy that decides which traces are kept.
    pub policy: Option<Policy>,
    /// When traces are decided, and how many may wait.
    pub sampling: Option<Sampling>,
    /// The OTLP receiver: limits, TLS and authentication of senders.
    pub receiver: Option<Receiver>,
    /// Redaction of kept traces before they are exported. Spans of callers may contain prompts,
    /// answers, users and credentials.
    pub redaction: Option<Redaction>,
    /// Metrics from the spans of every vLLM request, before sampling.
    pub span_metrics: Option<SpanMetrics>,
    /// Exporters of kept traces; several can be set. Exporters that send over the network retry as
    /// long as their queue has room; traces that a backend rejects permanently (credentials,
    /// address) are lost, and VllmKeptTracesLost fires.
    pub exporters: Option<Exporters>,
    /// Adds namespace, pod, node and Deployment to spans. Needs a ClusterRole and the pod's token.
    pub k8s_attributes: Option<K8sAttributes>,
    /// Collectors in front of the samplers that send all spans of a trace to the same sampler.
    /// Needed with several samplers if callers send spans, too. No effect with one sampler.
    pub balancer: Option<Balancer>,
    /// The collector itself.
    pub collector: Option<Collector>,
    /// The sending queue of each exporter that sends over the network. With one exporter a full
    /// queue makes senders wait; with several, a full queue drops new traces, so that the others
    /// are not blocked.
    pub queue: Option<Queue>,
    /// The volume of the exporters' queues.
    pub storage: Option<QueueStorage>,
}

/// The OTLP receiver: limits, TLS and authentication of senders.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Receiver {
    /// Maximum size of a request in MiB, decompressed; a larger one is refused, and the sender's
    /// SDK drops it. SDKs send up to 512 spans per request; vLLM's take less than 1 kB each. Raise
    /// it if callers send prompts in spans.
    #[schemars(range(min = 1, max = 64))]
    pub max_request_mib: Option<u32>,
    /// Maximum of spans per request, with this project's image (`collector.image`). Attributes,
    /// events and values: up to 20 times as many.
    #[schemars(range(min = 512, max = 1_000_000))]
    pub max_request_spans: Option<u32>,
    /// OTLP over HTTP.
    pub http: Option<ReceiverHttp>,
    /// TLS, with a Secret's certificate.
    pub tls: Option<ReceiverTls>,
    /// `Authorization: Bearer …`, with a Secret's tokens.
    pub bearer_token: Option<BearerToken>,
    /// Certificates of this release's own senders: vLLM that it deploys, balancers, `helm test`.
    pub client: Option<ReceiverClient>,
}

/// OTLP over HTTP.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct ReceiverHttp {
    /// Whether senders may use it, on port 4318. false: samplers accept it for `helm test`, and no
    /// Service exposes the port.
    pub enabled: Option<bool>,
}

/// TLS of the receiver.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct ReceiverTls {
    /// The Secret. Empty: no TLS.
    pub secret_name: Option<ObjectName>,
    /// Its key with the certificate.
    pub cert: Option<DataKey>,
    /// Its key with the certificate's key.
    pub key: Option<DataKey>,
    /// Its key with the CA of the senders' certificates: if it is set, senders must present one
    /// (mTLS).
    #[serde(rename = "clientCA")]
    pub client_ca: Option<DataKeyOrNothing>,
}

/// Tokens of callers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct BearerToken {
    /// The Secret. Empty: no token is required.
    pub secret_name: Option<ObjectName>,
    /// Its key with the valid tokens, one per line.
    pub key: Option<DataKey>,
    /// Its key with the token that this release's own senders use, without a line break. Empty:
    /// `key`.
    pub client_key: Option<DataKeyOrNothing>,
}

/// Certificates of the release's own senders.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct ReceiverClient {
    /// A ConfigMap with the CA of the receiver's certificate, instead of the Secret's.
    pub ca_config_map: Option<ObjectName>,
    /// The Secret. Empty: the receiver's own, of which only the CA is mounted. Required with
    /// `tls.clientCA`.
    pub secret_name: Option<ObjectName>,
    /// Its key (or the ConfigMap's) with the CA of the receiver's certificate.
    pub ca: Option<DataKey>,
    /// Its key with the senders' certificate; used with `tls.clientCA`.
    pub cert: Option<DataKey>,
    /// Its key with the certificate's key.
    pub key: Option<DataKey>,
}

/// Redaction of kept traces.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Redaction {
    /// Whether attributes are removed. false: kept traces are exported unchanged.
    pub enabled: Option<bool>,
    /// How.
    pub mode: Option<RedactionMode>,
    /// Mode allow: regular expressions (RE2) of further attributes to export, each matching a whole
    /// key, and of further names of span events. Nested values are flattened first, to keys like
    /// metadata.team or tags.0.
    pub allow: Option<Vec<Text>>,
    /// Mode allow: maximum length of an exported string in bytes; longer ones are truncated.
    #[schemars(range(min = 32))]
    pub max_length: Option<u32>,
    /// Mode deny: regular expressions of the attributes to remove, each matching a whole key,
    /// case-insensitive. Your list replaces this one.
    #[schemars(length(min = 1))]
    pub attributes: Option<Vec<Text>>,
}

/// How redaction selects attributes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum RedactionMode {
    /// only attributes in files/allowed-attributes.yaml and `allow` are exported; error messages,
    /// links and trace states are removed.
    Allow,
    /// everything except `attributes` is exported, including new attributes of an instrumentation,
    /// error messages, links, names and nested values.
    Deny,
}

/// Metrics of spans.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct SpanMetrics {
    /// Whether they are produced.
    pub enabled: Option<bool>,
    /// Further attributes of span or resource that become labels.
    pub dimensions: Option<Vec<Text>>,
    /// Maximum of series per metric and service; the rest go into one overflow series.
    #[schemars(range(min = 1))]
    pub cardinality_limit: Option<u32>,
}

/// The balancing tier.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Balancer {
    /// Whether it is enabled.
    pub enabled: Option<bool>,
    /// Number of balancers.
    #[schemars(range(min = 1))]
    pub replicas: Option<u32>,
    /// The memory limit also sets GOMEMLIMIT (80 %) and the memory limiter (80 %).
    pub resources: Option<ResourceRequirements>,
    /// Its pods.
    #[serde(flatten)]
    pub pod: Pod,
}

/// The policy and its engine.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Policy {
    /// The engine that decides; each uses the same thresholds:
    pub engine: Option<Engine>,
    /// What happens to a trace when the plugin fails: keep or drop.
    pub on_error: Option<OnError>,
    /// Memory the plugin may use, in MiB.
    #[schemars(range(min = 1, max = 256))]
    pub memory_limit_mib: Option<u32>,
    /// Timeout of a call of the plugin, 100ms to 30s. A longer call is terminated and counted as a
    /// fault, and the collector is not ready for the next 10s.
    pub timeout: Option<CallTimeout>,
    /// Whether the span for which a trace is kept gets attributes that say why:
    /// `vllm.sampling.reason` and others.
    pub stamp: Option<bool>,
    /// Failed calls, in any span of the trace: its status is ERROR, it has the attribute
    /// `error.type`, or its HTTP status code is listed. This and the next three: only with engine
    /// wasm, except budget.spansPerSecond.
    pub errors: Option<Errors>,
    /// The slowest requests of each model, by limits learnt from the model's own requests: time to
    /// first token among prompts of similar length, time per output token among answers of 16
    /// tokens or more.
    pub slowest: Option<Slowest>,
    /// A sample of normal requests, for comparison.
    pub baseline: Option<Baseline>,
    /// Maximum of traces kept for all reasons together: errors first, then the limits of
    /// `thresholds`, the slowest and the baseline. The first trace of a model and reason in five
    /// minutes is always kept. Engine ottl: only spansPerSecond.
    pub budget: Option<Budget>,
    /// Your own policy instead of this project's (docs/write-a-policy.md), with engine wasm. `thresholds`
    /// and the four sections above do not apply to it.
    pub module: Option<PolicyModule>,
    /// The settings of `module`, in the form that it reads.
    pub settings: Option<serde_json::Map<String, serde_json::Value>>,
}

/// Your own policy.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct PolicyModule {
    /// A ConfigMap of the release's namespace with the module, WebAssembly or gzip of it. Empty: this
    /// project's policy.
    pub config_map: Option<ObjectName>,
    /// Its key.
    pub key: Option<DataKey>,
    /// SHA-256 of the uncompressed module. A collector refuses any other.
    #[schemars(regex(pattern = "^([0-9a-f]{64})?$"))]
    pub sha256: Option<String>,
}

/// A duration from 100ms to 30s, in one unit.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "callTimeout")]
#[schemars(inline, extend("pattern" = r"^([1-9][0-9]{2,3}ms|([1-9]|[12][0-9]|30)s)$"))]
pub struct CallTimeout(pub String);

/// Failed calls.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Errors {
    /// Whether they are kept.
    pub enabled: Option<bool>,
    /// HTTP status codes that count as failed: 400 to 599, or `4xx` or `5xx` for a whole class.
    pub status_codes: Option<Vec<StatusCode>>,
}

/// An HTTP status code, or a class.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, rename = "statusCode")]
#[schemars(extend("type" = ["integer", "string"], "minimum" = 400, "maximum" = 599, "pattern" = "^[45]xx$"))]
pub enum StatusCode {
    /// One.
    One(u16),
    /// `4xx` or `5xx`.
    Kind(String),
}

/// The slowest requests.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Slowest {
    /// Whether they are kept.
    pub enabled: Option<bool>,
    /// Maximum share of a model's requests that count as slowest: 0.01% to 50%.
    pub share: Option<Share>,
    /// The measures to compare.
    #[schemars(length(min = 1))]
    pub measures: Option<Vec<Measure>>,
    /// Minimum ratio to the median; faster requests are never kept for this reason.
    #[schemars(range(min = 1, max = 100))]
    pub at_least: Option<f64>,
    /// Half-life of a request in the learnt limits; 1m to 24h. After an incident longer than this,
    /// slow requests count as normal.
    pub memory: Option<Duration>,
    /// Number of requests of a model (and of prompts of similar length) before a limit applies.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub minimum: Option<u32>,
}

/// The measures to compare.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
#[allow(missing_docs, reason = "the key's description has them")]
pub enum Measure {
    TimeToFirstToken,
    TimePerOutputToken,
}

/// A sample of normal requests.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Baseline {
    /// Whether it is kept.
    pub enabled: Option<bool>,
    /// Share of all traces, selected by trace id: the same traces on every collector.
    pub share: Option<Share>,
    /// Minimum per model and hour, on each collector.
    #[schemars(range(min = 0, max = 3600))]
    pub per_model_per_hour: Option<u32>,
}

/// The budget of kept traces.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Budget {
    /// Whether it is enabled.
    pub enabled: Option<bool>,
    /// Traces per minute, of all collectors together.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub traces_per_minute: Option<u32>,
    /// For how long unused budget accumulates; 1s to 1h.
    pub burst: Option<Duration>,
    /// Engine ottl, which has no other budget: spans that each collector keeps per second. A trace
    /// with more buffered spans is not kept.
    #[schemars(range(min = 100, max = 1_000_000))]
    pub spans_per_second: Option<u32>,
}

/// A percentage: 1%, 0.1%.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "share")]
#[schemars(extend("pattern" = r"^(100|[0-9]{1,2}(\.[0-9]+)?)%$"))]
pub struct Share(pub String);

/// The policy and its engine.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Engine {
    /// the plugin sampling-policy.wasm; needs collector.image, a collector that hosts it.
    Wasm,
    /// an ottl_condition of the stock collector; only thresholds, without learnt limits, budget per
    /// minute and metrics of decisions by reason.
    Ottl,
    /// wasm where collector.image.repository is set, else ottl.
    Auto,
}

/// What happens to a trace when the plugin fails.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
#[allow(missing_docs, reason = "the key's description has them")]
pub enum OnError {
    Keep,
    Drop,
}

/// When traces are decided.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Sampling {
    /// When a trace is decided.
    pub mode: Option<SamplingMode>,
    /// immediate: how long spans of an undecided trace are buffered, counted from the first; a slow
    /// request that arrives within this time is kept together with them. It does not delay slow
    /// requests; set it to the duration of slow requests, if memory allows. whole: how long after
    /// its first span a trace is decided; must be longer than the longest request, or slow requests
    /// are lost.
    pub decision_wait: Option<Duration>,
    /// immediate: the same, counted from the arrival of a span without a parent, if that ends
    /// earlier. Must be above the 5s for which vLLM's OpenTelemetry SDK buffers finished spans.
    pub decision_wait_after_root: Option<Duration>,
    /// Maximum of buffered traces; above it the oldest are dropped. With immediate only spans
    /// before a slow request are lost then. whole: at least the traces per second times
    /// decisionWait.
    #[schemars(range(min = 1))]
    pub num_traces: Option<u64>,
    /// Number of decisions that are cached, so that late spans follow their trace. immediate caches
    /// kept traces only.
    #[schemars(range(min = 1))]
    pub decision_cache_size: Option<u64>,
}

/// When a trace is decided.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum SamplingMode {
    /// whenever spans arrive, by these spans: a slow request is kept and exported at once, at any
    /// position in its trace, with the buffered spans of the trace and all that follow.
    Immediate,
    /// once, decisionWait after its first span: a slow request that arrives later is lost. For
    /// policies that need all spans of a trace at once.
    Whole,
}

/// Exporters of kept traces.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Exporters {
    /// To the collector's log: `kubectl logs statefulset/<name>-collector`.
    pub debug: Option<DebugExporter>,
    /// OTLP over gRPC, by name: `jaeger: {endpoint: "http://jaeger:4317"}`. http:// sends without
    /// TLS, https:// or no scheme with TLS. Fields: endpoint, headers (no secrets: they are in a
    /// ConfigMap), insecure (no TLS), insecureSkipVerify; from Secrets headersFrom and tlsSecret.
    pub otlp: Option<OtlpExporters>,
    /// OTLP over HTTP, by name: `tempo: {endpoint: "http://tempo:4318"}`. Same fields; needs a scheme.
    pub otlphttp: Option<OtlpExporters>,
    /// To a file in the pod, as JSON lines, for debugging or for a process that reads it there. Its
    /// folder is an emptyDir, which is deleted with the pod. The file is rotated at `maxMegabytes`,
    /// and `maxBackups` old files are kept.
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
    /// one line per batch.
    Basic,
    /// one line per span.
    Normal,
    /// every attribute.
    Detailed,
    /// detailed if no exporter sends over the network, else basic.
    Auto,
}

/// OTLP backends, by name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "otlpExporters")]
#[schemars(extend("propertyNames" = {"pattern": "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"}))]
pub struct OtlpExporters(pub BTreeMap<String, OtlpExporter>);

/// An OTLP backend.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "otlpExporter", rename_all = "camelCase")]
pub struct OtlpExporter {
    /// Its address. http:// sends without TLS, https:// with TLS; over gRPC also host:port, with
    /// TLS unless `insecure` is true.
    pub endpoint: Text,
    /// Headers of each request, sent as they are written; they are stored in a ConfigMap. Only `${env:NAME}` with
    /// a NAME of collector.extraEnv is replaced.
    pub headers: Option<Headers>,
    /// Headers whose values are in Secrets, by header.
    pub headers_from: Option<HeadersFrom>,
    /// A Secret with certificates.
    pub tls_secret: Option<ExporterTls>,
    /// Send without TLS, if the endpoint has no scheme.
    pub insecure: Option<bool>,
    /// Send with TLS and do not verify the certificate.
    pub insecure_skip_verify: Option<bool>,
}

/// Headers by name, whose form is HTTP's.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline, extend("propertyNames" = {"pattern": HEADER}))]
pub struct Headers(pub BTreeMap<String, String>);

/// Headers by name, with the Secrets of their values.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline, extend("propertyNames" = {"pattern": HEADER}))]
pub struct HeadersFrom(pub BTreeMap<String, HeaderSecret>);

/// A token of RFC 9110.
const HEADER: &str = "^[-A-Za-z0-9!#$%&'*+.^_`|~]+$";

/// A key of a Secret.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "headerSecret")]
pub struct HeaderSecret {
    /// The Secret.
    pub name: ObjectRef,
    /// Its key.
    pub key: DataKey,
}

/// Certificates of an exporter: a Secret, and the keys in it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct ExporterTls {
    /// The Secret.
    pub name: ObjectRef,
    /// Its key with the CA of the backend's certificate. Default: the CAs of the image.
    pub ca: Option<DataKey>,
    /// Its key with the client certificate.
    pub cert: Option<DataKey>,
    /// Its key.
    pub key: Option<DataKey>,
}

/// A file in the collector's pod.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct FileExporter {
    /// Whether kept traces go there.
    pub enabled: Option<bool>,
    /// Its path. The folder becomes a volume, and must not be used by anything else.
    #[schemars(regex(pattern = "^/.+/[^/]+$"))]
    pub path: Option<String>,
    /// The file is rotated at this size.
    #[schemars(range(min = 1))]
    pub max_megabytes: Option<u32>,
    /// Number of old files to keep.
    #[schemars(range(min = 1))]
    pub max_backups: Option<u32>,
}

/// Kubernetes metadata of a span's pod.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct K8sAttributes {
    /// Whether it is added to spans.
    pub enabled: Option<bool>,
    /// The pod label that contains the model's name, for vLLM that this chart does not deploy.
    #[schemars(regex(
        pattern = r"^(([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$"
    ))]
    pub model_label: Option<String>,
}

/// The collector.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Collector {
    /// Number of samplers. With more than one, spans of a caller and of vLLM can reach different
    /// samplers, which splits their trace, unless `balancer` is enabled; vLLM's own spans are not
    /// affected.
    #[schemars(range(min = 1))]
    pub replicas: Option<u32>,
    /// An image of this project's distribution, otelcol-vllm (`make images` builds it). Empty:
    /// stockImage is used.
    pub image: Option<OwnImage>,
    /// The stock collector, for the engine ottl.
    pub stock_image: Option<Image>,
    /// The memory limit also sets GOMEMLIMIT (80 %) and the memory limiter (80 %).
    pub resources: Option<ResourceRequirements>,
    /// Log level of the collector: debug, info, warn, error.
    pub log_level: Option<LogLevel>,
    /// Its pods.
    #[serde(flatten)]
    pub pod: Pod,
}

/// The queue of an exporter.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Queue {
    /// Size of one queue, as 256Mi. A kept request takes about 1 kB. Empty: all queues together
    /// take a sixteenth of the collector's memory limit, or half of `storage.size` if it is
    /// persistent.
    #[schemars(regex(pattern = "^([1-9][0-9]*(Mi|Gi|Ti|M|G|T))?$"))]
    pub size: Option<String>,
    /// Seconds for which a terminating pod retries traces that are queued in memory, before SIGTERM
    /// (Kubernetes 1.30 or newer; unused without such a queue). The grace period is 60 s longer. A
    /// higher value covers a longer outage of the backend and slows each rolling restart.
    #[schemars(range(min = 0, max = 3600))]
    pub drain_seconds: Option<u32>,
}

/// The volume of the exporters' queues.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct QueueStorage {
    /// true: one PVC per collector; queued traces survive a restart of the pod. Recommended if
    /// traces are sent over the network. false: queues are in memory. A terminating pod retries for
    /// `queue.drainSeconds`, then sends each batch once; what the backend does not accept is lost.
    pub persistent: Option<bool>,
    /// Its size.
    pub size: Option<Bytes>,
    /// Empty: global.defaultStorageClass, else the cluster's default class.
    pub storage_class_name: Option<StorageClass>,
}

/// An image that may be unnamed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct OwnImage {
    /// Takes the place of the registry in `repository`; global.imageRegistry wins over it.
    #[schemars(regex(pattern = "^([a-zA-Z0-9][a-zA-Z0-9._:/-]*)?$"))]
    pub registry: Option<String>,
    /// Registry and name, or nothing.
    #[schemars(regex(pattern = "^([a-zA-Z0-9]([a-zA-Z0-9._:/-]*[a-zA-Z0-9])?)?$"))]
    pub repository: Option<String>,
    /// Default: the chart's appVersion.
    #[schemars(regex(pattern = "^([A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$"))]
    pub tag: Option<String>,
    /// sha256:…, takes precedence over the tag.
    pub digest: Option<Digest>,
    /// When the image is pulled.
    pub pull_policy: Option<PullPolicy>,
}

/// Log level of a collector.
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

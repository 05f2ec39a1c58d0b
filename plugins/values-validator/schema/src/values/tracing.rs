//! `tracing`: the collector, what decides in it and where kept traces go.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{EnvVar, ResourceRequirements};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Bytes, Digest, Duration, Image, Placement, PullPolicy, Text};

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
    /// What the collector asks of its callers.
    pub receiver: Option<Receiver>,
    /// What leaves with kept traces. Spans of callers may carry prompts, answers, users and credentials.
    pub redaction: Option<Redaction>,
    /// Metrics of spans, of every vLLM request and before sampling.
    pub span_metrics: Option<SpanMetrics>,
    /// Where kept traces go; several at once are fine. Those that send over the network try again for
    /// as long as their queue has room; what a store refuses for good (credentials, address) is lost,
    /// and VllmKeptTracesLost is raised.
    pub exporters: Option<Exporters>,
    /// Adds namespace, pod, node and Deployment to spans. Needs a ClusterRole and the pod's token.
    pub k8s_attributes: Option<K8sAttributes>,
    /// Collectors before the samplers that send all spans of a trace to the same one: wanted when
    /// there are several samplers and callers send spans, too. Without effect for one sampler.
    pub balancer: Option<Balancer>,
    /// The collector itself.
    pub collector: Option<Collector>,
    /// Each exporter that sends over the network has a queue. To one store alone a full queue makes
    /// senders wait; with several stores it drops what finds no room, so that the others get theirs.
    pub queue: Option<Queue>,
    /// The disk of the exporters' queues.
    pub storage: Option<QueueStorage>,
}

/// What the collector asks of its callers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Receiver {
    /// The largest request in MiB, decompressed; a larger one is refused, and its sender's SDK drops it.
    /// SDKs send up to 512 spans in one; vLLM's take less than 1 kB each. More, where callers send
    /// prompts in spans.
    #[schemars(range(min = 1, max = 64))]
    pub max_request_mib: Option<u32>,
    /// The most spans of a request; with this project's image (`collector.image`). Attributes, events
    /// and values: up to 20 times as many.
    #[schemars(range(min = 512, max = 1_000_000))]
    pub max_request_spans: Option<u32>,
    /// OTLP over HTTP.
    pub http: Option<ReceiverHttp>,
    /// TLS, with a Secret's certificate.
    pub tls: Option<ReceiverTls>,
    /// `Authorization: Bearer …`, with a Secret's tokens.
    pub bearer_token: Option<BearerToken>,
    /// What this release's own callers show to it: vLLM that it runs, balancers, `helm test`.
    pub client: Option<ReceiverClient>,
}

/// OTLP over HTTP.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct ReceiverHttp {
    /// Whether callers may send by it, to port 4318. false: the samplers take it for `helm test` alone,
    /// up to 64 KiB a request, and no Service of callers has the port.
    pub enabled: Option<bool>,
}

/// TLS of the receiver.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct ReceiverTls {
    /// The Secret. Empty: no TLS.
    pub secret_name: Option<String>,
    /// Its key with the certificate.
    pub cert: Option<Text>,
    /// Its key with the certificate's key.
    pub key: Option<Text>,
    /// Its key with the authority of callers' certificates: with it they must have one (mTLS).
    #[serde(rename = "clientCA")]
    pub client_ca: Option<String>,
}

/// Tokens of callers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct BearerToken {
    /// The Secret. Empty: whoever reaches the collector may send.
    pub secret_name: Option<String>,
    /// Its key with the valid tokens, one a line.
    pub key: Option<Text>,
    /// Its key with the one that this release's own callers send, without a line break. Empty: `key`.
    pub client_key: Option<String>,
}

/// Certificates of the release's own callers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct ReceiverClient {
    /// A ConfigMap with the authority of the receiver's certificate, in place of the Secret's.
    pub ca_config_map: Option<String>,
    /// The Secret. Empty: the receiver's own, of which they see the authority alone. Needed for
    /// `tls.clientCA`.
    pub secret_name: Option<String>,
    /// Its key (or the ConfigMap's) with the authority of the receiver's certificate.
    pub ca: Option<Text>,
    /// Its key with the callers' certificate; read where `tls.clientCA` asks for one.
    pub cert: Option<Text>,
    /// Its key with the certificate's key.
    pub key: Option<Text>,
}

/// What leaves with kept traces.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Redaction {
    /// Whether anything is taken out. false: all of it leaves.
    pub enabled: Option<bool>,
    /// How.
    pub mode: Option<RedactionMode>,
    /// Mode allow: regular expressions (RE2) of more attributes that may leave, each for a whole key, and
    /// of more names of span events. What is nested has a key of its own, as metadata.team or tags.0.
    pub allow: Option<Vec<Text>>,
    /// Mode allow: the longest text that leaves, in bytes; of a longer one the beginning.
    #[schemars(range(min = 32))]
    pub max_length: Option<u32>,
    /// Mode deny: regular expressions of the attributes that do not leave, each for a whole key, in any
    /// letter case. A list of yours replaces this one.
    #[schemars(length(min = 1))]
    pub attributes: Option<Vec<Text>>,
}

/// How it is told what leaves.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum RedactionMode {
    /// what is listed in files/allowed-attributes.yaml and `allow` leaves, nothing else; texts of errors,
    /// links and trace states do not.
    Allow,
    /// all leaves but `attributes`; new names of an instrumentation, texts of errors, links, names and what
    /// is nested leave as they are.
    Deny,
}

/// Metrics of spans.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct SpanMetrics {
    /// Whether there are any.
    pub enabled: Option<bool>,
    /// Further attributes of span or resource, each a label.
    pub dimensions: Option<Vec<Text>>,
    /// Series of a metric and service; what is beyond it is one more.
    #[schemars(range(min = 1))]
    pub cardinality_limit: Option<u32>,
}

/// The balancing tier.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Balancer {
    /// Whether there is one.
    pub enabled: Option<bool>,
    /// Balancers.
    #[schemars(range(min = 1))]
    pub replicas: Option<u32>,
    /// The memory limit also sets GOMEMLIMIT (80 %) and the memory limiter (80 %).
    pub resources: Option<ResourceRequirements>,
    /// Where its pods may run.
    #[serde(flatten)]
    pub placement: Placement,
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
    /// How long a call of the plugin may last, 100ms to 30s. One that lasts longer is ended and counted as
    /// a fault, and the collector is not ready for the next 10s.
    pub timeout: Option<CallTimeout>,
    /// Whether the span that a trace is kept for says why: `vllm.sampling.reason` and its like.
    pub stamp: Option<bool>,
    /// Calls that failed, of any span of the trace: its status is ERROR, it carries `error.type`, or its
    /// HTTP status code is listed. This and the next three: engine wasm alone.
    pub errors: Option<Errors>,
    /// The slowest requests of each model, by limits that are learnt from its own: time to the first
    /// token among prompts of like length, time per output token among answers of 16 tokens and more.
    pub slowest: Option<Slowest>,
    /// Requests that nothing is wrong with, to compare with.
    pub baseline: Option<Baseline>,
    /// What all reasons together may keep, errors first, then the limits of `thresholds`, the slowest
    /// and the baseline; the first trace of a model and reason in five minutes always.
    pub budget: Option<Budget>,
}

/// A duration from 100ms to 30s, in one unit.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "callTimeout")]
#[schemars(inline, extend("pattern" = r"^([1-9][0-9]{2,3}ms|([1-9]|[12][0-9]|30)s)$"))]
pub struct CallTimeout(pub String);

/// Calls that failed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Errors {
    /// Whether they are kept.
    pub enabled: Option<bool>,
    /// HTTP status codes that count as failed: 400 to 599, or `4xx` or `5xx` for all of a kind.
    pub status_codes: Option<Vec<StatusCode>>,
}

/// An HTTP status code, or all of a kind.
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
    /// How many of a model's requests are meant, at most: 0.01% to 50%.
    pub share: Option<Share>,
    /// What is compared.
    #[schemars(length(min = 1))]
    pub measures: Option<Vec<Measure>>,
    /// No request is meant that is not so many times slower than the median.
    #[schemars(range(min = 1, max = 100))]
    pub at_least: Option<f64>,
    /// After this time a request counts half; 1m to 24h. An incident longer than that becomes what is
    /// usual.
    pub memory: Option<Duration>,
    /// Requests of a model (and of its prompts of like length) before there is a limit.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub minimum: Option<u32>,
}

/// What is compared.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
#[allow(missing_docs, reason = "the key's description has them")]
pub enum Measure {
    TimeToFirstToken,
    TimePerOutputToken,
}

/// Requests to compare with.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Baseline {
    /// Whether any are kept.
    pub enabled: Option<bool>,
    /// Share of all, by the trace's id: the same traces on every collector.
    pub share: Option<Share>,
    /// At least so many of each model in an hour, of each collector.
    #[schemars(range(min = 0, max = 3600))]
    pub per_model_per_hour: Option<u32>,
}

/// What may be kept.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Budget {
    /// Whether there is one.
    pub enabled: Option<bool>,
    /// Traces a minute of all collectors together.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub traces_per_minute: Option<u32>,
    /// For how long what is not used can be saved up; 1s to 1h.
    pub burst: Option<Duration>,
}

/// Percent of all: 1%, 0.1%.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "share")]
#[schemars(extend("pattern" = r"^(100|[0-9]{1,2}(\.[0-9]+)?)%$"))]
pub struct Share(pub String);

/// What decides.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Engine {
    /// the plugin sampling-policy.wasm; needs collector.image, a collector that hosts it.
    Wasm,
    /// an ottl_condition of the stock collector; no decisions by reason in its metrics, and
    /// thresholds alone: nothing is learnt, nothing has a budget.
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
    /// When a trace is decided on.
    pub mode: Option<SamplingMode>,
    /// immediate: how long spans of a trace that is not kept so far are held, counted from the first
    /// of them; a slow request that arrives meanwhile takes them along. It delays nothing; as long as
    /// slow requests take, and memory allows. whole: how long after its first span a trace is decided
    /// on; longer than the longest request, or slow ones are lost.
    pub decision_wait: Option<Duration>,
    /// immediate: the same from the arrival of a span without a parent on, where that ends earlier.
    /// Above the 5s that vLLM's OpenTelemetry SDK holds a finished span before it sends it.
    pub decision_wait_after_root: Option<Duration>,
    /// Traces held in memory while they wait; above it the oldest are lost, with immediate only what
    /// came before a slow request. whole: at least the traces a second times decisionWait.
    #[schemars(range(min = 1))]
    pub num_traces: Option<u64>,
    /// Traces remembered as decided, so that a late span follows its trace. immediate remembers kept
    /// ones alone.
    #[schemars(range(min = 1))]
    pub decision_cache_size: Option<u64>,
}

/// When a trace is decided on.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum SamplingMode {
    /// whenever spans of it arrive, by these spans: a slow request is kept and sent on at once,
    /// however late in its trace, with what is held of the trace and all that follows.
    Immediate,
    /// once, decisionWait after its first span: a slow request that arrives later is lost. For
    /// policies that must see all spans of a trace together.
    Whole,
}

/// Where kept traces go.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Exporters {
    /// To the collector's own log: `kubectl logs statefulset/<name>-collector`.
    pub debug: Option<DebugExporter>,
    /// OTLP over gRPC, by name: `jaeger: {endpoint: "http://jaeger:4317"}`. http:// is without TLS,
    /// https:// and no scheme are with it. Fields: endpoint, headers (no secrets: they are in a
    /// ConfigMap), insecure (no TLS), insecureSkipVerify; from Secrets headersFrom and tlsSecret.
    pub otlp: Option<OtlpExporters>,
    /// OTLP over HTTP, by name: `tempo: {endpoint: "http://tempo:4318"}`. Same fields; needs a scheme.
    pub otlphttp: Option<OtlpExporters>,
    /// To a file in the pod, as JSON lines. Its folder is an emptyDir, which ends with the pod: for a
    /// look, or for something that reads it there. Beyond `maxMegabytes` a new one is begun, and
    /// `maxBackups` old ones are kept.
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
    /// a line for a batch.
    Basic,
    /// a line for a span.
    Normal,
    /// all of it.
    Detailed,
    /// detailed where nothing is sent over the network, else basic.
    Auto,
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
    /// Where it listens. http:// is without TLS, https:// with it; over gRPC also host:port, with TLS
    /// unless `insecure` is true.
    pub endpoint: Text,
    /// Sent with each request; they stand in a ConfigMap. `${env:NAME}` reads collector.extraEnv.
    pub headers: Option<BTreeMap<String, String>>,
    /// Headers whose values are in Secrets, by header.
    pub headers_from: Option<BTreeMap<String, HeaderSecret>>,
    /// A Secret with certificates.
    pub tls_secret: Option<ExporterTls>,
    /// Without TLS, where the endpoint has no scheme.
    pub insecure: Option<bool>,
    /// With TLS, and without a look at the certificate.
    pub insecure_skip_verify: Option<bool>,
}

/// A key of a Secret.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "headerSecret")]
pub struct HeaderSecret {
    /// The Secret.
    pub name: Text,
    /// Its key.
    pub key: Text,
}

/// Certificates of an exporter: a Secret, and the keys in it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct ExporterTls {
    /// The Secret.
    pub name: Text,
    /// The authority of the receiver's certificate; default: those of the image.
    pub ca: Option<Text>,
    /// The certificate to show.
    pub cert: Option<Text>,
    /// Its key.
    pub key: Option<Text>,
}

/// A file in the collector's pod.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct FileExporter {
    /// Whether kept traces go there.
    pub enabled: Option<bool>,
    /// Where it is. In a folder of its own, which becomes a volume.
    #[schemars(regex(pattern = "^/.+/"))]
    pub path: Option<String>,
    /// Beyond this a new file is begun.
    #[schemars(range(min = 1))]
    pub max_megabytes: Option<u32>,
    /// Old files that are kept.
    #[schemars(range(min = 1))]
    pub max_backups: Option<u32>,
}

/// What Kubernetes knows of a span's pod.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct K8sAttributes {
    /// Whether it is added to spans.
    pub enabled: Option<bool>,
    /// A label of vLLM's pods that names the model, for those that this chart does not run.
    pub model_label: Option<String>,
}

/// The collector.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Collector {
    /// Samplers. Above one, a caller's spans and vLLM's can reach different samplers and their trace
    /// is split, unless `balancer` is on; vLLM's own spans alone are not affected.
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

/// The queue of an exporter.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Queue {
    /// Bytes of one queue, as 256Mi. A kept request is about 1 kB. Empty: all of them together take
    /// a sixteenth of the collector's memory limit, or half of `storage.size` where that is
    /// persistent.
    #[schemars(regex(pattern = "^([1-9][0-9]*(Mi|Gi|Ti|M|G|T))?$"))]
    pub size: Option<String>,
}

/// The disk of the exporters' queues.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct QueueStorage {
    /// true: a volume for each collector; queued traces survive a restart of the pod. Recommended
    /// where traces are sent over the network. false: queues are in memory. A pod that ends tries for
    /// 20 s more (Kubernetes 1.30 or newer), then sends each batch once; what its store does not take
    /// is lost.
    pub persistent: Option<bool>,
    /// Its size.
    pub size: Option<Bytes>,
    /// Empty: the cluster's default class.
    pub storage_class_name: Option<String>,
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

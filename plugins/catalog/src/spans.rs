//! The spans a vLLM server sends, and their attributes.
//!
//! Source: the captured streams in `tests/fixtures/vllm`; start-up spans without a scope are known from vLLM's sources only.
//!
//! - Needs `--otlp-traces-endpoint`; the environment variable alone does nothing.
//! - One `llm_request` span for each finished request, for each child where `n` > 1 (same request id). Its status is never set; it has no
//!   events. It says neither the model nor why it finished: put the model on the resource (`OTEL_RESOURCE_ATTRIBUTES`) or take it from the pod.
//! - No span for a client that went away, for a 4xx, a 503, or a request in an engine that died.
//! - Data parallel: start-up spans only from the API servers.

use crate::metric::{Source, Unit};
use crate::version::{Releases, Version};

/// The type of an OTLP attribute value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OtlpType {
    /// `stringValue`.
    String,
    /// `intValue`: 64 bits, a string in OTLP/JSON.
    Int,
    /// `doubleValue`.
    Double,
}

/// What a span is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// One request to a model: the spans a latency rule reads.
    Request,
    /// A step of the server's start. May last minutes: a latency rule must not read it.
    StartUp,
    /// FastAPI's own instrumentation (new FastAPI only): not a parent of the request's span, and of kind SERVER like it. Tell them apart by
    /// name and scope, never by kind.
    FastApi,
}

/// OTLP's span kind, as far as vLLM uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpanKind {
    /// 1
    Internal,
    /// 2
    Server,
}

impl SpanKind {
    /// The number OTLP sends.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::Server => 2,
        }
    }
}

/// A span's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// This text.
    Exact(&'static str),
    /// An HTTP method, a blank and a route: `POST /v1/completions`.
    MethodAndRoute,
}

impl Name {
    /// Whether a span so called has this name.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        match self {
            Self::Exact(text) => name == *text,
            Self::MethodAndRoute => name.split_once(' ').is_some_and(|(method, route)| {
                !method.is_empty()
                    && method.bytes().all(|b| b.is_ascii_uppercase())
                    && route.starts_with('/')
            }),
        }
    }
}

/// An instrumentation scope, and when it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Its name.
    pub name: &'static str,
    /// The releases that may use it.
    pub releases: Releases,
}

/// When an attribute is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributePresence {
    /// On every such span.
    Always,
    /// On some; the text says which.
    When(&'static str),
}

/// An attribute of a span or a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute {
    /// Its key.
    pub key: &'static str,
    /// The type of its value.
    pub otlp_type: OtlpType,
    /// What the value counts; `None` for texts and plain parameters.
    pub unit: Option<Unit>,
    /// When it is there.
    pub presence: AttributePresence,
}

/// A span.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Its name.
    pub name: Name,
    /// What it is about.
    pub role: Role,
    /// Its kind.
    pub kind: SpanKind,
    /// Its instrumentation scopes; empty where only the source was read.
    pub scopes: &'static [Scope],
    /// Its attributes.
    pub attributes: &'static [Attribute],
    /// The releases that send it.
    pub releases: Releases,
    /// Where this was read.
    pub source: Source,
}

impl Span {
    /// Whether `scope` may carry it in `version`. A span whose scopes are unknown is taken from any scope of vLLM's.
    #[must_use]
    pub fn in_scope(&self, scope: &str, version: Version) -> bool {
        if self.scopes.is_empty() {
            return scope.starts_with("vllm.");
        }
        self.scopes
            .iter()
            .any(|known| known.name == scope && known.releases.holds(version))
    }
}

/// The name of the span of a request.
pub const REQUEST_SPAN: &str = "llm_request";

/// The first release whose V1 engine sends spans with the latency attributes below.
pub const TRACING_SINCE: Version = Version::new(0, 10, 2);

/// The resource attribute by which the chart tells which model a span is of: vLLM's spans carry no name of it.
pub const MODEL_RESOURCE: &str = "gen_ai.response.model";

/// Seconds from arrival to the end.
pub const LATENCY_E2E: &str = "gen_ai.latency.e2e";
/// Seconds from arrival to the first token.
pub const LATENCY_TIME_TO_FIRST_TOKEN: &str = "gen_ai.latency.time_to_first_token";
/// Seconds from queueing to the first scheduling.
pub const LATENCY_TIME_IN_QUEUE: &str = "gen_ai.latency.time_in_queue";
/// Seconds from the first scheduling to the first token.
pub const LATENCY_TIME_IN_MODEL_PREFILL: &str = "gen_ai.latency.time_in_model_prefill";
/// Seconds from the first token to the last.
pub const LATENCY_TIME_IN_MODEL_DECODE: &str = "gen_ai.latency.time_in_model_decode";
/// Seconds from the first scheduling to the last token.
pub const LATENCY_TIME_IN_MODEL_INFERENCE: &str = "gen_ai.latency.time_in_model_inference";

const V0_13_0: Version = Version::new(0, 13, 0);
const V0_16_0: Version = Version::new(0, 16, 0);
const V0_20_2: Version = Version::new(0, 20, 2);
const V0_32_0: Version = Version::new(0, 32, 0);

/// The scopes of `llm_request`. The old one was last seen in 0.13.0, the new one first in 0.20.2; the change is of February 2026, between
/// them, so that both are possible there.
pub static REQUEST_SCOPES: &[Scope] = &[
    Scope {
        name: "vllm.tracing.otel",
        releases: Releases::since(V0_16_0),
    },
    Scope {
        name: "vllm.llm_engine",
        releases: Releases::between(Version::OLDEST, V0_20_2),
    },
];

const fn attribute(key: &'static str, otlp_type: OtlpType, unit: Option<Unit>) -> Attribute {
    Attribute {
        key,
        otlp_type,
        unit,
        presence: AttributePresence::Always,
    }
}

const fn seconds(key: &'static str) -> Attribute {
    attribute(key, OtlpType::Double, Some(Unit::Seconds))
}

const fn text(key: &'static str) -> Attribute {
    attribute(key, OtlpType::String, None)
}

impl Attribute {
    const fn when(self, why: &'static str) -> Self {
        Self {
            presence: AttributePresence::When(why),
            ..self
        }
    }
}

/// vLLM sets a sampling parameter only where its value counts as true in Python.
const TRUTHY: &str = "the request's value is neither 0 nor absent";

static REQUEST_ATTRIBUTES: &[Attribute] = &[
    seconds(LATENCY_E2E),
    seconds(LATENCY_TIME_TO_FIRST_TOKEN),
    seconds(LATENCY_TIME_IN_QUEUE),
    seconds(LATENCY_TIME_IN_MODEL_PREFILL),
    seconds(LATENCY_TIME_IN_MODEL_DECODE),
    seconds(LATENCY_TIME_IN_MODEL_INFERENCE),
    attribute(
        "gen_ai.usage.prompt_tokens",
        OtlpType::Int,
        Some(Unit::Tokens),
    ),
    attribute(
        "gen_ai.usage.completion_tokens",
        OtlpType::Int,
        Some(Unit::Tokens),
    ),
    text("gen_ai.request.id"),
    attribute("gen_ai.request.top_p", OtlpType::Double, None).when(TRUTHY),
    attribute("gen_ai.request.temperature", OtlpType::Double, None).when(TRUTHY),
    attribute(
        "gen_ai.request.max_tokens",
        OtlpType::Int,
        Some(Unit::Tokens),
    )
    .when(TRUTHY),
    attribute("gen_ai.request.n", OtlpType::Int, Some(Unit::Count)).when(TRUTHY),
];

static CODE_ATTRIBUTES: &[Attribute] = &[
    text("code.function"),
    text("code.namespace"),
    text("code.filepath"),
    text("code.lineno"),
];

static FASTAPI_STEP_ATTRIBUTES: &[Attribute] = &[
    text("code.function.name"),
    text("error.type").when("the step raised, a 4xx included"),
];

static FASTAPI_SERVER_ATTRIBUTES: &[Attribute] = &[
    text("server.address"),
    attribute("server.port", OtlpType::Int, None),
    text("url.path"),
    text("url.scheme"),
    text("http.request.method"),
    text("network.protocol.version"),
    text("http.route"),
    attribute("http.response.status_code", OtlpType::Int, None),
];

/// Attributes of the resources.
pub static RESOURCE_ATTRIBUTES: &[Attribute] = &[
    text("telemetry.sdk.language"),
    text("telemetry.sdk.name"),
    text("telemetry.sdk.version"),
    text("service.name"),
    text("service.instance.id").when("a new OpenTelemetry SDK"),
    text("vllm.instrumenting_module_name").when("vLLM with start-up spans"),
    text("vllm.process_id").when("vLLM with start-up spans"),
    text("vllm.process_kind").when("the spans of an engine or a worker"),
    text("vllm.process_name").when("the spans of an engine or a worker"),
];

macro_rules! start_up {
    ($name:literal, $($scope:literal),+) => {
        Span {
            scopes: &[$(Scope { name: $scope, releases: Releases::ALWAYS }),+],
            source: Source::Captured,
            ..start_up_from_code($name)
        }
    };
}

/// A start-up span whose scope was not seen: it is the Python module that opens it.
const fn start_up_from_code(name: &'static str) -> Span {
    Span {
        name: Name::Exact(name),
        role: Role::StartUp,
        kind: SpanKind::Internal,
        scopes: &[],
        attributes: CODE_ATTRIBUTES,
        // Of February 2026 (after 0.13.0, seen from 0.20.2 on); 0.16.0 is the first release examined after it.
        releases: Releases::since(V0_16_0),
        source: Source::Code,
    }
}

const FASTAPI: &[Scope] = &[Scope {
    name: "fastapi",
    releases: Releases::ALWAYS,
}];

const fn fastapi(name: Name, kind: SpanKind, attributes: &'static [Attribute]) -> Span {
    Span {
        name,
        role: Role::FastApi,
        kind,
        scopes: FASTAPI,
        attributes,
        // vLLM 0.32.0 and later refuse a FastAPI that is new enough (from 0.137 on); seen in 0.20.2 with FastAPI 0.165.
        releases: Releases::between(V0_13_0, V0_32_0),
        source: Source::Captured,
    }
}

/// Every span described.
pub static SPANS: &[Span] = &[
    Span {
        name: Name::Exact(REQUEST_SPAN),
        role: Role::Request,
        kind: SpanKind::Server,
        scopes: REQUEST_SCOPES,
        attributes: REQUEST_ATTRIBUTES,
        releases: Releases::since(TRACING_SINCE),
        source: Source::Captured,
    },
    start_up!("Overall Loading", "vllm.v1.engine.core_client"),
    start_up!("AsyncMPClient init", "vllm.v1.engine.core_client"),
    start_up!("EngineCoreProc init", "vllm.v1.engine.core"),
    start_up!("Prepare model", "vllm.v1.engine.core"),
    start_up!("Executor init", "vllm.v1.executor.abstract"),
    start_up!(
        "Worker init",
        "vllm.v1.executor.multiproc_executor",
        "vllm.v1.worker.worker_base"
    ),
    start_up!("Load model", "vllm.model_executor.model_loader.base_loader"),
    start_up!("Initialize model", "vllm.model_executor.model_loader.utils"),
    start_up!(
        "Load weights",
        "vllm.model_executor.model_loader.default_loader"
    ),
    start_up!("Loading (CPU)", "vllm.v1.worker.cpu_model_runner"),
    start_up!("Warmup (CPU)", "vllm.v1.worker.cpu_model_runner"),
    start_up!("Allocate KV cache", "vllm.v1.worker.gpu_worker"),
    start_up_from_code("API server setup"),
    start_up_from_code("SyncMPClient init"),
    start_up_from_code("Init device"),
    start_up_from_code("Download weights - HF"),
    start_up_from_code("Loading (GPU)"),
    start_up_from_code("Compile graph"),
    start_up_from_code("Inductor compilation"),
    start_up_from_code("Dynamo bytecode transform"),
    start_up_from_code("Capture model"),
    start_up_from_code("Warmup (GPU)"),
    start_up_from_code("DeepGemm warmup"),
    fastapi(
        Name::MethodAndRoute,
        SpanKind::Server,
        FASTAPI_SERVER_ATTRIBUTES,
    ),
    fastapi(
        Name::Exact("fastapi.dependencies"),
        SpanKind::Internal,
        FASTAPI_STEP_ATTRIBUTES,
    ),
    fastapi(
        Name::Exact("fastapi.endpoint"),
        SpanKind::Internal,
        FASTAPI_STEP_ATTRIBUTES,
    ),
    fastapi(
        Name::Exact("fastapi.serialization"),
        SpanKind::Internal,
        FASTAPI_STEP_ATTRIBUTES,
    ),
];

/// The spans `version` can send.
pub fn spans_at(version: Version) -> impl Iterator<Item = &'static Span> {
    SPANS
        .iter()
        .filter(move |span| span.releases.holds(version))
}

/// The span of this name and scope in `version`.
///
/// ```
/// use vllm_catalog::{Role, Version, span};
/// let role = |name, scope| span(name, scope, Version::new(0, 20, 2)).map(|span| span.role);
/// assert_eq!(role("llm_request", "vllm.tracing.otel"), Some(Role::Request));
/// assert_eq!(role("POST /v1/completions", "fastapi"), Some(Role::FastApi));
/// assert_eq!(role("llm_request", "someone.else"), None);
/// ```
#[must_use]
pub fn span(name: &str, scope: &str, version: Version) -> Option<&'static Span> {
    spans_at(version).find(|span| span.name.is(name) && span.in_scope(scope, version))
}

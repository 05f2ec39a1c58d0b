//! The metric families, as vLLM names them.
//!
//! Sources: the captured bodies in `tests/fixtures/vllm` ([`Source::Captured`]: type, labels, values, bounds as seen; the tests compare every
//! one), and the names defined in the sources of 13 releases, `families-by-version-source.tsv` ([`Source::Code`]: not seen exported). The
//! first and last release of a family come from the latter.

use crate::bounds::{
    Bounds, HTTP_BY_HANDLER, HTTP_HIGH_RESOLUTION, INTER_TOKEN_LATENCY, ITERATION_TOKENS, KV_BLOCK,
    PARAMS_N, PREEMPTIONS, REQUEST_LATENCY, TIME_TO_FIRST_TOKEN, TOKENS,
};
use crate::metric::{Family, Kind, Label, Presence, Source, Unit, Value, Values};
use crate::version::{Releases, Version};

const V0_10_2: Version = Version::new(0, 10, 2);
const V0_11_2: Version = Version::new(0, 11, 2);
const V0_13_0: Version = Version::new(0, 13, 0);
const V0_16_0: Version = Version::new(0, 16, 0);
const V0_18_1: Version = Version::new(0, 18, 1);
const V0_20_2: Version = Version::new(0, 20, 2);
const V0_25_1: Version = Version::new(0, 25, 1);
const V0_30_0: Version = Version::new(0, 30, 0);
const V0_32_0: Version = Version::new(0, 32, 0);
const V0_33_0: Version = Version::new(0, 33, 0);

/// The label that tells the engines of one server apart: `"0"`, `"1"`, …, one per data-parallel rank, all scraped from one port.
///
/// In 0.32.0 and 0.33.0 with data parallelism, the families of [`NO_SERIES_BEFORE_FIRST_REQUEST`] have no series before the first request.
pub const ENGINE_LABEL: &str = "engine";

/// The label with the served model's name: the first `--served-model-name`, never a LoRA adapter's.
pub const MODEL_LABEL: &str = "model_name";

/// Gauges that, with data parallelism, have HELP and TYPE lines but no series until the first request (seen in 0.32.0 and 0.33.0; 0.13.0
/// exported zeros). An alert on them must not read their absence as an outage.
pub static NO_SERIES_BEFORE_FIRST_REQUEST: &[&str] = &[
    "vllm:num_requests_running",
    "vllm:num_requests_waiting",
    "vllm:num_requests_waiting_by_reason",
    "vllm:kv_cache_usage_perc",
];

/// Beginnings of the names of optional subsystems' families (KV transfer and offload, realtime sockets, sleep mode) that are not described
/// here because no server was seen exporting them: they are vLLM's, but nothing is said about their types and labels.
pub static UNDESCRIBED_PREFIXES: &[&str] = &[
    "vllm:nixl_",
    "vllm:kv_offload_",
    "vllm:mooncake_",
    "vllm:hf3fs_",
    "vllm:hisparse_",
    "vllm:websocket_",
    "vllm:sleep_mode_",
    "vllm:umbp_",
];

const fn value(text: &'static str) -> Value {
    Value {
        text,
        releases: Releases::ALWAYS,
    }
}

const fn label(name: &'static str, values: Values) -> Label {
    Label {
        name,
        values,
        releases: Releases::ALWAYS,
    }
}

const ENGINE: Label = label(ENGINE_LABEL, Values::Index);
const MODEL: Label = label(MODEL_LABEL, Values::Any);
const BASE: &[Label] = &[ENGINE, MODEL];
const HANDLER: Label = label("handler", Values::Any);
const METHOD: Label = label("method", Values::Any);

/// Why a request ended. A client that goes away is not counted at all: `abort` stays 0 for it.
static FINISHED_REASON: &[Value] = &[
    value("stop"),
    value("length"),
    value("abort"),
    Value {
        text: "error",
        releases: Releases::since(V0_13_0),
    },
    Value {
        text: "repetition",
        releases: Releases::since(V0_20_2),
    },
];
static WAITING_REASON: &[Value] = &[value("capacity"), value("deferred")];
static SLEEP_STATE: &[Value] = &[
    value("awake"),
    value("weights_offloaded"),
    value("discard_all"),
];
static PROMPT_SOURCE: &[Value] = &[
    value("local_compute"),
    value("local_cache_hit"),
    value("external_kv_transfer"),
];
static CACHE_TIER: &[Value] = &[
    value("device"),
    value("host"),
    value("p2p"),
    value("disk"),
    value("external_unspecified"),
];
static REJECTION: &[Value] = &[value("max_num_queued_reqs"), value("max_num_queued_tokens")];
static FETCH_STAGE: &[Value] = &[
    value("waiting_to_start"),
    value("in_progress"),
    value("completed_waiting"),
];
static WATERMARK: &[Value] = &[
    value("watermarked"),
    value("skipped"),
    value("not_watermarked"),
];
static TOOL_MODE: &[Value] = &[value("streaming"), value("non_streaming")];
static TOOL_OUTCOME: &[Value] = &[value("tool_call"), value("no_tool_call")];
static TOOL_REQUEST: &[Value] = &[
    value("chat_completions"),
    value("responses"),
    value("other"),
];

/// A label of `cache_config_info`, whose labels are the fields of vLLM's `CacheConfig`: the one place where labels differ by release.
/// Ranges are between captured releases.
const fn field(name: &'static str, releases: Releases) -> Label {
    Label {
        name,
        values: Values::Any,
        releases,
    }
}

static CACHE_CONFIG: &[Label] = &[
    ENGINE,
    field("block_size", Releases::ALWAYS),
    field("cache_dtype", Releases::ALWAYS),
    field("enable_prefix_caching", Releases::ALWAYS),
    field("gpu_memory_utilization", Releases::ALWAYS),
    field("is_attention_free", Releases::ALWAYS),
    field("kv_cache_memory_bytes", Releases::ALWAYS),
    field("kv_sharing_fast_prefill", Releases::ALWAYS),
    field("mamba_cache_dtype", Releases::ALWAYS),
    field("mamba_page_size_padded", Releases::ALWAYS),
    field("mamba_ssm_cache_dtype", Releases::ALWAYS),
    field("num_cpu_blocks", Releases::ALWAYS),
    field("num_gpu_blocks", Releases::ALWAYS),
    field("num_gpu_blocks_override", Releases::ALWAYS),
    field("prefix_caching_hash_algo", Releases::ALWAYS),
    field("sliding_window", Releases::ALWAYS),
    field(
        "cpu_kvcache_space_bytes",
        Releases::between(Version::OLDEST, V0_20_2),
    ),
    field(
        "cpu_offload_gb",
        Releases::between(Version::OLDEST, V0_20_2),
    ),
    field("swap_space", Releases::between(Version::OLDEST, V0_20_2)),
    field(
        "swap_space_bytes",
        Releases::between(Version::OLDEST, V0_20_2),
    ),
    field(
        "calculate_kv_scales",
        Releases::between(Version::OLDEST, V0_32_0),
    ),
    field(
        "user_specified_mamba_block_size",
        Releases::between(V0_20_2, V0_32_0),
    ),
    field("_block_size_resolved", Releases::since(V0_20_2)),
    field("hash_block_size", Releases::since(V0_20_2)),
    field("kv_cache_dtype_skip_layers", Releases::since(V0_20_2)),
    field("kv_offloading_backend", Releases::since(V0_20_2)),
    field("kv_offloading_size", Releases::since(V0_20_2)),
    field("mamba_block_size", Releases::since(V0_20_2)),
    field("mamba_cache_mode", Releases::since(V0_20_2)),
    field("user_specified_block_size", Releases::since(V0_20_2)),
    field("cache_hit_alignment_tokens", Releases::since(V0_32_0)),
    field("effective_attention_block_size", Releases::since(V0_32_0)),
    field(
        "enable_mamba_shared_prefix_checkpoint",
        Releases::since(V0_32_0),
    ),
    field("kv_cache_layout", Releases::since(V0_32_0)),
    field("kv_cache_max_concurrency", Releases::since(V0_32_0)),
    field("kv_cache_size_tokens", Releases::since(V0_32_0)),
    field("prefix_cache_retention_interval", Releases::since(V0_32_0)),
    field("prefix_match_unit", Releases::since(V0_32_0)),
    field("replayssm_buffer_len", Releases::since(V0_32_0)),
    field("skip_page_size_padded", Releases::since(V0_32_0)),
    field("swa_bounded_replay", Releases::since(V0_32_0)),
    field("use_kda_recoverssm", Releases::since(V0_32_0)),
    field("use_replayssm", Releases::since(V0_32_0)),
    field("simple_cpu_offload_num_blocks", Releases::since(V0_33_0)),
];

const fn new_family(name: &'static str, kind: Kind, unit: Unit) -> Family {
    Family {
        name,
        kind,
        unit,
        labels: BASE,
        bounds: None,
        releases: Releases::ALWAYS,
        presence: Presence::Always,
        source: Source::Captured,
    }
}

const fn counter(name: &'static str, unit: Unit) -> Family {
    new_family(name, Kind::Counter, unit)
}

const fn gauge(name: &'static str, unit: Unit) -> Family {
    new_family(name, Kind::Gauge, unit)
}

const fn histogram(name: &'static str, unit: Unit, bounds: &'static Bounds) -> Family {
    Family {
        bounds: Some(bounds),
        ..new_family(name, Kind::Histogram, unit)
    }
}

impl Family {
    const fn since(self, since: Version) -> Self {
        Self {
            releases: Releases::since(since),
            ..self
        }
    }

    const fn between(self, since: Version, until: Version) -> Self {
        Self {
            releases: Releases::between(since, until),
            ..self
        }
    }

    const fn labels(self, labels: &'static [Label]) -> Self {
        Self { labels, ..self }
    }

    const fn when(self, why: &'static str) -> Self {
        Self {
            presence: Presence::Optional(why),
            ..self
        }
    }

    const fn presence(self, presence: Presence) -> Self {
        Self { presence, ..self }
    }

    /// Known from the sources only.
    const fn known_from_source(self) -> Self {
        Self {
            source: Source::Code,
            ..self
        }
    }
}

const SPECULATIVE: &str = "--speculative-config";
const KV_CACHE_METRICS: &str =
    "--kv-cache-metrics (sampled, 1 % of blocks unless --kv-cache-metrics-sample says otherwise)";
const DIFFUSION: &str = "a diffusion language model";

/// Every family described, `*_created` apart ([`Family::created_name`]).
pub static FAMILIES: &[Family] = &[
    // What the scheduler holds now.
    gauge("vllm:num_requests_running", Unit::Requests),
    gauge("vllm:num_requests_waiting", Unit::Requests),
    gauge("vllm:num_requests_waiting_by_reason", Unit::Requests)
        .labels(&[
            ENGINE,
            MODEL,
            label("reason", Values::OneOf(WAITING_REASON)),
        ])
        .since(V0_20_2),
    gauge("vllm:num_requests_kv_fetch_by_stage", Unit::Requests)
        .labels(&[ENGINE, MODEL, label("stage", Values::OneOf(FETCH_STAGE))])
        .since(V0_32_0)
        .when("a KV connector that fetches (--kv-transfer-config, consumer)")
        .known_from_source(),
    gauge("vllm:engine_sleep_state", Unit::Flag)
        .labels(&[
            ENGINE,
            MODEL,
            label("sleep_state", Values::OneOf(SLEEP_STATE)),
        ])
        .since(V0_11_2),
    gauge("vllm:kv_cache_usage_perc", Unit::Ratio),
    gauge("vllm:gpu_cache_usage_perc", Unit::Ratio).between(Version::OLDEST, V0_13_0),
    gauge("vllm:cache_config_info", Unit::Info).labels(CACHE_CONFIG),
    gauge("vllm:lora_requests_info", Unit::Seconds)
        .labels(&[
            label("max_lora", Values::Any),
            label("running_lora_adapters", Values::Any),
            label("waiting_lora_adapters", Values::Any),
        ])
        .when("--enable-lora"),
    // Caches. Up to about 0.25 a waiting request is counted again at every scheduling try, so that the hit ratio means nothing under pressure.
    counter("vllm:prefix_cache_queries_total", Unit::Tokens),
    counter("vllm:prefix_cache_hits_total", Unit::Tokens),
    counter("vllm:gpu_prefix_cache_queries_total", Unit::Tokens).between(Version::OLDEST, V0_13_0),
    counter("vllm:gpu_prefix_cache_hits_total", Unit::Tokens).between(Version::OLDEST, V0_13_0),
    counter("vllm:external_prefix_cache_queries_total", Unit::Tokens).since(V0_11_2),
    counter("vllm:external_prefix_cache_hits_total", Unit::Tokens).since(V0_11_2),
    counter("vllm:mm_cache_queries_total", Unit::Count).since(V0_11_2),
    counter("vllm:mm_cache_hits_total", Unit::Count).since(V0_11_2),
    // Work done.
    counter("vllm:num_preemptions_total", Unit::Count),
    counter("vllm:prompt_tokens_total", Unit::Tokens),
    counter("vllm:prompt_tokens_by_source_total", Unit::Tokens)
        .labels(&[ENGINE, MODEL, label("source", Values::OneOf(PROMPT_SOURCE))])
        .since(V0_16_0),
    counter("vllm:prompt_tokens_cached_total", Unit::Tokens).since(V0_16_0),
    counter("vllm:prompt_tokens_cached_by_source_total", Unit::Tokens)
        .labels(&[ENGINE, MODEL, label("source", Values::OneOf(CACHE_TIER))])
        .since(V0_32_0),
    counter("vllm:prompt_tokens_recomputed_total", Unit::Tokens)
        .between(V0_16_0, V0_20_2)
        .known_from_source(),
    counter("vllm:generation_tokens_total", Unit::Tokens),
    counter("vllm:request_success_total", Unit::Requests).labels(&[
        ENGINE,
        MODEL,
        label("finished_reason", Values::OneOf(FINISHED_REASON)),
    ]),
    // Rejected before an engine is chosen: no engine label.
    counter("vllm:admission_rejections_total", Unit::Requests)
        .labels(&[MODEL, label("reason", Values::OneOf(REJECTION))])
        .since(V0_32_0),
    counter("vllm:corrupted_requests_total", Unit::Requests)
        .since(V0_11_2)
        .when("VLLM_COMPUTE_NANS_IN_LOGITS=1"),
    counter("vllm:watermark_requests_total", Unit::Requests)
        .labels(&[ENGINE, MODEL, label("status", Values::OneOf(WATERMARK))])
        .since(V0_32_0)
        .when("a watermark configuration")
        .known_from_source(),
    counter("vllm:tool_call_parser_invocations_total", Unit::Requests)
        .labels(&[
            MODEL,
            label("mode", Values::OneOf(TOOL_MODE)),
            label("outcome", Values::OneOf(TOOL_OUTCOME)),
            label("request_type", Values::OneOf(TOOL_REQUEST)),
        ])
        .since(V0_32_0)
        .when("--enable-auto-tool-choice")
        .known_from_source(),
    // Always there; they move only with --enable-mfu-metrics.
    counter("vllm:estimated_flops_per_gpu_total", Unit::Flops).since(V0_18_1),
    counter("vllm:estimated_read_bytes_per_gpu_total", Unit::Bytes).since(V0_18_1),
    counter("vllm:estimated_write_bytes_per_gpu_total", Unit::Bytes).since(V0_18_1),
    counter("vllm:spec_decode_num_drafts_total", Unit::Count).when(SPECULATIVE),
    counter("vllm:spec_decode_num_draft_tokens_total", Unit::Tokens).when(SPECULATIVE),
    counter("vllm:spec_decode_num_accepted_tokens_total", Unit::Tokens).when(SPECULATIVE),
    counter(
        "vllm:spec_decode_num_accepted_tokens_per_pos_total",
        Unit::Tokens,
    )
    .labels(&[ENGINE, MODEL, label("position", Values::Index)])
    .when(SPECULATIVE),
    counter("vllm:diffusion_num_denoising_steps_total", Unit::Count)
        .since(V0_25_1)
        .when(DIFFUSION)
        .known_from_source(),
    counter("vllm:diffusion_num_canvas_positions_total", Unit::Count)
        .since(V0_25_1)
        .when(DIFFUSION)
        .known_from_source(),
    counter("vllm:diffusion_num_committed_tokens_total", Unit::Tokens)
        .since(V0_25_1)
        .when(DIFFUSION)
        .known_from_source(),
    // Latencies. Observed when a request ends, except the first token (when it comes, also for requests that are aborted later) and the
    // time between tokens (each engine step of each request).
    histogram(
        "vllm:e2e_request_latency_seconds",
        Unit::Seconds,
        &REQUEST_LATENCY,
    ),
    histogram(
        "vllm:time_to_first_token_seconds",
        Unit::Seconds,
        &TIME_TO_FIRST_TOKEN,
    ),
    histogram(
        "vllm:inter_token_latency_seconds",
        Unit::Seconds,
        &INTER_TOKEN_LATENCY,
    )
    .since(V0_10_2),
    histogram(
        "vllm:time_per_output_token_seconds",
        Unit::Seconds,
        &INTER_TOKEN_LATENCY,
    )
    .between(Version::OLDEST, V0_16_0),
    histogram(
        "vllm:request_time_per_output_token_seconds",
        Unit::Seconds,
        &INTER_TOKEN_LATENCY,
    )
    .since(V0_11_2),
    histogram(
        "vllm:request_queue_time_seconds",
        Unit::Seconds,
        &REQUEST_LATENCY,
    ),
    histogram(
        "vllm:request_inference_time_seconds",
        Unit::Seconds,
        &REQUEST_LATENCY,
    ),
    histogram(
        "vllm:request_prefill_time_seconds",
        Unit::Seconds,
        &REQUEST_LATENCY,
    ),
    histogram(
        "vllm:request_decode_time_seconds",
        Unit::Seconds,
        &REQUEST_LATENCY,
    ),
    // Sizes.
    histogram("vllm:request_prompt_tokens", Unit::Tokens, &TOKENS),
    histogram("vllm:request_generation_tokens", Unit::Tokens, &TOKENS),
    histogram(
        "vllm:request_max_num_generation_tokens",
        Unit::Tokens,
        &TOKENS,
    ),
    histogram("vllm:request_params_max_tokens", Unit::Tokens, &TOKENS),
    histogram(
        "vllm:request_prefill_kv_computed_tokens",
        Unit::Tokens,
        &TOKENS,
    )
    .since(V0_13_0),
    histogram("vllm:request_params_n", Unit::Count, &PARAMS_N),
    histogram("vllm:request_num_preemptions", Unit::Count, &PREEMPTIONS).since(V0_30_0),
    // A histogram, whatever its name says.
    histogram(
        "vllm:iteration_tokens_total",
        Unit::Tokens,
        &ITERATION_TOKENS,
    ),
    histogram("vllm:kv_block_lifetime_seconds", Unit::Seconds, &KV_BLOCK)
        .since(V0_13_0)
        .when(KV_CACHE_METRICS),
    histogram(
        "vllm:kv_block_idle_before_evict_seconds",
        Unit::Seconds,
        &KV_BLOCK,
    )
    .since(V0_13_0)
    .when(KV_CACHE_METRICS),
    histogram("vllm:kv_block_reuse_gap_seconds", Unit::Seconds, &KV_BLOCK)
        .since(V0_13_0)
        .when(KV_CACHE_METRICS),
    // HTTP: series appear with the first request of their handler; /metrics, /health and their like are not counted.
    counter("http_requests_total", Unit::Requests)
        .labels(&[HANDLER, METHOD, label("status", Values::Any)])
        .presence(Presence::Http),
    new_family("http_request_size_bytes", Kind::Summary, Unit::Bytes)
        .labels(&[HANDLER])
        .presence(Presence::Http),
    new_family("http_response_size_bytes", Kind::Summary, Unit::Bytes)
        .labels(&[HANDLER])
        .presence(Presence::Http),
    histogram(
        "http_request_duration_seconds",
        Unit::Seconds,
        &HTTP_BY_HANDLER,
    )
    .labels(&[HANDLER, METHOD])
    .presence(Presence::Http),
    histogram(
        "http_request_duration_highr_seconds",
        Unit::Seconds,
        &HTTP_HIGH_RESOLUTION,
    )
    .labels(&[])
    .presence(Presence::Http),
    // The Python client's own.
    counter("python_gc_objects_collected_total", Unit::Count)
        .labels(&[label("generation", Values::Index)])
        .presence(Presence::Process),
    counter("python_gc_objects_uncollectable_total", Unit::Count)
        .labels(&[label("generation", Values::Index)])
        .presence(Presence::Process),
    counter("python_gc_collections_total", Unit::Count)
        .labels(&[label("generation", Values::Index)])
        .presence(Presence::Process),
    gauge("python_info", Unit::Info)
        .labels(&[
            label("implementation", Values::Any),
            label("major", Values::Any),
            label("minor", Values::Any),
            label("patchlevel", Values::Any),
            label("version", Values::Any),
        ])
        .presence(Presence::Process),
    gauge("process_virtual_memory_bytes", Unit::Bytes)
        .labels(&[])
        .presence(Presence::Process),
    gauge("process_resident_memory_bytes", Unit::Bytes)
        .labels(&[])
        .presence(Presence::Process),
    gauge("process_start_time_seconds", Unit::Seconds)
        .labels(&[])
        .presence(Presence::Process),
    counter("process_cpu_seconds_total", Unit::Seconds)
        .labels(&[])
        .presence(Presence::Process),
    gauge("process_open_fds", Unit::Count)
        .labels(&[])
        .presence(Presence::Process),
    gauge("process_max_fds", Unit::Count)
        .labels(&[])
        .presence(Presence::Process),
];

/// The families that `version` can export, optional ones included.
///
/// ```
/// use vllm_catalog::{Version, families_at};
/// let has = |version, name: &str| families_at(version).any(|family| family.name == name);
/// assert!(has(Version::new(0, 10, 2), "vllm:gpu_cache_usage_perc"));
/// assert!(!has(Version::new(0, 32, 0), "vllm:gpu_cache_usage_perc"));
/// ```
pub fn families_at(version: Version) -> impl Iterator<Item = &'static Family> {
    FAMILIES
        .iter()
        .filter(move |family| family.releases.holds(version))
}

/// The family of this exact name (the one in its `# TYPE` line), in whatever release.
#[must_use]
pub fn family(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.name == name)
}

/// The family a series belongs to: `vllm:e2e_request_latency_seconds_bucket` is of `vllm:e2e_request_latency_seconds`.
///
/// A creation time (`*_created`) is of the family whose creation it tells.
#[must_use]
pub fn family_of_series(series: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| {
        family.has_series(series)
            || (series.ends_with("_created") && family.created_name().as_deref() == Some(series))
    })
}

/// Whether a name belongs to a subsystem of vLLM that this catalogue does not describe ([`UNDESCRIBED_PREFIXES`]).
#[must_use]
pub fn is_undescribed(name: &str) -> bool {
    UNDESCRIBED_PREFIXES
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

//! Which number of the model stands behind which name.

use super::template::{Family, Labels};
use crate::model::{Config, Counter, Distribution};
use crate::numbers::python;

/// Where a sample's number comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    Fixed(f64),
    Running(usize),
    Waiting(usize),
    KvUsage(usize),
    Counter(usize, Counter),
    /// Of all engines together.
    Rejected,
    Bucket(usize, Distribution, usize),
    Count(usize, Distribution),
    Sum(usize, Distribution),
    CpuSeconds,
}

/// What a family's sample shows; `started` is seconds since 1970.
pub(super) fn scalar(family: &Family, labels: &Labels, engine: usize, started: f64) -> Value {
    use Counter as C;
    let label = |key: &str| {
        let found = labels.iter().find(|(name, _)| name == key);
        found.map_or("", |(_, value)| value.as_str())
    };
    let of = |counter| Value::Counter(engine, counter);
    let zero = Value::Fixed(0.0);
    let name = family.name.as_str();
    if name.ends_with("_created") || name == "process_start_time_seconds" {
        return Value::Fixed(started);
    }
    match name.strip_prefix("vllm:").unwrap_or(name) {
        "num_requests_running" => Value::Running(engine),
        "num_requests_waiting" => Value::Waiting(engine),
        "num_requests_waiting_by_reason" if label("reason") == "capacity" => Value::Waiting(engine),
        "engine_sleep_state" if label("sleep_state") == "awake" => Value::Fixed(1.0),
        "kv_cache_usage_perc" => Value::KvUsage(engine),
        "cache_config_info" => Value::Fixed(1.0),
        "prefix_cache_queries_total" => of(C::PrefixQueries),
        "prefix_cache_hits_total" => of(C::PrefixHits),
        "num_preemptions_total" => of(C::Preemptions),
        "prompt_tokens_total" => of(C::PromptTokens),
        "prompt_tokens_by_source_total" => match label("source") {
            "local_compute" => of(C::PromptComputed),
            "local_cache_hit" => of(C::PromptCached),
            _ => zero,
        },
        "prompt_tokens_cached_total" => of(C::PromptCached),
        "prompt_tokens_cached_by_source_total" if label("source") == "device" => of(C::PrefixHits),
        "generation_tokens_total" => of(C::GenerationTokens),
        "request_success_total" => match label("finished_reason") {
            "stop" => of(C::Stop),
            "length" => of(C::Length),
            "error" => of(C::Error),
            _ => zero,
        },
        "admission_rejections_total" if label("reason") == "max_num_queued_reqs" => Value::Rejected,
        "spec_decode_num_drafts_total" => of(C::Drafts),
        "spec_decode_num_draft_tokens_total" => of(C::DraftTokens),
        "spec_decode_num_accepted_tokens_total" => of(C::AcceptedTokens),
        "spec_decode_num_accepted_tokens_per_pos_total" => match label("position") {
            "0" => of(C::AcceptedFirst),
            "1" => of(C::AcceptedSecond),
            _ => of(C::AcceptedThird),
        },
        "process_cpu_seconds_total" => Value::CpuSeconds,
        name if name.starts_with("python_") || name.starts_with("process_") => {
            Value::Fixed(family.value)
        }
        _ => zero,
    }
}

/// What `cache_config_info` says of our configuration in place of the captured server's.
pub(super) fn configured(key: &str, value: &mut String, config: &Config) {
    let tokens = config.num_gpu_blocks * config.block_size;
    match key {
        "block_size" | "effective_attention_block_size" => *value = config.block_size.to_string(),
        "num_gpu_blocks" => *value = config.num_gpu_blocks.to_string(),
        "kv_cache_size_tokens" => *value = tokens.to_string(),
        "kv_cache_max_concurrency" => {
            *value = python(tokens as f64 / config.max_model_len as f64);
        }
        "num_gpu_blocks_override" | "kv_cache_memory_bytes" => "None".clone_into(value),
        "enable_prefix_caching" => {
            let word = if config.prefix_caching {
                "True"
            } else {
                "False"
            };
            word.clone_into(value);
        }
        _ => {}
    }
}

/// The histogram of this name.
pub(super) fn distribution(name: &str) -> Option<Distribution> {
    use Distribution as D;
    Some(match name.strip_prefix("vllm:")? {
        "e2e_request_latency_seconds" => D::E2e,
        "time_to_first_token_seconds" => D::TimeToFirstToken,
        "inter_token_latency_seconds" => D::InterToken,
        "request_time_per_output_token_seconds" => D::TimePerOutputToken,
        "request_queue_time_seconds" => D::Queue,
        "request_inference_time_seconds" => D::Inference,
        "request_prefill_time_seconds" => D::Prefill,
        "request_decode_time_seconds" => D::Decode,
        "request_prompt_tokens" => D::PromptTokens,
        "request_generation_tokens" => D::GenerationTokens,
        "request_max_num_generation_tokens" => D::MaxGenerationTokens,
        "request_params_max_tokens" => D::MaxTokens,
        "request_prefill_kv_computed_tokens" => D::PrefillComputed,
        "request_params_n" => D::N,
        "request_num_preemptions" => D::RequestPreemptions,
        "iteration_tokens_total" => D::IterationTokens,
        _ => return None,
    })
}

//! `/metrics`, in the shape of a captured body.
//!
//! The captured body itself is the template: families, their order, HELP texts, label names and the
//! closed label values are read from it, so that no such fact stands twice. Only numbers, the
//! model's name, engines and what `cache_config_info` tells of our configuration are put in.

use std::fmt::Write;
use std::sync::OnceLock;

use vllm_catalog::{ENGINE_LABEL, MODEL_LABEL, NO_SERIES_BEFORE_FIRST_REQUEST, le_text};

use crate::http_stats::HttpStats;
use crate::model::{Config, Counter, Distribution, Histogram, Stats};
use crate::numbers::python;

/// A real body with every family of ours; optional ones beyond speculative decoding are left out.
const TEMPLATE: &str = include_str!("../../fixtures/vllm/0.33.0/optional/metrics-loaded-1.txt");

/// `Content-Type` of the captured answer.
pub const CONTENT_TYPE: &str = "text/plain; version=1.0.0; charset=utf-8";

type Labels = Vec<(String, String)>;

#[derive(Debug)]
struct Family {
    name: String,
    help: String,
    kind: String,
    /// Label sets without `le`, each once.
    children: Vec<Labels>,
    /// The value of the first sample, for what never moves.
    value: f64,
}

fn template() -> &'static [Family] {
    static PARSED: OnceLock<Vec<Family>> = OnceLock::new();
    PARSED.get_or_init(|| parse(TEMPLATE))
}

fn parse(body: &str) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    for line in body.lines() {
        if let Some(text) = line.strip_prefix("# HELP ") {
            let (name, help) = text.split_once(' ').unwrap_or((text, ""));
            families.push(Family {
                name: name.to_owned(),
                help: help.to_owned(),
                kind: String::new(),
                children: Vec::new(),
                value: 0.0,
            });
            continue;
        }
        let Some(family) = families.last_mut() else {
            continue;
        };
        if let Some(text) = line.strip_prefix("# TYPE ") {
            family.kind = text.rsplit(' ').next().unwrap_or_default().to_owned();
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap_or((line, "0"));
        let labels: Labels = series
            .split_once('{')
            .map(|(_, rest)| rest.trim_end_matches('}'))
            .into_iter()
            .flat_map(|rest| rest.split("\","))
            .filter_map(|pair| pair.split_once("=\""))
            .map(|(key, value)| (key.to_owned(), value.trim_end_matches('"').to_owned()))
            .filter(|(key, _)| key != "le")
            .collect();
        if family.children.is_empty() {
            family.value = value.parse().unwrap_or(0.0);
        }
        if !family.children.contains(&labels) {
            family.children.push(labels);
        }
    }
    families
}

#[derive(Debug, Clone, Copy)]
enum Value {
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

#[derive(Debug)]
enum Line {
    Text(String),
    Sample {
        /// Name and labels, and a blank.
        series: String,
        value: Value,
        /// Not there before the first request.
        late: bool,
    },
}

/// The lines of one server's body.
#[derive(Debug)]
pub struct Layout {
    lines: Vec<Line>,
    single_process: bool,
    started: f64,
}

impl Layout {
    /// The body of a server with `engines` engines (more than one: data parallel, where vLLM has no
    /// `*_created`, `python_*` and `process_*`), started at `started` (seconds since 1970).
    #[must_use]
    pub fn new(model: &str, config: &Config, engines: usize, started: f64) -> Self {
        let mut layout = Self {
            lines: Vec::new(),
            single_process: engines == 1,
            started,
        };
        for family in template() {
            if layout.has(family, config) {
                layout.family(family, model, config, engines);
            }
        }
        layout
    }

    fn has(&self, family: &Family, config: &Config) -> bool {
        let name = family.name.as_str();
        let optional = name.starts_with("vllm:kv_block_") || name.starts_with("vllm:corrupted_");
        let of_one_process = name.starts_with("python_")
            || name.starts_with("process_")
            || name.ends_with("_created");
        !name.starts_with("http_")
            && !optional
            && (config.draft_tokens > 0 || !name.starts_with("vllm:spec_decode_"))
            && (self.single_process || !of_one_process)
    }

    fn family(&mut self, family: &Family, model: &str, config: &Config, engines: usize) {
        self.lines.push(Line::Text(header(family)));
        let name = family.name.as_str();
        let by_engine = family
            .children
            .iter()
            .flatten()
            .any(|(key, _)| key == ENGINE_LABEL);
        for engine in 0..if by_engine { engines } else { 1 } {
            for child in &family.children {
                let mut labels = child.clone();
                for (key, value) in &mut labels {
                    if key == ENGINE_LABEL {
                        *value = engine.to_string();
                    } else if key == MODEL_LABEL {
                        model.clone_into(value);
                    } else if name == "vllm:cache_config_info" {
                        configured(key, value, config);
                    }
                }
                match distribution(name).filter(|_| family.kind == "histogram") {
                    Some(which) => self.histogram(name, &labels, engine, which, config),
                    None => {
                        let value = self.scalar(family, &labels, engine);
                        self.sample(name, &labels, None, value);
                    }
                }
            }
        }
    }

    fn histogram(
        &mut self,
        name: &str,
        labels: &Labels,
        engine: usize,
        which: Distribution,
        config: &Config,
    ) {
        let empty = Stats::new(config.max_model_len);
        let bounds = empty.histogram(which).bounds.clone();
        let bucket = format!("{name}_bucket");
        for (index, bound) in bounds.iter().enumerate() {
            let le = le_text(*bound).python;
            self.sample(
                &bucket,
                labels,
                Some(&le),
                Value::Bucket(engine, which, index),
            );
        }
        let last = Value::Bucket(engine, which, bounds.len());
        self.sample(&bucket, labels, Some("+Inf"), last);
        self.sample(
            &format!("{name}_count"),
            labels,
            None,
            Value::Count(engine, which),
        );
        self.sample(
            &format!("{name}_sum"),
            labels,
            None,
            Value::Sum(engine, which),
        );
    }

    fn sample(&mut self, name: &str, labels: &Labels, le: Option<&str>, value: Value) {
        let late = !self.single_process && NO_SERIES_BEFORE_FIRST_REQUEST.contains(&name);
        self.lines.push(Line::Sample {
            series: series(name, labels, le),
            value,
            late,
        });
    }

    fn scalar(&self, family: &Family, labels: &Labels, engine: usize) -> Value {
        use Counter as C;
        let label = |key: &str| {
            let found = labels.iter().find(|(name, _)| name == key);
            found.map_or("", |(_, value)| value.as_str())
        };
        let of = |counter| Value::Counter(engine, counter);
        let zero = Value::Fixed(0.0);
        let name = family.name.as_str();
        if name.ends_with("_created") || name == "process_start_time_seconds" {
            return Value::Fixed(self.started);
        }
        match name.strip_prefix("vllm:").unwrap_or(name) {
            "num_requests_running" => Value::Running(engine),
            "num_requests_waiting" => Value::Waiting(engine),
            "num_requests_waiting_by_reason" if label("reason") == "capacity" => {
                Value::Waiting(engine)
            }
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
            "prompt_tokens_cached_by_source_total" if label("source") == "device" => {
                of(C::PrefixHits)
            }
            "generation_tokens_total" => of(C::GenerationTokens),
            "request_success_total" => match label("finished_reason") {
                "stop" => of(C::Stop),
                "length" => of(C::Length),
                "error" => of(C::Error),
                _ => zero,
            },
            "admission_rejections_total" if label("reason") == "max_num_queued_reqs" => {
                Value::Rejected
            }
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

    /// The body at `now` (seconds since 1970).
    #[must_use]
    pub fn render(&self, engines: &[&Stats], http: &HttpStats, now: f64) -> String {
        let mut out = String::with_capacity(64 << 10);
        let touched = engines.iter().any(|stats| stats.touched);
        let mut cumulated = 0;
        for line in &self.lines {
            let (series, value) = match line {
                Line::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Line::Sample { late: true, .. } if !touched => continue,
                Line::Sample { series, value, .. } => (series, *value),
            };
            let number = match value {
                Value::Fixed(number) => number,
                Value::Running(e) => engines[e].running as f64,
                Value::Waiting(e) => engines[e].waiting as f64,
                Value::KvUsage(e) => engines[e].kv_usage,
                Value::Counter(e, counter) => engines[e].counter(counter),
                Value::Rejected => engines.iter().map(|s| s.counter(Counter::Rejected)).sum(),
                Value::Bucket(e, which, index) => {
                    if index == 0 {
                        cumulated = 0;
                    }
                    cumulated += engines[e].histogram(which).counts[index];
                    cumulated as f64
                }
                Value::Count(e, which) => engines[e].histogram(which).count() as f64,
                Value::Sum(e, which) => engines[e].histogram(which).sum,
                Value::CpuSeconds => ((now - self.started) * 40.0).round() / 100.0,
            };
            out.push_str(series);
            out.push_str(&python(number));
            out.push('\n');
        }
        self.render_http(&mut out, http);
        out
    }

    fn render_http(&self, out: &mut String, http: &HttpStats) {
        for family in template().iter().filter(|f| f.name.starts_with("http_")) {
            let created = family.name.ends_with("_created");
            if created && !self.single_process {
                continue;
            }
            out.push_str(&header(family));
            let name = family.name.as_str();
            let number = |created_at: f64, value: f64| if created { created_at } else { value };
            match name.trim_end_matches("_created") {
                "http_requests_total" | "http_requests" => {
                    for entry in &http.requests {
                        let [handler, method, status] = entry.key;
                        let labels =
                            labels(&[("handler", handler), ("method", method), ("status", status)]);
                        put(
                            out,
                            name,
                            &labels,
                            None,
                            number(entry.created, entry.value as f64),
                        );
                    }
                }
                base @ ("http_request_size_bytes" | "http_response_size_bytes") => {
                    let which = 1 + usize::from(base == "http_response_size_bytes");
                    for entry in &http.sizes {
                        let labels = labels(&[("handler", entry.key)]);
                        if created {
                            put(out, name, &labels, None, entry.created);
                        } else {
                            let (count, sum) = (entry.value[0] as f64, entry.value[which] as f64);
                            put(out, &format!("{name}_count"), &labels, None, count);
                            put(out, &format!("{name}_sum"), &labels, None, sum);
                        }
                    }
                }
                "http_request_duration_highr_seconds" if created => {
                    put(out, name, &Labels::new(), None, self.started);
                }
                "http_request_duration_highr_seconds" => {
                    put_histogram(out, name, &Labels::new(), &http.high_resolution);
                }
                _ => {
                    for entry in &http.durations {
                        let [handler, method] = entry.key;
                        let labels = labels(&[("handler", handler), ("method", method)]);
                        if created {
                            put(out, name, &labels, None, entry.created);
                        } else {
                            put_histogram(out, name, &labels, &entry.value);
                        }
                    }
                }
            }
        }
    }
}

fn header(family: &Family) -> String {
    let Family {
        name, help, kind, ..
    } = family;
    format!("# HELP {name} {help}\n# TYPE {name} {kind}\n")
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

fn put(out: &mut String, name: &str, labels: &Labels, le: Option<&str>, value: f64) {
    let _ = writeln!(out, "{}{}", series(name, labels, le), python(value));
}

fn put_histogram(out: &mut String, name: &str, labels: &Labels, histogram: &Histogram) {
    let bucket = format!("{name}_bucket");
    let mut cumulated = 0;
    let bounds = histogram.bounds.iter().map(|b| le_text(*b).python);
    for (le, count) in bounds.chain(["+Inf".to_owned()]).zip(&histogram.counts) {
        cumulated += count;
        put(out, &bucket, labels, Some(&le), cumulated as f64);
    }
    put(
        out,
        &format!("{name}_count"),
        labels,
        None,
        histogram.count() as f64,
    );
    put(out, &format!("{name}_sum"), labels, None, histogram.sum);
}

/// Name and labels in the Python client's form, sorted by name, and a blank.
fn series(name: &str, labels: &Labels, le: Option<&str>) -> String {
    let mut all: Vec<(&str, &str)> = labels
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    if let Some(le) = le {
        all.push(("le", le));
        all.sort_unstable();
    }
    if all.is_empty() {
        return format!("{name} ");
    }
    let pairs: Vec<String> = all
        .iter()
        .map(|(key, value)| {
            let value = value
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            format!("{key}=\"{value}\"")
        })
        .collect();
    format!("{name}{{{}}} ", pairs.join(","))
}

/// What `cache_config_info` says of our configuration in place of the captured server's.
fn configured(key: &str, value: &mut String, config: &Config) {
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

fn distribution(name: &str) -> Option<Distribution> {
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

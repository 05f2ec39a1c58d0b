//! `/metrics`, in the shape of a captured body.
//!
//! The captured body itself is the template: families, their order, HELP texts, label names and the
//! closed label values are read from it, so that no such fact stands twice. Only numbers, the
//! model's name, engines and what `cache_config_info` tells of our configuration are put in.

mod http;
mod lora;
mod template;
mod text;
mod values;

use vllm_catalog::{ENGINE_LABEL, MODEL_LABEL, NO_SERIES_BEFORE_FIRST_REQUEST, le_text};

use self::template::{Family, Labels, template};
use self::text::{header, series};
use self::values::{Value, configured, distribution, scalar};
use crate::http_stats::HttpStats;
use crate::lora::LoraStats;
use crate::model::{Config, Counter, Distribution, Stats};
use crate::numbers::python;

/// `Content-Type` of the captured answer.
pub const CONTENT_TYPE: &str = "text/plain; version=1.0.0; charset=utf-8";

#[derive(Debug)]
enum Line {
    Text(String),
    /// What a server with adapters has here.
    Lora,
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
            if family.name == "vllm:cache_config_info" {
                layout.lines.push(Line::Lora);
            }
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
        self.lines
            .push(Line::Text(header(&family.name, &family.help, &family.kind)));
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
                        let value = scalar(family, &labels, engine, self.started);
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

    /// The body at `now` (seconds since 1970).
    #[must_use]
    pub fn render(
        &self,
        engines: &[&Stats],
        http: &HttpStats,
        lora: Option<&LoraStats>,
        now: f64,
    ) -> String {
        let mut out = String::with_capacity(64 << 10);
        let touched = engines.iter().any(|stats| stats.touched);
        let mut cumulated = 0;
        for line in &self.lines {
            let (series, value) = match line {
                Line::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Line::Lora => {
                    if let Some(lora) = lora {
                        lora::render(&mut out, lora);
                    }
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
        http::render(&mut out, http, self.single_process, self.started);
        out
    }
}

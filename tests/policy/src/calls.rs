//! Requests of a model at a time of a clock, through the policy: for what it learns and counts.

#![allow(clippy::panic)] // what a test would stop at

use std::sync::Arc;

use fastrand::Rng;
use sampling_policy_core::answer::Answer;
use sampling_policy_core::{Policy, State, describe, report, settings};
use serde_json::Value as Json;
use vllm_policy::record::{Circumstances, Wanted};
use vllm_policy::trace::{Span, Value};

/// Nanoseconds in a second.
pub const SECOND: u64 = 1_000_000_000;

/// Nanoseconds in a minute.
pub const MINUTE: u64 = 60 * SECOND;

/// Where the clock starts: the beginning of a minute in 2026.
pub const START: u64 = 29_924_640 * MINUTE;

/// A request as vLLM reports it, in seconds and tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Call<'a> {
    /// The model.
    pub model: &'a str,
    /// Time to first token.
    pub first_token: f64,
    /// Its part in the queue.
    pub queue: f64,
    /// Its part in prefill.
    pub prefill: f64,
    /// Time in decode.
    pub decode: f64,
    /// Tokens of the prompt.
    pub prompt: i64,
    /// Tokens of the answer.
    pub completion: i64,
}

impl Default for Call<'_> {
    fn default() -> Self {
        Self {
            model: "qwen3-8b",
            first_token: 0.2,
            queue: 0.01,
            prefill: 0.18,
            decode: 2.0,
            prompt: 800,
            completion: 101,
        }
    }
}

impl Call<'_> {
    /// Its span.
    #[must_use]
    pub fn span(&self) -> Span {
        let double = |key: &str, seconds| (format!("gen_ai.latency.{key}"), Value::Double(seconds));
        let int = |key: &str, tokens| (format!("gen_ai.usage.{key}"), Value::Int(tokens));
        let name = Value::Text(self.model.to_owned());
        Span {
            name: "llm_request".to_owned(),
            scope: "vllm.tracing.otel".to_owned(),
            status: 0,
            attributes: vec![
                double("time_to_first_token", self.first_token),
                double("e2e", self.first_token + self.decode),
                double("time_in_queue", self.queue),
                int("prompt_tokens", self.prompt),
                int("completion_tokens", self.completion),
                double("time_in_model_prefill", self.prefill),
                double("time_in_model_decode", self.decode),
            ],
            resource: Arc::new(vec![("gen_ai.response.model".to_owned(), name)]),
        }
    }
}

/// A span of a caller that failed with an HTTP status code.
#[must_use]
pub fn failed(code: i64) -> Span {
    let code = ("http.response.status_code".to_owned(), Value::Int(code));
    Span {
        name: "POST".to_owned(),
        scope: "gateway".to_owned(),
        attributes: vec![code],
        ..Span::default()
    }
}

/// The policy with a clock, natively.
pub struct Host {
    /// The policy.
    pub policy: Policy,
    /// What it learnt.
    pub state: Box<State>,
    /// The host's clock, unix nanoseconds.
    pub now: u64,
    /// Collectors that share the work.
    pub collectors: u32,
    wanted: Wanted,
    rng: Rng,
    record: Vec<u8>,
}

impl Host {
    /// With this settings document.
    ///
    /// # Panics
    /// When the document is refused.
    #[must_use]
    pub fn new(document: &str) -> Self {
        let (policy, wanted) = prepare(document);
        Self {
            policy,
            wanted,
            state: Box::new(State::EMPTY),
            now: START,
            collectors: 1,
            rng: Rng::with_seed(11),
            record: Vec::new(),
        }
    }

    /// Puts another document in force; what is learnt stays.
    ///
    /// # Panics
    /// When the document is refused.
    pub fn configure(&mut self, document: &str) {
        (self.policy, self.wanted) = prepare(document);
    }

    /// Decides on a trace of a random id.
    pub fn decide(&mut self, trace: &[Span]) -> Answer {
        let id = self.rng.u128(..).to_be_bytes();
        self.decide_on(id, trace)
    }

    /// Decides on a trace.
    ///
    /// # Panics
    /// When the policy calls the record malformed.
    pub fn decide_on(&mut self, trace_id: [u8; 16], trace: &[Span]) -> Answer {
        let of = Circumstances {
            now: self.now,
            trace_id,
            shards: 1,
            collectors: self.collectors,
        };
        self.wanted.encode(trace, &of, &mut self.record);
        let decided = self.policy.evaluate(&mut self.state, &mut self.record);
        assert_eq!(decided, Ok(()));
        Answer::read(&self.record).unwrap_or(Answer::NOT_SAMPLED)
    }

    /// The record of the last decision, with its answer.
    #[must_use]
    pub fn record(&self) -> &[u8] {
        &self.record
    }

    /// Decides on a request that is a trace of its own.
    pub fn call(&mut self, call: &Call<'_>) -> Answer {
        self.decide(&[call.span()])
    }

    /// The name of an answer's reason, empty without one.
    #[must_use]
    pub fn reason(&self, answer: &Answer) -> &str {
        let at = (answer.reason as usize).checked_sub(1);
        at.map_or("", |at| self.wanted.reasons[at].as_str())
    }

    /// The name of an answer's cause, empty without one.
    #[must_use]
    pub fn cause(&self, answer: &Answer) -> &str {
        let at = (answer.cause as usize).checked_sub(1);
        at.map_or("", |at| self.wanted.causes[at].as_str())
    }

    /// A gauge of these labels.
    ///
    /// # Panics
    /// When the report is no JSON.
    #[must_use]
    pub fn gauge(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let report: Json = match serde_json::from_str(&report(&self.state)) {
            Ok(report) => report,
            Err(error) => panic!("{error}"),
        };
        let gauges = report["gauges"].as_array().into_iter().flatten();
        let has = |gauge: &&Json| {
            let labelled = |(key, value): &(&str, &str)| gauge["labels"][*key] == **value;
            gauge["name"] == name && labels.iter().all(labelled)
        };
        gauges.filter(has).find_map(|gauge| gauge["value"].as_f64())
    }
}

fn prepare(document: &str) -> (Policy, Wanted) {
    let settings = match settings::parse(document.as_bytes()) {
        Ok(settings) => settings,
        Err(mistakes) => panic!("{document}: {mistakes}"),
    };
    let wanted = match Wanted::from_description(&describe(&settings)) {
        Ok(wanted) => wanted,
        Err(error) => panic!("{error:#}"),
    };
    (Policy::new(settings), wanted)
}

/// A number with a standard normal distribution.
#[must_use]
pub fn normal(rng: &mut Rng) -> f64 {
    // The sum of twelve uniform numbers.
    (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0
}

//! What an engine counts.

use std::borrow::Cow;

use vllm_catalog::{
    Bounds, INTER_TOKEN_LATENCY, ITERATION_TOKENS, PARAMS_N, PREEMPTIONS, REQUEST_LATENCY,
    TIME_TO_FIRST_TOKEN, TOKENS,
};

/// Draft positions counted apart.
pub const POSITIONS: usize = 3;

/// A counter of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// Prompt tokens looked up in the prefix cache.
    PrefixQueries,
    /// Those found there.
    PrefixHits,
    /// Preemptions.
    Preemptions,
    /// Prompt tokens, cached ones included.
    PromptTokens,
    /// Prompt tokens computed.
    PromptComputed,
    /// Prompt tokens taken from the cache.
    PromptCached,
    /// Answer tokens.
    GenerationTokens,
    /// Requests that ended by themselves.
    Stop,
    /// Requests that ended at `max_tokens`.
    Length,
    /// Requests the engine failed.
    Error,
    /// Drafts of speculative decoding.
    Drafts,
    /// Their tokens.
    DraftTokens,
    /// Draft tokens accepted.
    AcceptedTokens,
    /// Those at position 0; the next ones follow.
    AcceptedFirst,
    /// At position 1.
    AcceptedSecond,
    /// At position 2.
    AcceptedThird,
    /// Rejected for `max_num_queued_reqs`.
    Rejected,
}

const COUNTERS: usize = Counter::Rejected as usize + 1;

/// A histogram of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distribution {
    /// Seconds, arrival to end.
    E2e,
    /// Seconds, arrival to first token.
    TimeToFirstToken,
    /// Seconds between steps of a sequence.
    InterToken,
    /// Seconds of decoding by tokens, a request.
    TimePerOutputToken,
    /// Seconds queued.
    Queue,
    /// Seconds scheduled.
    Inference,
    /// Seconds until the first token.
    Prefill,
    /// Seconds after it.
    Decode,
    /// Prompt tokens.
    PromptTokens,
    /// Answer tokens.
    GenerationTokens,
    /// The longest answer of a request's `n`.
    MaxGenerationTokens,
    /// `max_tokens`.
    MaxTokens,
    /// Prompt tokens computed.
    PrefillComputed,
    /// `n`.
    N,
    /// Preemptions of a request.
    RequestPreemptions,
    /// Tokens of a step.
    IterationTokens,
}

impl Distribution {
    const ALL: [Self; 16] = [
        Self::E2e,
        Self::TimeToFirstToken,
        Self::InterToken,
        Self::TimePerOutputToken,
        Self::Queue,
        Self::Inference,
        Self::Prefill,
        Self::Decode,
        Self::PromptTokens,
        Self::GenerationTokens,
        Self::MaxGenerationTokens,
        Self::MaxTokens,
        Self::PrefillComputed,
        Self::N,
        Self::RequestPreemptions,
        Self::IterationTokens,
    ];

    const fn bounds(self) -> &'static Bounds {
        match self {
            Self::E2e | Self::Queue | Self::Inference | Self::Prefill | Self::Decode => {
                &REQUEST_LATENCY
            }
            Self::TimeToFirstToken => &TIME_TO_FIRST_TOKEN,
            Self::InterToken | Self::TimePerOutputToken => &INTER_TOKEN_LATENCY,
            Self::N => &PARAMS_N,
            Self::RequestPreemptions => &PREEMPTIONS,
            Self::IterationTokens => &ITERATION_TOKENS,
            Self::PromptTokens
            | Self::GenerationTokens
            | Self::MaxGenerationTokens
            | Self::MaxTokens
            | Self::PrefillComputed => &TOKENS,
        }
    }
}

/// Observations by bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Finite upper bounds.
    pub bounds: Cow<'static, [f64]>,
    /// Observations of each bucket alone, `+Inf` last.
    pub counts: Vec<u64>,
    /// Sum of the observed values.
    pub sum: f64,
}

impl Histogram {
    /// An empty one.
    #[must_use]
    pub fn new(bounds: Cow<'static, [f64]>) -> Self {
        Self {
            counts: vec![0; bounds.len() + 1],
            bounds,
            sum: 0.0,
        }
    }

    /// Observes `value`, `times` times.
    pub fn observe(&mut self, value: f64, times: u64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.counts[bucket] += times;
        self.sum += value * times as f64;
    }

    /// Number of observations.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// All numbers of an engine, as its last step left them.
#[derive(Debug, Clone, PartialEq)]
pub struct Stats {
    counters: [f64; COUNTERS],
    histograms: Vec<Histogram>,
    /// Sequences that run.
    pub running: usize,
    /// Sequences that wait.
    pub waiting: usize,
    /// Share of the KV-cache in use, 0 to 1.
    pub kv_usage: f64,
    /// Whether a request was seen yet.
    pub touched: bool,
}

impl Stats {
    /// All zero.
    #[must_use]
    pub fn new(max_model_len: u64) -> Self {
        Self {
            counters: [0.0; COUNTERS],
            histograms: Distribution::ALL
                .iter()
                .map(|d| Histogram::new(d.bounds().finite(max_model_len)))
                .collect(),
            running: 0,
            waiting: 0,
            kv_usage: 0.0,
            touched: false,
        }
    }

    /// A counter's value.
    #[must_use]
    pub fn counter(&self, counter: Counter) -> f64 {
        self.counters[counter as usize]
    }

    /// A histogram.
    #[must_use]
    pub fn histogram(&self, distribution: Distribution) -> &Histogram {
        &self.histograms[distribution as usize]
    }

    pub(super) fn add(&mut self, counter: Counter, amount: u64) {
        self.counters[counter as usize] += amount as f64;
    }

    pub(super) fn add_accepted(&mut self, position: usize, amount: u64) {
        self.counters[Counter::AcceptedFirst as usize + position.min(POSITIONS - 1)] +=
            amount as f64;
    }

    pub(super) fn observe(&mut self, distribution: Distribution, value: f64) {
        self.observe_times(distribution, value, 1);
    }

    pub(super) fn observe_times(&mut self, distribution: Distribution, value: f64, times: u64) {
        self.histograms[distribution as usize].observe(value, times);
    }
}

//! Scenarios, and what each does to an engine.

use std::str::FromStr;

/// A state of the world that can be switched at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// Ordinary load; one request in a hundred takes minutes.
    Steady,
    /// More requests than the engines can take: queues grow.
    Rush,
    /// Long contexts hold the KV cache just under full.
    KvPressure,
    /// Short prompts with long answers outgrow the KV cache: running requests are thrown out again and again.
    PreemptionStorm,
    /// Every step takes 80 times as long.
    SlowDecode,
    /// The engine makes no step; `/health` stays 200 and requests pile up unseen.
    StalledEngine,
    /// The engine hangs on the first step after an idle moment: gauges stay at 0, `/health` stays 200,
    /// and clients give up.
    FrozenIdle,
    /// Of a server's data-parallel engines the last makes no step; the others go on, and share the pod's
    /// `/health` and counters of HTTP with it.
    EngineFrozen,
    /// The same at a moment at which that engine is idle: its gauges stay at 0.
    EngineFrozenIdle,
    /// One replica in four of each model is gone.
    ReplicaLoss,
    /// All replicas are gone.
    TotalOutage,
    /// Every server restarts: counters begin at 0, start-up spans are sent.
    Restart,
    /// Servers send no spans.
    TracingOff,
    /// A third of the requests fails in the engine.
    ErrorBurst,
    /// Load above capacity against a bounded queue: HTTP 503.
    AdmissionRejections,
    /// Servers run with speculative decoding.
    SpecDecode,
    /// Servers run with twelve LoRA adapters: a series of `vllm:lora_requests_info` for each combination
    /// that was seen, never removed.
    Lora,
}

impl Scenario {
    /// All, in the order of their keys in the demo.
    pub const ALL: [Self; 17] = [
        Self::Steady,
        Self::Rush,
        Self::KvPressure,
        Self::PreemptionStorm,
        Self::SlowDecode,
        Self::StalledEngine,
        Self::ReplicaLoss,
        Self::TotalOutage,
        Self::Restart,
        Self::TracingOff,
        Self::ErrorBurst,
        Self::AdmissionRejections,
        Self::SpecDecode,
        Self::FrozenIdle,
        Self::EngineFrozen,
        Self::EngineFrozenIdle,
        Self::Lora,
    ];

    /// Its name in HTTP, scripts and the demo.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Rush => "rush",
            Self::KvPressure => "kv-pressure",
            Self::PreemptionStorm => "preemption-storm",
            Self::SlowDecode => "slow-decode",
            Self::StalledEngine => "stalled-engine",
            Self::FrozenIdle => "frozen-idle",
            Self::EngineFrozen => "engine-frozen",
            Self::EngineFrozenIdle => "engine-frozen-idle",
            Self::Lora => "lora",
            Self::ReplicaLoss => "replica-loss",
            Self::TotalOutage => "total-outage",
            Self::Restart => "restart",
            Self::TracingOff => "tracing-off",
            Self::ErrorBurst => "error-burst",
            Self::AdmissionRejections => "admission-rejections",
            Self::SpecDecode => "spec-decode",
        }
    }

    /// What it does to an engine. Loss, outage, restart, tracing, speculative decoding and adapters are the
    /// server's.
    #[must_use]
    pub fn behaviour(self) -> Behaviour {
        let steady = Behaviour::default();
        match self {
            Self::Rush => Behaviour {
                load: 14.0,
                ..steady
            },
            Self::KvPressure => Behaviour {
                load: 20.0,
                prompt: 8.0,
                kv_ceiling: Some(0.95),
                ..steady
            },
            Self::PreemptionStorm => Behaviour {
                load: 12.0,
                prompt: 0.1,
                output: 12.0,
                ..steady
            },
            Self::SlowDecode => Behaviour {
                step: 80.0,
                ..steady
            },
            Self::StalledEngine => Behaviour {
                stalled: true,
                ..steady
            },
            Self::FrozenIdle => Behaviour {
                stalled: true,
                emptied: true,
                ..steady
            },
            Self::EngineFrozen => Behaviour {
                stalled: true,
                last_engine_only: true,
                ..steady
            },
            Self::EngineFrozenIdle => Behaviour {
                stalled: true,
                emptied: true,
                last_engine_only: true,
                ..steady
            },
            Self::ErrorBurst => Behaviour {
                error_share: 0.33,
                ..steady
            },
            Self::AdmissionRejections => Behaviour {
                load: 20.0,
                max_queued: Some(32),
                ..steady
            },
            _ => steady,
        }
    }
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|s| s.as_str() == text);
        known.copied().ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|s| s.as_str()).collect();
            format!(
                "scenario: found '{text}', expected one of {}",
                names.join(", ")
            )
        })
    }
}

/// How an engine and its clients behave; factors are of the ordinary.
#[derive(Debug, Clone, PartialEq)]
pub struct Behaviour {
    /// Of the arrival rate.
    pub load: f64,
    /// Of the prompts' lengths.
    pub prompt: f64,
    /// Of the answers' lengths.
    pub output: f64,
    /// Of the time a step takes.
    pub step: f64,
    /// Share of requests that the engine fails.
    pub error_share: f64,
    /// Clients hold back while the KV cache is fuller than this.
    pub kv_ceiling: Option<f64>,
    /// Requests that may wait; more are rejected.
    pub max_queued: Option<usize>,
    /// No step is made.
    pub stalled: bool,
    /// Whoever was served has left before: an idle moment.
    pub emptied: bool,
    /// Of a server's engines the last alone behaves like this.
    pub last_engine_only: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            load: 1.0,
            prompt: 1.0,
            output: 1.0,
            step: 1.0,
            error_share: 0.0,
            kv_ceiling: None,
            max_queued: None,
            stalled: false,
            emptied: false,
            last_engine_only: false,
        }
    }
}

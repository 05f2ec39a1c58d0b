//! The rules: one upper limit per latency that vLLM reports on a finished request.

/// How many limits there are.
pub const LIMITS: usize = 3;

/// A latency with a limit. Its name is the settings key and the reason of the answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Settings key, and the reason reported when the rule keeps a trace.
    pub name: &'static str,
    /// Span attribute, in seconds; vLLM sends a double.
    pub attribute: &'static str,
    /// Limit in seconds when the settings say nothing.
    pub default: f64,
}

/// The rules in the order of their slots and of their reasons.
pub const RULES: [Rule; LIMITS] = [
    Rule {
        name: "e2e_latency",
        attribute: "gen_ai.latency.e2e",
        default: 120.0,
    },
    Rule {
        name: "time_to_first_token",
        attribute: "gen_ai.latency.time_to_first_token",
        default: 10.0,
    },
    Rule {
        name: "decode_time",
        attribute: "gen_ai.latency.time_in_model_decode",
        default: 60.0,
    },
];

/// The span that vLLM writes for each finished request.
pub const SPAN_NAME: &str = "llm_request";

/// The instrumentation scopes of that span: `vllm.tracing.otel` since vLLM moved its tracing into a
/// package in early 2026, `vllm.llm_engine` before (the catalogue dates both). The scope tells it
/// from a span of the same name that an application wrote.
pub const SCOPES: [&str; 2] = ["vllm.tracing.otel", "vllm.llm_engine"];

/// A rule that is off: no value is greater.
pub const OFF: f64 = f64::INFINITY;

/// The limits in force: seconds in the order of [`RULES`], [`OFF`] for a rule that is off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits(pub [f64; LIMITS]);

impl Limits {
    /// The limits when the settings say nothing.
    pub const DEFAULT: Self = {
        let [e2e, first_token, decode] = RULES;
        Self([e2e.default, first_token.default, decode.default])
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

//! The truth of a request, for tests to compare with: one JSON object a line.

use serde::{Deserialize, Serialize};

/// What really became of a request. Times are virtual seconds, as vLLM measures them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// Served model.
    pub model: String,
    /// Pod.
    pub replica: String,
    /// `gen_ai.request.id`.
    pub id: String,
    /// Hex; `None` where no span was sent.
    pub trace_id: Option<String>,
    /// Hex; `None` where no span was sent.
    pub span_id: Option<String>,
    /// `stop`, `length`, `error`, `aborted`, `rejected`.
    pub outcome: String,
    /// Virtual second of its end.
    pub at: f64,
    /// Arrival to end; `None`, as all times, where a server measures nothing.
    pub e2e: Option<f64>,
    /// Arrival to first token.
    pub time_to_first_token: Option<f64>,
    /// First token to last.
    pub decode: Option<f64>,
    /// Prompt tokens.
    pub prompt_tokens: u64,
    /// Answer tokens.
    pub completion_tokens: u64,
    /// How often it was preempted.
    pub preemptions: u64,
}

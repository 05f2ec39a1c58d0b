//! A request, and what became of it.

/// How a request ends, in vLLM's words where it has one (`finished_reason`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The model said that it is done.
    Stop,
    /// `max_tokens` were reached.
    Length,
    /// The engine failed it.
    Error,
    /// The client went away: no observation at the end and no span.
    Aborted,
    /// The queue was full: HTTP 503, nothing reached the engine.
    Rejected,
}

impl End {
    /// The word in the truth and, for the first three, in the label `finished_reason`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::Error => "error",
            Self::Aborted => "aborted",
            Self::Rejected => "rejected",
        }
    }
}

/// What a client asks for, and what the model will answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Unique in its engine; the children of an `n` > 1 share it.
    pub id: u64,
    /// Virtual seconds.
    pub arrival: f64,
    /// Prompt tokens.
    pub prompt: u64,
    /// Tokens of the answer.
    pub output: u64,
    /// How it ends when nobody interferes.
    pub end: End,
    /// The client goes away after so many tokens of the answer.
    pub leaves_after: Option<u64>,
    /// `max_tokens`.
    pub max_tokens: u64,
    /// `temperature`.
    pub temperature: f64,
    /// `top_p`.
    pub top_p: f64,
    /// `n`.
    pub n: u64,
    /// The shared beginning of the prompt: which, and how many tokens.
    pub prefix: Option<(usize, u64)>,
    /// Asked at `/v1/chat/completions` rather than `/v1/completions`.
    pub chat: bool,
    /// The client outside that waits for it; `None` for own traffic.
    pub client: Option<u64>,
}

/// Seconds, measured as vLLM measures them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Times {
    /// Arrival to end.
    pub e2e: f64,
    /// Arrival to the first token.
    pub time_to_first_token: f64,
    /// Queued to first scheduled.
    pub queue: f64,
    /// First scheduled to first token.
    pub prefill: f64,
    /// First token to last.
    pub decode: f64,
    /// First scheduled to last token.
    pub inference: f64,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The request.
    pub request: Request,
    /// How it ended.
    pub end: End,
    /// Virtual second of its end.
    pub at: f64,
    /// Its times; `None` where it was aborted or rejected, of which a server measures nothing.
    pub times: Option<Times>,
    /// Tokens of the answer.
    pub generated: u64,
    /// Prompt tokens from the prefix cache.
    pub cached: u64,
    /// How often it was preempted.
    pub preemptions: u64,
}

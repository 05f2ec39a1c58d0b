//! Whether a text is PromQL, and which metrics it names.
//!
//! A parser of its own: the crate promql-parser is 1.7 MB of WebAssembly, twice what the whole
//! validator may weigh. It reads what Prometheus 3 reads by default, checks types (`rate` of an instant
//! vector is the commonest mistake), and is held to promtool in tests/values.

mod functions;
mod lex;
mod parse;

/// Why a text is no PromQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Bytes from the start of the text.
    pub at: usize,
    /// What is wrong there.
    pub text: String,
}

/// The metrics an expression names, in its order.
///
/// # Errors
/// The first [`Fault`].
pub fn metrics(text: &str) -> Result<Vec<String>, Fault> {
    parse::parse(text)
}

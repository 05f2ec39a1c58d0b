//! PromQL: whether a text is some, what it is made of, and what it means ([`meaning`]).
//!
//! A parser of its own: the crate promql-parser is 1.7 MB of WebAssembly, twice what the whole
//! validator may weigh. It reads what Prometheus 3 reads by default, checks types (`rate` of an instant
//! vector is the commonest mistake), and is held to promtool in tests/values.

mod dead;
mod expr;
mod functions;
mod lex;
pub mod meaning;
mod parse;

pub(crate) use dead::dead;
pub use expr::{Expr, Grouping, Kind, Label, Matcher, Type};

/// Why a text is no PromQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Bytes from the start of the text.
    pub at: usize,
    /// What is wrong there.
    pub text: String,
}

/// An expression as a tree.
///
/// # Errors
/// The first [`Fault`].
pub fn parse(text: &str) -> Result<Expr, Fault> {
    parse::parse(text)
}

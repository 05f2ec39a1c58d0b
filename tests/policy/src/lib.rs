//! The sampling policy from outside: natively, and as the packed module in an interpreter.
//!
//! Written from `ABI.md` and from what the README promises, not from the policy's code, so that a
//! mistake there is not repeated here:
//!
//! - [`draw`]: random traces and settings, near the limits on purpose
//! - [`oracle`]: what must become of a trace
//! - [`calls`]: requests of a model, and a clock, for what the policy learns and counts
//! - [`guest`]: the module of the chart, run

pub mod calls;
pub mod draw;
pub mod guest;
mod kernel;
pub mod oracle;

//! The sampling policy from outside: natively, and as the packed module in an interpreter.
//!
//! Written from `ABI.md` and from what the README promises, not from the policy's code, so that a
//! mistake there is not repeated here:
//!
//! - [`trace`]: a trace as a host sees it, out of OTLP/JSON too
//! - [`draw`]: random traces and settings, near the limits on purpose
//! - [`oracle`]: what must become of a trace
//! - [`record`]: a trace as the host writes it down
//! - [`guest`]: the module of the chart, run

pub mod draw;
pub mod guest;
mod kernel;
pub mod oracle;
pub mod record;
pub mod trace;

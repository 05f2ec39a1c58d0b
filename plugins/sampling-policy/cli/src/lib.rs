//! The sampling policy tried on recorded traces: a host of it that needs no collector.
//!
//! - [`input`]: recorded spans, as OTLP/JSON lines or as Jaeger and Tempo give them out
//! - [`trace`]: a trace as a host sees it
//! - [`record`]: a trace as the host writes it down, by the policy's description
//! - [`trial`]: what the policy keeps of them, and what that differs from now

pub mod input;
pub mod record;
pub mod trace;
pub mod trial;

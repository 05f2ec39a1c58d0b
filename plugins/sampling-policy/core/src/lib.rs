//! Which request traces are kept: settings, rules and the record border, without a host.
//!
//! Everything here is safe code over byte slices and knows neither WebAssembly nor Extism, so that
//! it is tested natively. The crate `sampling-policy` puts the same functions behind the exports of
//! `ABI.md`. No input makes it panic: a panic in the guest would be a trap, and a trap is a trace
//! that the policy did not decide on.
//!
//! The way through: [`settings`] turns the operator's JSON into a [`Policy`]; [`describe`] tells the
//! host which spans and attributes to write into a record; [`Policy::evaluate`] reads the record,
//! looks for the first of the [`REASONS`], asks the budget and writes the answer; what it learns and
//! counts is in the [`State`], of which [`report`] makes gauges.

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

pub mod budget;
mod clock;
mod layout;
mod models;
mod policy;
mod reasons;
mod report;
mod request;
pub mod rules;
pub mod settings;
pub mod sketch;
mod state;

pub use policy_kit::{ABI_VERSION, answer, record};
use policy_kit::{duration, json};

pub use layout::{MODEL, describe};
pub use models::{NAMED as MODELS, PROMPTS};
pub use policy::Policy;
pub use reasons::{CAUSES, REASONS, Reason};
pub use report::report;
pub use request::Request;
pub use state::State;

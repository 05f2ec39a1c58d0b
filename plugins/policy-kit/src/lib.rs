//! What a sampling policy for the collector extension `wasm_sampling_policy` needs, so that a policy is
//! one function: [`Policy::decide`].
//!
//! A policy says what it wants to see of a trace ([`Description`]), is given a [`Trace`], and gives an
//! [`Answer`]. [`export!`] makes the exports of `ABI.md` of it. `docs/write-a-policy.md` goes from an
//! empty folder to a running collector; `template` is the folder to copy, `tenant` an example.
//!
//! Everything but the exports is safe code over byte slices that knows neither WebAssembly nor Extism, so
//! that a policy is tested natively. Nothing here panics whatever the host writes: a panic would be a
//! trap, and a trap is a trace that the policy did not decide on. `no_std` with `alloc`; the exports, on
//! `wasm32` alone, need the standard library.

#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod answer;
mod description;
pub mod duration;
mod export;
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod guest;
pub mod json;
mod policy;
pub mod record;
mod settings;

pub use answer::Answer;
pub use description::{Description, Gauge, Group, When};
pub use policy::{Guest, Policy};
pub use record::{Malformed, Record, SpanRecord, Text, Trace, span_size};
pub use settings::Settings;

/// The version of `ABI.md` that this crate speaks.
pub const ABI_VERSION: i32 = 2;

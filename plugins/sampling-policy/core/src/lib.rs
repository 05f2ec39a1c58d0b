//! Which request traces are kept: settings, rules and the record border, without a host.
//!
//! Everything here is safe code over byte slices and knows neither WebAssembly nor Extism, so that
//! it is tested natively. The crate `sampling-policy` puts the same functions behind the exports of
//! `ABI.md`. No input makes it panic: a panic in the guest would be a trap, and a trap is a trace
//! that the policy did not decide on.
//!
//! The way through: [`settings`] turns the operator's JSON into [`rules::Limits`]; [`describe`] tells
//! the host which spans and attributes to write into a record; [`evaluate`] reads the record, asks
//! the rules and writes the answer.

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

pub mod answer;
mod describe;
mod duration;
pub mod record;
pub mod rules;
pub mod settings;

pub use describe::describe;

use answer::Answer;
use record::{Malformed, Record};
use rules::Limits;

/// The version of `ABI.md` that this policy speaks.
pub const ABI_VERSION: i32 = 1;

/// Decides on one record and writes the answer into it.
///
/// `record` is exactly one record as `ABI.md` lays it out. On an error nothing is written, so the
/// decision that the host set beforehand (-1, no decision) stays.
///
/// # Errors
///
/// [`Malformed`] when the record contradicts itself.
pub fn evaluate(record: &mut [u8], limits: &Limits) -> Result<(), Malformed> {
    let answer = match Record::read(record)?
        .spans()
        .find_map(|span| limits.exceeded(&span))
    {
        Some(exceeded) => Answer::sampled(&exceeded),
        None => Answer::NOT_SAMPLED,
    };
    answer.write(record)
}

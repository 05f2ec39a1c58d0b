//! Checks the values of the chart before a cluster sees them: no I/O, no threads, no clock.
//!
//! [`check`] reads sources as helm does ([`yaml`]), merges them over the chart's defaults ([`merge`],
//! [`set`]), walks the chart's schema ([`shape`]) and runs the [`rules`]. Every value knows where it
//! was written, so every [`Finding`] has a place. [`render`] writes a [`Report`].

// A place by value is 60 bytes of code at each of some hundred calls.
#![allow(clippy::needless_borrows_for_generic_args)]

// First: its macro is used in the others.
#[macro_use]
pub mod embedded;

mod check;
mod close;
pub mod codes;
mod config;
mod defaults;
mod finding;
pub mod gotemplate;
mod key;
mod lint;
mod mask;
mod mend;
pub mod merge;
pub mod node;
pub mod promql;
pub mod re2;
pub mod render;
pub mod rules;
pub mod set;
pub mod shape;
mod sorted;
mod source;
mod titles;
pub mod units;
pub mod url;
pub mod yaml;

pub(crate) use check::DEFAULTS;
pub use check::{Input, MOST, check, merged, merged_over};
pub use config::{Config, code_exists};
pub use finding::{Detail, Finding, Findings, Fix, Related, Replacement, Report, Severity};
pub use lint::lint;
pub use node::{Node, Value, Values};
pub use rules::Rule;
pub use source::{Place, Set, SetKind, Source};
pub use vllm_catalog::Version;

/// Whether this core says everything it can, as the command does; a module has no room for it.
pub(crate) const FULL: bool = cfg!(feature = "full");

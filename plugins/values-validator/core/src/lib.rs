//! Checks the values of the chart before a cluster sees them: no I/O, no threads, no clock.
//!
//! [`check`] reads sources as helm does ([`yaml`]), merges them over the chart's defaults ([`merge`],
//! [`set`]), walks the chart's schema ([`shape`]) and runs the [`rules`]. Every value knows where it
//! was written, so every [`Finding`] has a place. [`render`] writes a [`Report`].

mod check;
pub mod codes;
mod finding;
pub mod merge;
pub mod node;
pub mod render;
pub mod rules;
pub mod set;
pub mod shape;
mod source;
pub mod units;
pub mod yaml;

pub use check::{DEFAULTS, Input, MOST, check, merged, merged_over};
pub use finding::{Finding, Findings, Fix, Related, Replacement, Report, Severity};
pub use node::{Node, Value, Values};
pub use rules::Rule;
pub use source::{Place, Set, SetKind, Source};

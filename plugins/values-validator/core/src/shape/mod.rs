//! The chart's closed schema, walked over the merged values: every finding in one run, each at the
//! key or value that it is about.

mod at;
mod example;
mod foreign;
mod lazy;
mod raw;
pub mod schema;
mod suggest;
mod walk;
mod words;

pub use at::at;
pub use example::{scalar, written};
pub use foreign::{meant, paired};
pub use suggest::{bare, homes, nearest, reworded};
#[cfg(feature = "full")]
pub use walk::object;
pub use walk::walk;

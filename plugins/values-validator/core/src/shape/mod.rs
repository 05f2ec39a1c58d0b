//! The chart's closed schema, walked over the merged values: every finding in one run, each at the
//! key or value that it is about.

#[cfg(feature = "full")]
mod at;
mod example;
mod foreign;
mod lazy;
mod raw;
pub mod schema;
mod suggest;
mod walk;
mod words;

#[cfg(feature = "full")]
pub use at::at;
#[cfg(feature = "full")]
pub use example::scalar;
pub use example::written;
pub use foreign::{meant, paired};
pub use suggest::{bare, homes, nearest, reworded};
pub use walk::walk;

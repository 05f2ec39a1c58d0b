//! The values validator held against the real helm, hostile YAML and random bytes.
//!
//! - [`helm`]: what the real helm makes of files and arguments
//! - [`tree`]: our values in the same form, and whether two are the same
//! - [`draw`]: random files and arguments, the same from the same seed

pub mod draw;
pub mod helm;
pub mod mistakes;
pub mod tree;

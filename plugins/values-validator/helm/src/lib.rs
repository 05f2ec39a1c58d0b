//! The values validator as a Helm 4 plugin: `helm vllm-values [flags] < values.yaml`.
//!
//! Helm gives a plugin no files, so the values come on standard input and findings go to standard
//! output. Whatever is answered as an error makes Helm end with status 1.

mod command;
#[cfg(target_arch = "wasm32")]
mod exports;

pub use command::{Outcome, run};

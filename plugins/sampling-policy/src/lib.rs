//! The sampling policy as a module: the exports of `ABI.md`, every decision is the core's.
//!
//! On another target than WebAssembly the crate is empty, so that the workspace builds and lints
//! natively.

#[cfg(target_arch = "wasm32")]
use sampling_policy_core::Policy;

policy_kit::export!(Policy, learns);

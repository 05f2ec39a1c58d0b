//! The sampling policy as a module: the exports of `ABI.md`, every decision is the core's.
//!
//! On another target than WebAssembly the crate is empty, so that the workspace builds and lints
//! natively.

#[cfg(target_arch = "wasm32")]
use sampling_policy_core::Policy;

/// Takes the memory that the module starts with (plugins/build) before it asks for more. For growth the host
/// copies all of the memory, the megabyte of the state included: half of the price of an instance.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static HEAP: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

policy_kit::export!(Policy, learns);

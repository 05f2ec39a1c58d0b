//! The sampling policy as an Extism plugin: entry points only, every decision is the core's.
//!
//! `ABI.md` is the contract of every export below. On another target than WebAssembly the crate is
//! empty, so that the workspace builds and lints natively.

#[cfg(target_arch = "wasm32")]
mod exports;
#[cfg(target_arch = "wasm32")]
mod guest;

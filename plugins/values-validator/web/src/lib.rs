//! The values validator for JavaScript. On another target than WebAssembly the crate is empty, so
//! that the workspace builds and lints natively.

#[cfg(target_arch = "wasm32")]
mod exports;

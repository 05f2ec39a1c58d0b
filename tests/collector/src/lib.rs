//! The sampling policy's .wasm through the real collector.

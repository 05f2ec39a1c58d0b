//! The sampling policy's .wasm through the real collector, started with what the chart renders; see
//! `tests/`.

//! What benches share: policies that fail on every call (for tests of the real collector too), CPU
//! times, and the file of results.

pub mod cpu;
pub mod policies;
pub mod report;

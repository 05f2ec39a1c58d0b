//! What benches share: policies that fail on every call (for tests of the real collector too), CPU
//! times, the load, and the file of results.

pub mod cpu;
pub mod load;
pub mod policies;
pub mod report;
pub mod tables;

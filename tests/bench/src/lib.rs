//! Policies that fail on every call, for the bench and for tests of the real collector.

pub mod policies;

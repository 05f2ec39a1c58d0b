//! The core: what one vLLM engine does with its requests, in virtual seconds.
//!
//! It knows no wall clock, no network and no text format. The same seed, configuration and times of
//! scenario switches give the same requests to the last digit, however often [`Engine::advance`] is
//! called in between.

mod behaviour;
mod config;
mod engine;
mod finish;
mod kv;
mod request;
mod schedule;
mod stats;
mod workload;

pub use behaviour::{Behaviour, Scenario};
pub use config::Config;
pub use engine::{Engine, Event};
pub use request::{End, Outcome, Request, Times};
pub use stats::{Counter, Distribution, Histogram, Stats};
pub use workload::Traffic;

//! A simulated vLLM.
//!
//! - [`model`]: the pure core, a discrete-event model of continuous batching in virtual seconds
//! - [`exposition`]: `/metrics`, in the shape of the captured bodies
//! - [`spans`]: OTLP exports, in the shape of the captured ones; [`exporter`] sends them
//! - [`replica`]: one server, which turns what the core tells into metrics, spans, truth and answers
//! - [`world`]: the servers of a process under one clock and scenario
//! - [`server`]: the HTTP side; [`api`] is OpenAI's, [`control`] switches scenarios
//! - [`plan`]: a fleet's servers, and scripts of scenarios
//! - [`arguments`]: the command line of `vllm serve`
//!
//! What the model leaves out is in `docs/fleet-model.md`.

pub mod api;
pub mod arguments;
pub mod clock;
pub mod control;
pub mod exporter;
pub mod exposition;
pub mod http_stats;
pub mod lora;
pub mod model;
pub mod numbers;
pub mod plan;
pub mod replica;
pub mod server;
pub mod spans;
pub mod state;
pub mod truth;
pub mod world;

//! The chart on a real cluster. Each case has a namespace of its own that enforces Pod Security
//! `restricted`, and the real helm, collector, Prometheus and Alertmanager; only vLLM and its GPUs
//! are stood in for.

mod accounts;
mod alerts;
mod applied;
mod balancing;
mod disks;
mod egress;
mod existing;
mod install;
mod operator;
mod outage;
mod plugin;
mod policy;
mod runbooks;
mod traces;
mod tutorials;
mod upgrade;

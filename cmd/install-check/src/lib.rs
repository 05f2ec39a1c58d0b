//! The chart's `helm test`: asks Prometheus and the collectors whether an installed release works.
//!
//! Judging is pure and takes what was answered; asking and waiting lie in `net` and `run`.
//!
//! - [`input`]: what the chart hands over
//! - [`outcome`]: the lines that are printed
//! - [`operator`], [`targets`], [`series`], [`rules`], [`watcher`], [`plugin`], [`decisions`]: one judgement each
//! - [`grafana`]: that of Grafana
//! - [`synthetic`]: the spans that are sent
//! - [`exposition`]: the collector's metrics page
//! - [`net`], [`kube`], [`receiver`], [`run`]: the shells

pub mod decisions;
pub mod exposition;
pub mod grafana;
pub mod input;
pub mod kube;
pub mod net;
pub mod operator;
pub mod outcome;
pub mod plugin;
pub mod probe;
pub mod receiver;
pub mod rules;
pub mod run;
pub mod series;
pub mod synthetic;
pub mod targets;
pub mod watcher;

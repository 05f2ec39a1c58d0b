//! The dashboards, written down once.
//!
//! [`boards`] says what is shown; [`grafana`] and [`perses`] write it out. A query stands in one
//! place. What is shown of a fleet is read from recorded series, so that a refresh costs the same
//! for four pods and for four hundred; raw series are read of a chosen pod only.
//!
//! `cargo run -p dashboards --bin generate-dashboards` writes the files, which are committed; a test compares.

pub mod boards;
pub mod build;
pub mod files;
pub mod grafana;
pub mod limits;
pub mod lint;
pub mod model;
pub mod perses;
pub mod select;

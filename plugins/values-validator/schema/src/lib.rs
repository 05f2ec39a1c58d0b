//! The chart's values as Rust types ([`values`]) and what is generated from them ([`outputs`]).
//!
//! Runs natively, never in a plugin: the plugins embed the compact form of the schema.

mod bare;
mod close;
mod comments;
mod defaults;
mod findings;
mod helm;
pub mod json;
mod kubernetes;
mod objects;
mod outputs;
mod plain;
mod schema;
mod shape;
mod table;
mod typed;
pub mod values;
mod visit;

pub use close::open;
pub use outputs::{COMMAND, Output, outputs};
pub use schema::schema;
pub use shape::shape;
pub use typed::untyped;

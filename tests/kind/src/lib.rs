//! What the cases on a real cluster share. Needs a cluster and images: `make kind-test`.

pub mod cluster;
pub mod faults;
pub mod kubectl;
pub mod neighbours;
pub mod node;
pub mod operator;
pub mod packages;
pub mod reader;
pub mod release;
pub mod requests;
pub mod room;
pub mod servers;
pub mod sink;
pub mod volume;
pub mod wait;

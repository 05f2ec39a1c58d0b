//! What the end-to-end tests and the demo share: tools, processes, ports, OTLP files, rendered manifests.
//!
//! - [`repo`]: the repository's root, pinned tools, free ports
//! - [`render`]: the chart through the real `helm template`, and what is taken out of it
//! - [`certificates`]: an authority and what it signed, for a moment
//! - [`child`]: child processes that never outlive the one who started them
//! - [`interrupt`]: Ctrl-C as a flag that every wait looks at
//! - [`capture`]: the captured series of `/metrics` bodies
//! - [`page`]: the fenced blocks of a page of the documentation
//! - [`otlp`]: OTLP/JSON lines and OTLP over gRPC
//! - [`fuzz`]: inputs grown from a corpus
//! - [`store`]: a store of traces that answers as a test wants
//! - [`http`]: small questions to servers on loopback: Prometheus, a metrics page
//!
//! Without the feature `full` there are no gRPC, certificates, archives and metrics pages: `policy-host`, which an
//! author of a policy builds, needs none of them, and builds a third of the crates.

#[cfg(feature = "full")]
pub mod capture;
#[cfg(feature = "full")]
pub mod certificates;
pub mod child;
#[cfg(feature = "full")]
pub mod collector;
pub mod fuzz;
pub mod http;
pub mod interrupt;
pub mod otlp;
pub mod page;
pub mod render;
pub mod repo;
#[cfg(feature = "full")]
pub mod store;
pub mod traffic;

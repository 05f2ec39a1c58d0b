//! The dashboards.

pub mod alerts;
mod capacity;
mod fleet;
mod glance;
mod optional;
mod replica;
mod slo;
mod slow;
mod worst;

use crate::model::{Dashboard, TraceStore};

/// Why a panel of a model can be empty.
const IDLE: &str = "No request ended in the last 5 minutes, or no selected server is scraped.";
/// Why a panel of what servers always say can be empty.
const NOT_SCRAPED: &str = "No selected server is scraped.";

/// All of them, in the order in which they are linked.
#[must_use]
pub fn all() -> Vec<Dashboard> {
    vec![
        fleet::dashboard(),
        slo::dashboard(),
        replica::dashboard(),
        slow::dashboard(None),
        capacity::dashboard(),
    ]
}

/// The title of the dashboard of a slug, as links name it.
#[must_use]
pub fn title(slug: &str) -> &'static str {
    let found = all().into_iter().find(|board| board.slug == slug);
    found.map_or("", |board| board.title)
}

/// Those that differ where Grafana can look up traces in a store.
#[must_use]
pub fn with_traces(store: TraceStore) -> Vec<Dashboard> {
    vec![slow::dashboard(Some(store))]
}

//! The dashboards.

mod fleet;
mod optional;
mod worst;

use crate::model::Dashboard;

/// All of them, in the order in which they are linked.
#[must_use]
pub fn all() -> Vec<Dashboard> {
    vec![fleet::dashboard()]
}

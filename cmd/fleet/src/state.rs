//! What the HTTP handlers share.

use std::sync::Arc;

use crate::world::{Member, World};

/// What the handlers need.
#[derive(Debug, Clone)]
pub struct Server {
    /// The server asked.
    pub member: Arc<Member>,
    /// All of them.
    pub world: Arc<World>,
}

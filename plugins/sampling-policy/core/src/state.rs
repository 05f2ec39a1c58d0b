//! What the policy keeps between decisions: one piece of memory that a host can copy to the instance
//! that takes this one's place.

use crate::budget::Bucket;
use crate::clock::Clock;
use crate::models::Models;
use crate::reasons::REASONS;

/// The layout of [`State`]; a change of it is a new number.
const LAYOUT: u64 = 1;

/// Everything that is learnt and counted. It does not depend on the settings, has no addresses, and
/// all zero bytes are an empty one, so that it costs a module nothing.
#[derive(Debug, Clone)]
#[repr(C)]
pub struct State {
    layout: u64,
    pub(crate) clock: Clock,
    pub(crate) bucket: Bucket,
    /// As [`crate::models::Model::first`], for traces without a model.
    pub(crate) first: [u64; REASONS.len()],
    pub(crate) models: Models,
}

impl State {
    /// Nothing learnt.
    pub const EMPTY: Self = Self {
        layout: 0,
        clock: Clock::NEW,
        bucket: Bucket::FULL,
        first: [0; REASONS.len()],
        models: Models::NONE,
    };

    /// Empties a state of another layout. Hosts hand a state over between instances of the same
    /// module only, so this is never needed but for a host that does not.
    #[inline]
    pub(crate) fn check(&mut self) {
        if self.layout != LAYOUT {
            self.adopt();
        }
    }

    #[cold]
    fn adopt(&mut self) {
        if self.layout != 0 {
            self.clock = Clock::NEW;
            self.bucket = Bucket::FULL;
            self.first = [0; REASONS.len()];
            self.models.clear();
        }
        self.layout = LAYOUT;
    }
}

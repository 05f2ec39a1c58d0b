//! Writing the answer area of a record.

use crate::record::{ANSWER, Malformed};
use crate::rules::Exceeded;

/// Decision: this policy does not ask for the trace.
pub const NOT_SAMPLED: i32 = 0;

/// Decision: keep the trace.
pub const SAMPLED: i32 = 1;

/// Size of the answer area.
pub const SIZE: usize = 32;

/// What the policy says about a trace.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// [`SAMPLED`] or [`NOT_SAMPLED`].
    pub decision: i32,
    /// Number of the reason in the description, counted from 1; 0 is none.
    pub reason: u32,
    /// The value that led to the decision, in seconds; 0 without a reason.
    pub value: f64,
    /// The limit that it was held against, in seconds; 0 without a reason.
    pub limit: f64,
    /// How many traces this one stands for; 0 is not said.
    pub adjusted_count: f64,
}

impl Answer {
    /// Not sampled, without a reason.
    pub const NOT_SAMPLED: Self = Self {
        decision: NOT_SAMPLED,
        reason: 0,
        value: 0.0,
        limit: 0.0,
        adjusted_count: 0.0,
    };

    /// Kept because a limit is exceeded. Every such trace is kept, so it stands for itself alone.
    #[must_use]
    pub const fn sampled(exceeded: &Exceeded) -> Self {
        Self {
            decision: SAMPLED,
            reason: exceeded.reason,
            value: exceeded.value,
            limit: exceeded.limit,
            adjusted_count: 1.0,
        }
    }

    /// Writes the answer into its place in `record`.
    ///
    /// # Errors
    ///
    /// [`Malformed::Short`] when the record has no such place.
    #[inline]
    pub fn write(&self, record: &mut [u8]) -> Result<(), Malformed> {
        let area = record
            .get_mut(ANSWER..)
            .and_then(|rest| rest.first_chunk_mut::<SIZE>())
            .ok_or(Malformed::Short)?;
        let [decision, reason, value, limit, count] = [
            u64::from(self.decision as u32),
            u64::from(self.reason),
            self.value.to_bits(),
            self.limit.to_bits(),
            self.adjusted_count.to_bits(),
        ];
        let words = [decision | reason << 32, value, limit, count];
        let (places, _) = area.as_chunks_mut::<8>();
        for (place, word) in places.iter_mut().zip(words) {
            *place = word.to_le_bytes();
        }
        Ok(())
    }

    /// Reads the answer area of `record`: what a host does with it.
    #[must_use]
    pub fn read(record: &[u8]) -> Option<Self> {
        let area = record.get(ANSWER..)?.first_chunk::<SIZE>()?;
        let (words, _) = area.as_chunks::<8>();
        let [first, value, limit, count] = <[[u8; 8]; 4]>::try_from(words).ok()?;
        let [d0, d1, d2, d3, r0, r1, r2, r3] = first;
        Some(Self {
            decision: i32::from_le_bytes([d0, d1, d2, d3]),
            reason: u32::from_le_bytes([r0, r1, r2, r3]),
            value: f64::from_le_bytes(value),
            limit: f64::from_le_bytes(limit),
            adjusted_count: f64::from_le_bytes(count),
        })
    }
}

//! Writing the answer area of a record.

use crate::record::{ANSWER, Malformed, Text};

/// Decision: this policy does not ask for the trace.
pub const NOT_SAMPLED: i32 = 0;

/// Decision: keep the trace.
pub const SAMPLED: i32 = 1;

/// Size of the answer area.
pub const SIZE: usize = 64;

/// What the policy says about a trace. Not sampled with a reason: the budget leaves it out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// [`SAMPLED`] or [`NOT_SAMPLED`].
    pub decision: i32,
    /// Number of the reason in the description, counted from 1; 0 is none.
    pub reason: u32,
    /// The value that led to the decision: seconds, or an HTTP status code; 0 is not said.
    pub value: f64,
    /// The limit that it exceeds, in seconds; 0 is not said.
    pub limit: f64,
    /// How many traces this one stands for; 0 is not said.
    pub adjusted_count: f64,
    /// The median of the value's peers, in seconds; 0 is not said.
    pub typical: f64,
    /// Number of the cause in the description, counted from 1; 0 is none.
    pub cause: u32,
    /// Number of the span record that the answer is about, counted from 1; 0 is none.
    pub span: u32,
    /// Number of the model, counted from 1; 0 is none.
    pub model: u32,
    /// Where the model's name stands in the record.
    pub name: Text,
}

impl Answer {
    /// Not sampled, without a reason.
    pub const NOT_SAMPLED: Self = Self {
        decision: NOT_SAMPLED,
        reason: 0,
        value: 0.0,
        limit: 0.0,
        adjusted_count: 0.0,
        typical: 0.0,
        cause: 0,
        span: 0,
        model: 0,
        name: Text {
            offset: 0,
            length: 0,
        },
    };

    /// Keep the trace for this reason: its number in the description, counted from 1.
    #[must_use]
    pub const fn keep(reason: u32) -> Self {
        Self {
            decision: SAMPLED,
            reason,
            ..Self::NOT_SAMPLED
        }
    }

    /// About the span record of this number, counted from 1: it is the one that is stamped.
    #[must_use]
    pub const fn about(self, span: u32) -> Self {
        Self { span, ..self }
    }

    /// For this value, which exceeds this limit.
    #[must_use]
    pub const fn for_value(self, value: f64, limit: f64) -> Self {
        Self {
            value,
            limit,
            ..self
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
        let pair = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
        let words = [
            pair(self.decision as u32, self.reason),
            self.value.to_bits(),
            self.limit.to_bits(),
            self.adjusted_count.to_bits(),
            self.typical.to_bits(),
            pair(self.cause, self.span),
            pair(self.model, self.name.offset),
            pair(self.name.length, 0),
        ];
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
        let words = <[[u8; 8]; 8]>::try_from(words).ok()?;
        let [first, value, limit, count, typical, about, model, length] =
            words.map(u64::from_le_bytes);
        let (low, high) = (|word: u64| word as u32, |word: u64| (word >> 32) as u32);
        Some(Self {
            decision: low(first) as i32,
            reason: high(first),
            value: f64::from_bits(value),
            limit: f64::from_bits(limit),
            adjusted_count: f64::from_bits(count),
            typical: f64::from_bits(typical),
            cause: low(about),
            span: high(about),
            model: low(model),
            name: Text {
                offset: high(model),
                length: low(length),
            },
        })
    }
}

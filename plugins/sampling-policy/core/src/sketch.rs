//! How long something usually takes: a histogram of times that forgets.
//!
//! Log-linear: every octave between 1 ms and 68 min has 16 buckets of equal width, so a bucket is
//! 4.4 to 6.25 % wide. The index is read off the double's own bits. Counts lose weight by half-life,
//! a minute at a time; histograms of the same kind can be added. The crates that exist
//! (sketches-ddsketch, hdrhistogram, tdigest) neither age nor live in a zero-initialised static.

/// Buckets in an octave, as a power of two.
const OCTAVE_BITS: u32 = 4;

/// The bits of a double that are below its bucket.
const BELOW: u32 = f64::MANTISSA_DIGITS - 1 - OCTAVE_BITS;

/// The bucket number of 2⁻¹⁰ s, the lowest bound, if numbering began at the smallest double.
const FIRST: u64 = (1023 - 10) << OCTAVE_BITS;

/// Buckets: 22 octaves, 2⁻¹⁰ s (0.98 ms) to 2¹² s (68 min). The first and the last one also take
/// what lies beyond.
pub const BUCKETS: usize = 22 << OCTAVE_BITS;

/// A count that has aged below this is forgotten.
const FORGOTTEN: f32 = 1e-6;

/// The bucket of a time in seconds; the time must be a number that is not negative.
#[inline]
#[must_use]
pub fn bucket(seconds: f64) -> usize {
    let number = (seconds.to_bits() >> BELOW).saturating_sub(FIRST);
    usize::try_from(number).map_or(BUCKETS - 1, |number| number.min(BUCKETS - 1))
}

/// The lower bound of a bucket, in seconds; the upper bound is the lower one of the next.
#[must_use]
pub fn lower_bound(bucket: usize) -> f64 {
    f64::from_bits((FIRST + bucket as u64) << BELOW)
}

/// What counts as slow: the settings of [`Sketch::settle`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slow {
    /// The slowest share that is looked for, 0 to 1.
    pub share: f64,
    /// A limit is at least this many times the median.
    pub at_least: f64,
    /// Fewer observations, aged, give no limit.
    pub minimum: f64,
}

/// Times of one kind, and the limit that they give.
///
/// All zero bytes are an empty one.
#[derive(Debug, Clone)]
#[repr(C)]
pub struct Sketch {
    /// The limit in force in seconds, 0 when there is none.
    limit: f64,
    /// The median when the limit was settled, in seconds; 0 when there was no observation.
    typical: f64,
    /// Observations, aged, when the limit was settled.
    settled: f64,
    /// 1 when there is an observation that is not forgotten.
    filled: u64,
    counts: [f32; BUCKETS],
}

impl Sketch {
    /// Without an observation.
    pub const EMPTY: Self = Self {
        limit: 0.0,
        typical: 0.0,
        settled: 0.0,
        filled: 0,
        counts: [0.0; BUCKETS],
    };

    /// The limit in force, in seconds, if there is one.
    #[inline]
    #[must_use]
    pub fn limit(&self) -> Option<f64> {
        (self.limit > 0.0).then_some(self.limit)
    }

    /// The median when the limit was settled, in seconds; 0 without an observation.
    #[inline]
    #[must_use]
    pub fn typical(&self) -> f64 {
        self.typical
    }

    /// Observations, aged, when the limit was settled.
    #[must_use]
    pub fn settled(&self) -> f64 {
        self.settled
    }

    /// Counts a time in seconds, which must be a number that is not negative. A bucket holds at most
    /// 2²⁴ observations; what is beyond that is not counted.
    #[inline]
    pub fn observe(&mut self, seconds: f64) {
        if let Some(count) = self.counts.get_mut(bucket(seconds)) {
            *count += 1.0;
            self.filled = 1;
        }
    }

    /// Multiplies every count by `factor`, and settles the limit and the median from what is left.
    ///
    /// The limit is the smallest bound of a bucket with at most the share above it, and at least so
    /// many times the median.
    pub fn settle(&mut self, factor: f32, slow: &Slow) {
        if self.filled == 0 {
            return;
        }
        let mut total = 0.0;
        for count in &mut self.counts {
            let aged = *count * factor;
            *count = if aged < FORGOTTEN { 0.0 } else { aged };
            total += f64::from(*count);
        }
        (self.settled, self.limit, self.typical) = (total, 0.0, 0.0);
        self.filled = u64::from(total > 0.0);
        let mut above = 0.0;
        let mut bound = 0.0;
        for (bucket, count) in self.counts.iter().enumerate().rev() {
            above += f64::from(*count);
            if bound == 0.0 && above > slow.share * total {
                bound = lower_bound(bucket + 1);
            }
            if above * 2.0 >= total && total > 0.0 {
                self.typical = 0.5 * (lower_bound(bucket) + lower_bound(bucket + 1));
                break;
            }
        }
        if total >= slow.minimum {
            self.limit = bound.max(slow.at_least * self.typical);
        }
    }
}

/// What is left after one of `half_life` minutes, as a factor: 2^(-1/half_life). Computed by its
/// series, because a library's `exp2` differs in the last bit between targets.
#[must_use]
pub fn minute_factor(half_life: f64) -> f32 {
    let x = -core::f64::consts::LN_2 / half_life.max(1.0);
    let (mut sum, mut term) = (1.0, 1.0);
    for n in 1..20 {
        term *= x / f64::from(n);
        sum += term;
    }
    sum as f32
}

/// What is left after so many minutes: `factor` to that power.
#[must_use]
pub fn aged(factor: f32, minutes: u64) -> f32 {
    let (mut left, mut power, mut minutes) = (1.0f32, factor, minutes);
    while minutes > 0 && left > 0.0 {
        if minutes & 1 == 1 {
            left *= power;
        }
        power *= power;
        minutes >>= 1;
    }
    left
}

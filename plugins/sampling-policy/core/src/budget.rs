//! One budget for all that is kept: a token bucket, of which each class must leave a part to those
//! above it, and thinning by the trace id before the bucket runs dry.
//!
//! Thinning is what keeps counts estimable: a class that asks for more than there is, is thinned to
//! a probability that the trace id decides on, and each kept trace says for how many it stands. The
//! bucket alone would keep whoever comes first.

use crate::clock::SECOND;

/// Classes of reasons, the most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A failed call.
    Error,
    /// Above a limit that the operator set.
    Limit,
    /// Above a learnt limit.
    Slowest,
    /// Kept for comparison.
    Baseline,
}

/// Number of classes.
const CLASSES: usize = 4;

/// The classes in order, and the part of the bucket that each must leave to those before it.
const FLOORS: [f64; CLASSES] = [0.0, 0.2, 0.5, 0.7];

impl Class {
    /// All of them, the most important first.
    pub const ALL: [Self; CLASSES] = [Self::Error, Self::Limit, Self::Slowest, Self::Baseline];

    /// The part of a full bucket that this class leaves to those before it.
    #[inline]
    #[must_use]
    pub const fn floor(self) -> f64 {
        let [error, limit, slowest, baseline] = FLOORS;
        match self {
            Self::Error => error,
            Self::Limit => limit,
            Self::Slowest => slowest,
            Self::Baseline => baseline,
        }
    }
}

/// Seconds over which arrivals are averaged, and over which a surplus is spent.
const WINDOW: usize = 10;

/// The budget of one shard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Traces a second, on average.
    pub per_second: f64,
    /// Traces at once: the size of the bucket, at least 1.
    pub burst: f64,
}

impl Rate {
    /// What the bucket keeps back from thinning, so that chance alone seldom empties it: four
    /// standard deviations of what is kept in a window, at most a fifth of the bucket.
    fn reserve(self) -> f64 {
        let deviation = (self.per_second * WINDOW as f64 / 2.0).sqrt();
        (4.0 * deviation).min(0.2 * self.burst)
    }
}

/// The last 56 bits of a trace id, which OpenTelemetry takes as its random part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Randomness(u64);

impl Randomness {
    /// All values there are.
    const RANGE: f64 = (1u64 << 56) as f64;

    /// Of the last 8 bytes of a trace id.
    #[inline]
    #[must_use]
    pub const fn of(last: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(last) & ((1 << 56) - 1))
    }

    /// Whether a trace of this id is among the share `probability` of all. A trace that is in a
    /// smaller share is in each larger one, on every collector (OpenTelemetry's consistent
    /// probability sampling).
    #[inline]
    #[must_use]
    pub fn within(self, probability: f64) -> bool {
        // Both sides are exact below 2⁵³; above it the last bits of a random number do not matter.
        self.0 as f64 >= (1.0 - probability) * Self::RANGE
    }
}

/// The bucket and what came lately. All zero bytes are a full bucket.
#[derive(Debug, Clone)]
#[repr(C)]
pub struct Bucket {
    /// What is left, in traces.
    tokens: f64,
    /// When it was filled up last, in nanoseconds; 0 is never.
    filled: u64,
    /// The second that arrivals are counted for.
    second: u64,
    /// Probability of each class in this second.
    probability: [f64; CLASSES],
    /// Arrivals by second, the current one first.
    arrivals: [[u32; CLASSES]; WINDOW + 1],
}

impl Bucket {
    /// Full.
    pub const FULL: Self = Self {
        tokens: 0.0,
        filled: 0,
        second: 0,
        probability: [0.0; CLASSES],
        arrivals: [[0; CLASSES]; WINDOW + 1],
    };

    /// Fills the bucket up to `now` and, in a new second, sets the probabilities anew.
    #[inline]
    pub fn fill(&mut self, rate: Rate, now: u64) {
        if self.filled == 0 {
            self.tokens = rate.burst;
        } else {
            let seconds = now.saturating_sub(self.filled) as f64 / SECOND as f64;
            self.tokens = (self.tokens + seconds * rate.per_second).min(rate.burst);
        }
        self.filled = now.max(1);
        let second = now / SECOND + 1;
        if second != self.second {
            self.turn(rate, second);
        }
    }

    /// Begins a second.
    #[cold]
    fn turn(&mut self, rate: Rate, second: u64) {
        let passed = usize::try_from(second.saturating_sub(self.second)).unwrap_or(usize::MAX);
        self.second = second;
        let passed = passed.min(WINDOW + 1);
        self.arrivals.rotate_right(passed % (WINDOW + 1));
        self.arrivals
            .iter_mut()
            .take(passed)
            .for_each(|second| *second = [0; CLASSES]);

        let window = WINDOW as f64;
        let spendable = self.tokens + rate.per_second * window - rate.reserve();
        let mut above = 0.0; // what the classes before this one are expected to take
        for (at, class) in Class::ALL.into_iter().enumerate() {
            let of = |second: &[u32; CLASSES]| f64::from(second.get(at).copied().unwrap_or(0));
            let past = self.arrivals.iter().skip(1);
            // The last second alone sees a storm begin; ten see a rate.
            let last = past.clone().next().map_or(0.0, of);
            let expected = (past.map(of).sum::<f64>()).max(last * window);
            let left = (spendable - class.floor() * rate.burst - above).max(0.0);
            let probability = if expected <= left {
                1.0
            } else {
                left / expected
            };
            above += probability * expected;
            if let Some(place) = self.probability.get_mut(at) {
                *place = probability;
            }
        }
    }

    /// Counts a trace that asks to be kept.
    #[inline]
    pub fn arrived(&mut self, class: Class) {
        if let Some(count) = self
            .arrivals
            .first_mut()
            .and_then(|second| second.get_mut(class as usize))
        {
            *count = count.saturating_add(1);
        }
    }

    /// The probability with which a trace of this class is kept in this second.
    #[inline]
    #[must_use]
    pub fn probability(&self, class: Class) -> f64 {
        self.probability
            .get(class as usize)
            .copied()
            .unwrap_or_default()
    }

    /// Whether the bucket holds enough for this class.
    #[inline]
    #[must_use]
    pub fn has(&self, rate: Rate, class: Class) -> bool {
        self.tokens >= (class.floor() * rate.burst).max(1.0)
    }

    /// Takes a token for a trace of this class, if the bucket holds enough for it.
    #[inline]
    pub fn take(&mut self, rate: Rate, class: Class) -> bool {
        let enough = self.has(rate, class);
        if enough {
            self.tokens -= 1.0;
        }
        enough
    }

    /// Takes a token for a trace that is kept in any case.
    #[inline]
    pub fn charge(&mut self) {
        self.tokens = (self.tokens - 1.0).max(0.0);
    }

    /// What is left, in traces.
    #[must_use]
    pub fn tokens(&self) -> f64 {
        self.tokens
    }
}

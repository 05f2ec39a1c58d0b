//! The operator's settings: one JSON object, checked as a whole.
//!
//! Every mistake is reported at once, each with its place, what was found there and what is
//! expected, because a rollout that stops once per mistake costs the operator a rollout each.

mod read;
mod write;

use std::fmt;

pub use read::parse;
pub use write::{to_json, to_text};

use crate::budget::Rate;
use crate::rules::Limits;
use crate::sketch::Slow;

/// What is in force. A section that is absent is off.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// The limits of every model that has none of its own.
    pub limits: Limits,
    /// Failed calls.
    pub errors: Option<Errors>,
    /// The slowest share of each model.
    pub slowest: Option<Slowest>,
    /// Traces for comparison.
    pub baseline: Option<Baseline>,
    /// What may be kept in all.
    pub budget: Option<Budget>,
    /// Limits of single models, whole, by the model's name.
    pub models: Vec<(String, Limits)>,
}

impl Settings {
    /// What an empty document puts in force: the limits alone.
    pub const DEFAULT: Self = Self {
        limits: Limits::DEFAULT,
        errors: None,
        slowest: None,
        baseline: None,
        budget: None,
        models: Vec::new(),
    };

    /// Whether the limits are all there is, the same for every model: then the three latencies, and
    /// what a cause is derived from, decide alone, and the host is asked for nothing else.
    #[inline]
    #[must_use]
    pub fn limits_alone(&self) -> bool {
        self.errors.is_none()
            && self.slowest.is_none()
            && self.baseline.is_none()
            && self.budget.is_none()
            && self.models.is_empty()
    }
}

/// Which calls count as failed, beside those whose status is ERROR or that carry `error.type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Errors {
    /// HTTP status codes from 100, a bit each.
    codes: [u64; 8],
}

impl Errors {
    /// Lowest HTTP status code.
    const FIRST: u16 = 100;

    /// 429 and 499, which by convention leave a span's status unset, and every 5xx.
    pub const DEFAULT: Self = Self::NONE.with(429, 429).with(499, 499).with(500, 599);

    /// No code.
    pub const NONE: Self = Self { codes: [0; 8] };

    /// With all codes from `from` to `to`, both within 100 to 599.
    #[must_use]
    const fn with(mut self, from: u16, to: u16) -> Self {
        let mut code = from - Self::FIRST;
        while code <= to - Self::FIRST {
            // Not indexed: indexing could panic.
            if let Some((_, [word, ..])) = self.codes.split_at_mut_checked(code as usize / 64) {
                *word |= 1 << (code % 64);
            }
            code += 1;
        }
        self
    }

    /// Whether an HTTP status code counts as failed. NaN is no code.
    #[inline]
    #[must_use]
    pub fn has(&self, code: f64) -> bool {
        let within = (code - f64::from(Self::FIRST)) as usize; // saturates; NaN is 0
        code >= f64::from(Self::FIRST)
            && self
                .codes
                .get(within / 64)
                .is_some_and(|word| word >> (within % 64) & 1 == 1)
    }

    /// The codes as ranges with both ends, ascending.
    pub(crate) fn ranges(self) -> impl Iterator<Item = [u16; 2]> {
        let listed = move |code: u16| self.has(f64::from(code));
        let starts = self.codes().filter(move |code| !listed(code - 1));
        starts.map(move |from| {
            let to = (from..=600).find(|code| !listed(code + 1));
            [from, to.unwrap_or(from)]
        })
    }

    /// The codes, ascending.
    fn codes(self) -> impl Iterator<Item = u16> {
        (Self::FIRST..600).filter(move |code| self.has(f64::from(*code)))
    }
}

/// The slowest share of each model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slowest {
    /// The share, in percent.
    pub percent: f64,
    /// Whether the time to the first token is compared, within model and prompt class.
    pub first_token: bool,
    /// Whether the time per output token is compared, within the model.
    pub output: bool,
    /// A limit is at least this many times the median.
    pub at_least: f64,
    /// Half-life of an observation, in seconds.
    pub memory: f64,
    /// Fewer observations give no limit.
    pub minimum: f64,
}

impl Slowest {
    /// The defaults of the section.
    pub const DEFAULT: Self = Self {
        percent: 1.0,
        first_token: true,
        output: true,
        at_least: 2.0,
        memory: 1800.0,
        minimum: 300.0,
    };

    /// What a limit is settled by.
    #[inline]
    #[must_use]
    pub fn slow(&self) -> Slow {
        Slow {
            share: self.percent / 100.0,
            at_least: self.at_least,
            minimum: self.minimum,
        }
    }
}

/// Traces for comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baseline {
    /// Share of all traces, in percent, by trace id.
    pub percent: f64,
    /// At least so many an hour of each model.
    pub per_model_per_hour: f64,
}

impl Baseline {
    /// The defaults of the section.
    pub const DEFAULT: Self = Self {
        percent: 0.1,
        per_model_per_hour: 6.0,
    };
}

/// What may be kept in all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// Traces a minute, on average, of all collectors together.
    pub traces_per_minute: f64,
    /// How long the rate may be saved up, in seconds.
    pub burst: f64,
}

impl Budget {
    /// The defaults of the section.
    pub const DEFAULT: Self = Self {
        traces_per_minute: 120.0,
        burst: 60.0,
    };

    /// The part of one of `deciders` that share it.
    #[inline]
    #[must_use]
    pub fn rate(&self, deciders: u32) -> Rate {
        let per_second = self.traces_per_minute / 60.0 / f64::from(deciders.max(1));
        Rate {
            per_second,
            burst: (per_second * self.burst).max(1.0),
        }
    }
}

/// Everything that is wrong with a settings document, one text per mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(pub Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Mistakes {}

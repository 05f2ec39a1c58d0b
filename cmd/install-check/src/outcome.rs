//! What a check found, and the line that says so.

use std::fmt;

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds; what was seen.
    Pass(String),
    /// It does not hold; what is wrong and what to set.
    Fail(String),
    /// It was not tried; why, and what to set for it.
    NotRun(String),
}

/// One look at a condition that may still come true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// It holds; what was seen.
    Holds(String),
    /// Not yet; the words of the failure if it stays so.
    NotYet(String),
}

impl Look {
    /// What has been found when no time is left.
    #[must_use]
    pub fn last(self) -> Outcome {
        match self {
            Self::Holds(seen) => Outcome::Pass(seen),
            Self::NotYet(wrong) => Outcome::Fail(wrong),
        }
    }
}

/// One printed line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The check's name, as docs/helm-test.md explains it.
    pub check: String,
    /// How it ended.
    pub outcome: Outcome,
}

impl Line {
    /// A line.
    #[must_use]
    pub fn new(check: impl Into<String>, outcome: Outcome) -> Self {
        Self {
            check: check.into(),
            outcome,
        }
    }

    /// Whether the release does not work.
    #[must_use]
    pub fn failed(&self) -> bool {
        matches!(self.outcome, Outcome::Fail(_))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, text) = match &self.outcome {
            Outcome::Pass(text) => ("pass", text),
            Outcome::Fail(text) => ("FAIL", text),
            Outcome::NotRun(text) => ("not run", text),
        };
        write!(f, "{word}: {}: {text}", self.check)
    }
}

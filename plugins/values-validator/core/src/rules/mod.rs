//! What the values mean, rule by rule. A rule is a file here, a line in [`ALL`], a heading in the
//! documentation of findings, and a test file.

mod scrape_timeout;

use crate::{Finding, Findings, Place, Severity, Values};

/// A check of what values mean together. It runs whatever the shape's findings are: a value of the
/// wrong type is `None` to it, and it says nothing then.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name: the file's, with hyphens.
    pub code: &'static str,
    /// How bad what it finds is.
    pub severity: Severity,
    /// In one line.
    pub title: &'static str,
    /// Looks at the values and adds what it finds.
    pub check: fn(&Values, &mut Findings),
}

impl Rule {
    /// A finding of this rule.
    #[must_use]
    pub fn at(&self, path: impl Into<String>, place: impl Into<Option<Place>>) -> Finding {
        Finding::new(self.code, self.severity, path, place)
    }
}

/// All rules, in alphabetical order.
pub const ALL: &[Rule] = &[scrape_timeout::RULE];

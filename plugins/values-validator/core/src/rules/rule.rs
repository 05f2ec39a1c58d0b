//! What a rule is, and how it says what it found.

use crate::embedded::Text;
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
    pub title: Text,
    /// Looks at the values and adds what it finds.
    pub check: fn(&Values, &mut Findings),
}

impl Rule {
    /// A finding of this rule.
    #[must_use]
    pub fn at(&self, path: impl Into<String>, place: impl Into<Option<Place>>) -> Finding {
        Finding::new(self.code, self.severity, path, place)
    }

    /// A finding of this rule that is a warning, whatever the rule's own severity.
    #[must_use]
    pub(super) fn warning(
        &self,
        path: impl Into<String>,
        place: impl Into<Option<Place>>,
    ) -> Finding {
        Finding::new(self.code, Severity::Warning, path, place)
    }

    /// A warning with all of its texts.
    #[inline(never)]
    pub(super) fn warns(
        &self,
        path: &str,
        place: Place,
        found: String,
        texts: [Text; 3],
    ) -> Finding {
        let [expected, why, fix] = texts;
        self.warning(path.to_owned(), place)
            .found(found)
            .expected(expected.as_str())
            .why(why)
            .fix(fix)
    }

    /// The same with all that it says but its cure, in fixed texts but for what was found.
    #[inline]
    pub(super) fn finds(
        &self,
        path: impl Into<String>,
        place: impl Into<Option<Place>>,
        found: impl Into<String>,
        expected: Text,
        why: Text,
    ) -> Finding {
        self.told(path.into(), place.into(), found.into(), expected, why)
    }

    #[inline(never)]
    fn told(
        &self,
        path: String,
        place: Option<Place>,
        found: String,
        expected: Text,
        why: Text,
    ) -> Finding {
        self.says(path, place, found, expected.as_str(), why)
    }

    /// The same with all that it says but its cure.
    #[inline(never)]
    pub(super) fn says(
        &self,
        path: String,
        place: impl Into<Option<Place>>,
        found: String,
        expected: &str,
        why: Text,
    ) -> Finding {
        self.at(path, place)
            .found(found)
            .expected(expected)
            .why(why)
    }
}

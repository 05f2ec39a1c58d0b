//! What is wrong, why it matters, and how to mend it.

use crate::{Place, Source};

/// How bad a finding is. An error makes the check fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The chart refuses it, or what it makes cannot work.
    Error,
    /// It installs, and does not do what was meant.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// Its name in small letters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// Text to put in a place's stead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// What it replaces.
    pub place: Place,
    /// The new text.
    pub text: String,
}

/// How to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fix {
    /// In words, as an imperative: `write "tensorParallelSize"`.
    pub text: String,
    /// The edit itself, where there is no doubt.
    pub replacement: Option<Replacement>,
}

impl From<&str> for Fix {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Fix {
    fn from(text: String) -> Self {
        Self {
            text,
            replacement: None,
        }
    }
}

/// Another place that has to do with a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What is there: `first written here`.
    pub text: String,
}

/// A text in quotes, as YAML and JSON read it.
#[must_use]
#[inline(never)]
pub fn in_quotes(text: &str) -> String {
    format!("{text:?}")
}

/// One thing that is wrong: a [`Detail`] behind a pointer. It is built by methods that give it on, one after
/// the other, at some hundred places: without the pointer a WebAssembly module is a tenth larger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding(Box<Detail>);

impl std::ops::Deref for Finding {
    type Target = Detail;

    fn deref(&self) -> &Detail {
        &self.0
    }
}

impl std::ops::DerefMut for Finding {
    fn deref_mut(&mut self) -> &mut Detail {
        &mut self.0
    }
}

/// What there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// Which kind it is; each has a heading in the documentation.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where in the values: `models[0].deploy.tensorParallelSize`; empty for the root.
    pub path: String,
    /// Where in the sources; none when nothing was written.
    pub place: Option<Place>,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
    /// Why it matters.
    pub why: String,
    /// How to mend it.
    pub fix: Fix,
    /// Other places, such as the first of two equal keys.
    pub related: Vec<Related>,
}

/// The findings of a check, as they come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// One more.
    #[inline(never)]
    pub fn push(&mut self, finding: Finding) {
        self.0.push(finding);
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// All findings, up to [`crate::MOST`]: by source, line, column, then code and path.
    pub findings: Vec<Finding>,
    /// What places refer to: the chart's values.yaml, the files, then one for each argument.
    pub sources: Vec<Source>,
}

impl Report {
    /// The name of a place's source.
    #[must_use]
    pub fn source(&self, place: Place) -> Option<&Source> {
        self.sources.get(place.source as usize)
    }

    /// How many findings have that severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// Whether the values must not be used.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.count(Severity::Error) > 0
    }
}

impl Finding {
    /// A finding of a kind, at a path of the values and a place of the sources; the rest is added by
    /// the methods below.
    #[must_use]
    pub fn new(
        code: &'static str,
        severity: Severity,
        path: impl Into<String>,
        place: impl Into<Option<Place>>,
    ) -> Self {
        Self::plain(code, severity, path.into(), place.into())
    }

    #[inline(never)]
    fn plain(code: &'static str, severity: Severity, path: String, place: Option<Place>) -> Self {
        Self(Box::new(Detail {
            code,
            severity,
            path,
            place,
            found: String::new(),
            expected: String::new(),
            why: String::new(),
            fix: Fix::default(),
            related: Vec::new(),
        }))
    }

    /// The same as a warning.
    #[must_use]
    #[inline(never)]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// What was found.
    #[must_use]
    #[inline(never)]
    pub fn found(mut self, found: impl Into<String>) -> Self {
        self.found = found.into();
        self
    }

    /// What was expected.
    #[must_use]
    #[inline(never)]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }

    /// Why it matters.
    #[must_use]
    #[inline(never)]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    /// How to mend it, in words.
    #[must_use]
    #[inline(never)]
    pub fn fix(mut self, text: impl Into<String>) -> Self {
        self.fix.text = text.into();
        self
    }

    /// The edit that mends it: only where there is no doubt. Not in the chart's own values.yaml,
    /// which is nobody's to edit.
    #[must_use]
    #[inline(never)]
    pub fn replace(mut self, place: Place, text: impl Into<String>) -> Self {
        if !place.is_default() {
            self.fix.replacement = Some(Replacement {
                place,
                text: text.into(),
            });
        }
        self
    }

    /// The text to write, in words alone.
    #[must_use]
    #[inline(never)]
    pub fn fix_write(self, text: &str) -> Self {
        self.fix(format!("write {text}"))
    }

    /// The text to write in a place's stead, in words and as the edit.
    #[must_use]
    #[inline(never)]
    pub fn writes(self, place: Place, text: &str) -> Self {
        self.fix_write(text).replace(place, text)
    }

    /// The same for a text that YAML needs in quotes.
    #[must_use]
    #[inline(never)]
    pub fn quotes(self, place: Place, text: &str) -> Self {
        self.fix_write(text).replace(place, in_quotes(text))
    }

    /// A name that was nearly written, in words and as the edit.
    #[must_use]
    #[inline(never)]
    pub fn meant(self, place: Place, name: &str) -> Self {
        self.fix(format!("did you mean {name}?"))
            .replace(place, name)
    }

    /// What was found, as a text in quotes.
    #[must_use]
    #[inline(never)]
    pub fn found_text(self, text: &str) -> Self {
        self.found(in_quotes(text))
    }

    /// The edit that takes a key and its value, or an item, away.
    #[must_use]
    #[inline(never)]
    pub fn remove(self, node: &crate::Node) -> Self {
        let mut place = node.key_place();
        (place.end_line, place.end_column) = (node.place.end_line, node.place.end_column);
        self.replace(place, "")
    }

    /// Another place to look at; left out where it is the finding's own.
    #[must_use]
    #[inline(never)]
    pub fn related(mut self, place: Place, text: impl Into<String>) -> Self {
        if Some(place) != self.place {
            self.related.push(Related {
                place,
                text: text.into(),
            });
        }
        self
    }
}

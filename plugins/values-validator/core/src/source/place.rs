//! Where something stands.

/// A stretch of a source. Lines and columns count from 1, columns in characters; the end is the
/// column after the last character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Index into [`crate::Report::sources`]; 0 is the chart's own values.yaml.
    pub source: u32,
    /// Line of the first character.
    pub line: u32,
    /// Column of the first character.
    pub column: u32,
    /// Line of the end.
    pub end_line: u32,
    /// Column of the end.
    pub end_column: u32,
}

/// By reference: a place by value is 60 bytes of code at each of some hundred calls.
impl From<&Place> for Option<Place> {
    fn from(place: &Place) -> Self {
        Some(*place)
    }
}

impl Place {
    /// Whether this is in the chart's own values.yaml: nobody gave a value.
    #[must_use]
    pub const fn is_default(&self) -> bool {
        self.source == 0
    }

    /// Whether what stands here is the chart's own, with all that is below it: nobody wrote a part of it.
    /// What nobody wrote and the chart neither has no line.
    #[must_use]
    pub const fn is_untouched(&self) -> bool {
        self.is_default() && self.line > 0
    }
}

//! What there is to say of a name that nothing exports, and the known name that is nearest.

/// A name that nothing exports.
pub(super) struct Missing {
    pub(super) found: String,
    /// The name that is meant, where there is no doubt.
    pub(super) meant: Option<String>,
    pub(super) fix: String,
    /// Whether nothing else can export it.
    pub(super) sure: bool,
}

/// The series whose name differs by three letters at most.
pub(super) fn nearest(name: &str, series: impl Iterator<Item = String>) -> Option<String> {
    series
        .map(|known| (strsim::damerau_levenshtein(&known, name), known))
        .filter(|(distance, _)| *distance <= 3)
        .min()
        .map(|(_, near)| near)
}

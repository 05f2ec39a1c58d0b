//! What to do about YAML that cannot be read, by what the parser says of it.

/// How to mend it; the parser's own words stand in the finding.
pub(super) fn hint(info: &str) -> &'static str {
    const HINTS: [(&str, &str); 9] = [
        ("<document start>", "indent this line like the first"),
        (
            "document end marker",
            "put a line of three hyphens (---) before it",
        ),
        ("tab", "indent with spaces, never with tabs"),
        ("anchor", "define the anchor (&name) above its use (*name)"),
        (
            "end of stream",
            "close the quote or bracket that is opened before",
        ),
        (
            "simple key",
            "put a `:` and a space after the key, and indent like the lines around it",
        ),
        (
            "block mapping",
            "indent like the lines around it; put quotes around a value with `: ` in it",
        ),
        (
            "mapping values",
            "put quotes around a value with `: ` in it, or indent the line like its neighbours",
        ),
        ("flow", "close the bracket, and put a comma between items"),
    ];
    HINTS.iter().find(|(word, _)| info.contains(word)).map_or(
        "check quotes, brackets and indentation of this line and the one above",
        |(_, hint)| hint,
    )
}

/// Whether it is about what follows the end of a document, which helm does not read.
pub(super) fn ignored(info: &str) -> bool {
    info.contains("<document start>") || info.contains("document end marker")
}

//! What to do about YAML that cannot be read, by what the parser says of it.

use crate::embedded::Text;

/// How to mend it; the parser's own words stand in the finding.
pub(super) fn hint(info: &str) -> &'static str {
    const HINTS: [(&str, Text); 9] = [
        ("<document start>", text!("indent this line like the first")),
        (
            "document end marker",
            text!("put a line of three hyphens (---) before it"),
        ),
        ("tab", text!("indent with spaces, never with tabs")),
        (
            "anchor",
            text!("define the anchor (&name) above its use (*name), or remove the line"),
        ),
        (
            "end of stream",
            text!("close the quote or bracket that is opened before"),
        ),
        (
            "simple key",
            text!("put a `:` and a space after the key, and indent like the lines around it"),
        ),
        (
            "block mapping",
            text!("indent like the lines around it; put quotes around a value with `: ` in it"),
        ),
        (
            "mapping values",
            text!(
                "put quotes around a value with `: ` in it, or indent the line like its neighbours"
            ),
        ),
        (
            "flow",
            text!("close the bracket, and put a comma between items"),
        ),
    ];
    HINTS.iter().find(|(word, _)| info.contains(word)).map_or(
        text!("check quotes, brackets and indentation of this line and the one above").as_str(),
        |(_, hint)| hint.as_str(),
    )
}

/// Whether it is about what follows the end of a document, which helm does not read.
pub(super) fn ignored(info: &str) -> bool {
    info.contains("<document start>") || info.contains("document end marker")
}

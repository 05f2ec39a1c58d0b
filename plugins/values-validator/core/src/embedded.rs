//! The texts that the core embeds, compressed by `build.rs`: whole files, and what the sources say with
//! `text!("…")`, of which only a number is left in the code.

use std::sync::LazyLock;

use crate::key;

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/embedded.deflate"));

/// How many of the texts are files; what the sources say comes behind them.
const COUNT: usize = 9;

/// All of them, each with a zero byte behind it; a test holds that they can be unpacked.
static TEXTS: LazyLock<String> = LazyLock::new(|| {
    let bytes = miniz_oxide::inflate::decompress_to_vec(PACKED).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
});

/// The files, and the rest behind them.
static FILES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| TEXTS.splitn(COUNT + 1, '\0').collect());

fn text(index: usize) -> &'static str {
    FILES.get(index).copied().unwrap_or_default()
}

/// The chart's values.schema.json without what only people read.
#[must_use]
pub fn shape() -> &'static str {
    text(0)
}

/// The chart's own values.yaml, the lowest layer of every merge: line by line, without its comments.
#[must_use]
pub fn defaults() -> &'static str {
    text(1)
}

/// The same as a table, for [`crate::defaults`].
#[must_use]
pub fn table() -> &'static str {
    text(2)
}

/// The names that the chart's rules record, all switches on, in alphabetical order.
pub fn recorded() -> impl Iterator<Item = &'static str> {
    text(3)
        .lines()
        .map(|line| line.split(' ').next().unwrap_or(line))
}

/// The labels of a series that the chart records, with commas between them; none: it records none of that name,
/// or its labels are not known.
#[must_use]
pub fn recorded_labels(name: &str) -> Option<&'static str> {
    let mut lines = text(3).lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
}

/// Flags of `vllm serve`, from 0.10 to 0.33: one a line, in alphabetical order.
#[must_use]
pub fn flags() -> &'static str {
    text(4)
}

/// A text of the sources, made by `text!("…")`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text(u32);

/// A literal that is unpacked when somebody reads it.
macro_rules! text {
    ($text:literal) => {
        const { $crate::embedded::Text::of($text) }
    };
}

/// Each with its key, in the order of keys.
static SAID: LazyLock<Vec<(u32, &'static str)>> = LazyLock::new(|| {
    let texts = text(COUNT).split_terminator('\0');
    texts.map(|text| (key::of(text), text)).collect()
});

impl Text {
    /// For `text!` alone: `build.rs` finds the literals there.
    pub(crate) const fn of(text: &str) -> Self {
        Self(key::of(text))
    }

    /// What it says.
    #[must_use]
    #[inline(never)]
    pub fn as_str(self) -> &'static str {
        let at = SAID.binary_search_by(|(key, _)| key.cmp(&self.0));
        debug_assert!(at.is_ok(), "a text that is not in text!(…) of src");
        at.map_or("", |at| SAID[at].1)
    }
}

impl std::ops::Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self.as_str(), f)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.as_str().to_owned()
    }
}

/// Names of other charts: a line each, of the key, where it is found (the beginning of the path; empty:
/// anywhere) and what to write instead, with tabs between them.
#[must_use]
pub fn foreign() -> &'static str {
    text(5)
}

/// Defaults that may be null: without them the chart renders, and what it renders is taken by the programs
/// that read it. One path a line.
#[must_use]
pub fn renders() -> &'static str {
    text(6)
}

/// Labels that service discovery gives to targets, without `__meta_`: one a line, in alphabetical order; what
/// ends in `_` goes on as the user's names do.
#[must_use]
pub fn labels() -> &'static str {
    text(7)
}

/// Fields of the operator's objects: a line for each key that has them, `spec` with the kind behind it.
#[must_use]
pub fn operator() -> &'static str {
    text(8)
}

/// Objects that `extraObjects` hold, as the API server reads them: a schema whose properties are the kinds.
#[cfg(feature = "full")]
#[must_use]
pub fn objects() -> &'static str {
    static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/objects.deflate"));
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let bytes = miniz_oxide::inflate::decompress_to_vec(PACKED).unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    });
    &TEXT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_the_sources_is_unpacked_as_it_is_written() {
        for (text, written) in [
            (text!("a text, with \"quotes\""), "a text, with \"quotes\""),
            (
                text!(
                    "one that goes on \
                       in the next line"
                ),
                "one that goes on in the next line",
            ),
        ] {
            assert_eq!(text.as_str(), written);
        }
        assert!(SAID.is_sorted());
    }

    #[test]
    fn the_texts_are_those_of_the_files() {
        assert_eq!(shape(), include_str!("shape.json"));
        assert_eq!(defaults(), include_str!("defaults.yaml"));
        assert_eq!(table(), include_str!("defaults.txt"));
        assert_eq!(text(3), include_str!("recorded.txt"));
        assert_eq!(flags(), include_str!("flags.txt"));
        assert_eq!(foreign(), include_str!("foreign.txt"));
        assert_eq!(renders(), include_str!("renders.txt"));
        assert_eq!(labels(), include_str!("labels.txt"));
        assert_eq!(operator(), include_str!("operator.txt"));
        #[cfg(feature = "full")]
        assert_eq!(objects(), include_str!("objects.json"));
    }
}

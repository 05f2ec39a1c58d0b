//! The texts that the core embeds, compressed by `build.rs`.

use std::sync::LazyLock;

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/embedded.deflate"));

/// All of them, each with a zero byte behind it; a test holds that they can be unpacked.
static TEXTS: LazyLock<String> = LazyLock::new(|| {
    let bytes = miniz_oxide::inflate::decompress_to_vec(PACKED).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
});

fn text(index: usize) -> &'static str {
    TEXTS.split('\0').nth(index).unwrap_or_default()
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

/// The names that the chart's rules record, all switches on: one a line, in alphabetical order.
#[must_use]
pub fn recorded() -> &'static str {
    text(2)
}

/// Flags of `vllm serve`, from 0.10 to 0.33: one a line, in alphabetical order.
#[must_use]
pub fn flags() -> &'static str {
    text(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_are_those_of_the_files() {
        assert_eq!(shape(), include_str!("shape.json"));
        assert_eq!(defaults(), include_str!("defaults.yaml"));
        assert_eq!(recorded(), include_str!("recorded.txt"));
        assert_eq!(flags(), include_str!("flags.txt"));
    }
}

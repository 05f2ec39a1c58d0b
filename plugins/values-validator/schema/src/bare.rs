//! The chart's values.yaml as the validator's core embeds it: its comments are two thirds of it, and a
//! module that is loaded at every start need not carry them.

use anyhow::{Result, ensure};
use serde_yaml::Value;

/// The same lines and columns, without comments.
///
/// # Errors
/// When a text holds ` #`, which only a YAML parser could tell from a comment.
pub fn bare(text: &str) -> Result<String> {
    let mut bare = String::new();
    for line in text.lines() {
        let code = line.find(" #").map_or(line, |at| &line[..at]);
        if !code.trim_start().starts_with('#') {
            bare.push_str(code.trim_end());
        }
        bare.push('\n');
    }
    let (with, without): (Value, Value) =
        (serde_yaml::from_str(text)?, serde_yaml::from_str(&bare)?);
    ensure!(
        with == without,
        "chart/values.yaml: found ` #` within a text, expected it before comments only"
    );
    Ok(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_lines_and_columns_stay() {
        let text = "# first\na:\n  # of b\n  b: 1 # one\n";
        assert_eq!(bare(text).unwrap(), "\na:\n\n  b: 1\n");
    }

    #[test]
    fn a_text_that_looks_like_a_comment_is_refused() {
        assert!(bare("a: 'x # y'\n").is_err());
    }
}

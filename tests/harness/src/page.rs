//! The fenced blocks of a page of the documentation, for tests that run or render them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use crate::repo;

/// A page.
#[derive(Debug)]
pub struct Page {
    /// Its path in the repository.
    pub path: String,
    /// Its blocks, in order.
    pub blocks: Vec<Block>,
}

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The heading above it, without `#`.
    pub heading: String,
    /// Its language; empty where it names none.
    pub language: String,
    /// The line that it begins at.
    pub line: usize,
    /// What it contains.
    pub text: String,
}

impl Page {
    /// The page at that path in the repository.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(path: &str) -> Result<Self> {
        let text = std::fs::read_to_string(repo::root().join(path)).context(path.to_owned())?;
        Ok(Self {
            path: path.to_owned(),
            blocks: blocks(&text),
        })
    }

    /// Each block of a language: where it is, and what it contains.
    pub fn of<'a>(&'a self, language: &'a str) -> impl Iterator<Item = (String, &'a str)> {
        let blocks = self.blocks.iter().filter(move |b| b.language == language);
        blocks.map(|b| (format!("{}:{}", self.path, b.line), b.text.as_str()))
    }

    /// Values that the page tells to write, by the file's name.
    #[must_use]
    pub fn files(&self) -> BTreeMap<&str, &str> {
        let blocks = self.blocks.iter();
        blocks.filter_map(|b| Some((b.file()?, &*b.text))).collect()
    }
}

impl Block {
    /// The name of the file that it is to be written to: its first line is `# NAME.yaml`.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        let name = self.text.lines().next()?.strip_prefix("# ")?;
        (self.language == "yaml" && name.ends_with(".yaml")).then_some(name)
    }
}

fn blocks(text: &str) -> Vec<Block> {
    let (mut blocks, mut heading, mut open) = (Vec::new(), "", None::<Block>);
    for (number, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                open = Some(Block {
                    heading: heading.to_owned(),
                    language: language.to_owned(),
                    line: number + 1,
                    text: String::new(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.text += &format!("{line}\n"),
            (None, None) if line.starts_with('#') => {
                heading = line.trim_start_matches('#').trim();
            }
            (None, None) => {}
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_their_heading_language_line_and_file() {
        let text = "# A\n```sh\n# no heading\nls\n```\n## 1. B\ntext\n```yaml\n# x.yaml\na: 1\n```\n```\nplain\n```\n";
        let block = |heading: &str, language: &str, line, text: &str| Block {
            heading: heading.to_owned(),
            language: language.to_owned(),
            line,
            text: text.to_owned(),
        };
        let wanted = [
            block("A", "sh", 2, "# no heading\nls\n"),
            block("1. B", "yaml", 8, "# x.yaml\na: 1\n"),
            block("1. B", "", 12, "plain\n"),
        ];
        let found = blocks(text);
        assert_eq!(found, wanted);
        let files: Vec<_> = found.iter().map(Block::file).collect();
        assert_eq!(files, [None, Some("x.yaml"), None]);
    }
}

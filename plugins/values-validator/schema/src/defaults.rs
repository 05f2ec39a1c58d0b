//! The chart's own values as the validator's core reads them; `core/src/defaults.rs` has the format.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use values_validator_core::{Findings, Node, Source, Value, yaml};

/// The table of a YAML file.
///
/// # Errors
/// When it cannot be read, or has something that the table cannot say.
pub fn table(text: &str) -> Result<String> {
    let source = Source::new("", text);
    let map = yaml::read(&source, 0, &mut Findings::default()).context("chart/values.yaml")?;
    let mut table = Table::default();
    table.nodes(map.iter().map(|(key, node)| (key.as_str(), node)))?;
    Ok(table.text)
}

#[derive(Default)]
struct Table {
    text: String,
    line: u32,
}

impl Table {
    /// In the order of the file, so that every line is at or below the one before.
    fn nodes<'a>(&mut self, nodes: impl Iterator<Item = (&'a str, &'a Node)>) -> Result<()> {
        let mut nodes: Vec<_> = nodes.collect();
        nodes.sort_by_key(|(_, node)| node.key_place());
        nodes
            .into_iter()
            .try_for_each(|(key, node)| self.node(key, node))
    }

    fn node(&mut self, key: &str, node: &Node) -> Result<()> {
        let place = node.place;
        let mut at = place.column;
        let (mut down, mut column) = (0, 0);
        if let Some(own) = node.key {
            let bare = key.bytes().all(|b| b.is_ascii_graphic()) && key != "-";
            let plain = own.end_line == own.line && own.end_column - own.column == key.len() as u32;
            ensure!(
                bare && plain,
                "chart/values.yaml: found the key {key:?}, expected plain letters without quotes"
            );
            (down, column) = (own.line - self.line, own.column);
            self.line = own.line;
            if place.line == own.line {
                at -= own.end_column;
            }
        }
        let below = place.line - self.line;
        self.line = place.line;
        let height = place.end_line - place.line;
        let end = match height {
            0 => place.end_column - place.column,
            _ => place.end_column,
        };
        write!(
            self.text,
            "{key} {down} {column} {below} {at} {height} {end} "
        )?;
        match &node.value {
            Value::Null => self.text.push_str("null\n"),
            Value::Bool(on) => writeln!(self.text, "{on}")?,
            Value::Int(number) => writeln!(self.text, "#{number}")?,
            Value::Float(number) => writeln!(self.text, ".{number}")?,
            Value::Text(text) => {
                ensure!(
                    !text.contains(['\n', '\r', '\0']),
                    "chart/values.yaml: found a text of several lines at {key}, expected one line"
                );
                writeln!(self.text, "\"{text}")?;
            }
            Value::List(items) => {
                writeln!(self.text, "[{}", items.len())?;
                self.nodes(items.iter().map(|item| ("-", item)))?;
            }
            Value::Map(map) => {
                writeln!(self.text, "{{{}", map.len())?;
                self.nodes(map.iter().map(|(key, node)| (key.as_str(), node)))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_a_line_with_its_places() {
        let text = "a:\n  b: [1, x]\n\nc: {d: \"\"}\n";
        let expected = "\
a 1 1 1 3 0 9 {1
b 0 3 0 2 0 6 [2
- 0 0 0 7 0 1 #1
- 0 0 0 10 0 1 \"x
c 2 1 0 2 0 7 {1
d 0 5 0 2 0 2 \"
";
        assert_eq!(table(text).unwrap(), expected);
    }

    #[test]
    fn what_the_table_cannot_say_is_refused() {
        for text in ["a: |\n  b\n  c\n", "\"a b\": 1\n", "\"a\": 1\n", "- 1\n"] {
            assert!(table(text).is_err(), "{text}");
        }
    }
}

//! The chart's own values with their places, as `generate-values` writes them: read for every check, so without the
//! work of reading YAML.
//!
//! `src/defaults.txt` has a node a line, maps and lists before what is in them:
//!
//! ```text
//! KEY DOWN COLUMN DOWN COLUMN HEIGHT END VALUE
//! ```
//!
//! DOWN are lines from the node before to the key, and from the key to the value. A value's COLUMN counts
//! from the end of a key in its line, END from the column of a value of one line. An item of a list has `-`
//! for its key and 0 for the key's numbers. VALUE is `{` or `[` with the number of nodes in it, `"` with a
//! text, `#` with a whole number, `.` with any other, or `true`, `false`, `null`.

use std::str::Lines;

use crate::node::{Map, Node, Value};
use crate::{Place, embedded};

/// All of them; a test holds that they are what the YAML says.
#[must_use]
pub fn read() -> Map {
    let mut reader = Reader {
        lines: embedded::table().lines(),
        line: 0,
    };
    let mut map = Map::new();
    while let Some((key, node)) = reader.node() {
        map.insert(key.to_owned(), node);
    }
    map
}

struct Reader {
    lines: Lines<'static>,
    line: u32,
}

impl Reader {
    fn node(&mut self) -> Option<(&'static str, Node)> {
        let (name, mut rest) = self.lines.next()?.split_once(' ')?;
        let mut numbers = [0; 6];
        for number in &mut numbers {
            (*number, rest) = digits(rest);
        }
        let [down, column, below, mut at, height, mut end] = numbers;
        self.line += down;
        let place = |line, column, end_line, end_column| Place {
            source: 0,
            line,
            column,
            end_line,
            end_column,
        };
        let behind = column + name.len() as u32;
        let key = (name != "-").then(|| place(self.line, column, self.line, behind));
        if below == 0 && key.is_some() {
            at += behind;
        }
        self.line += below;
        if height == 0 {
            end += at;
        }
        let place = place(self.line, at, self.line + height, end);
        let value = self.value(rest);
        Some((name, Node { value, place, key }))
    }

    fn value(&mut self, written: &'static str) -> Value {
        let (kind, rest) = written.split_at(1);
        match kind {
            "{" => {
                let mut map = Map::new();
                for (key, node) in self.several(rest) {
                    map.insert(key.to_owned(), node);
                }
                Value::Map(map)
            }
            "[" => Value::List(self.several(rest).map(|(_, node)| node).collect()),
            "\"" => Value::Text(rest.to_owned()),
            "#" => Value::Int(rest.parse().unwrap_or_default()),
            "." => Value::Float(crate::units::float(rest).unwrap_or_default()),
            "n" => Value::Null,
            kind => Value::Bool(kind == "t"),
        }
    }

    fn several(&mut self, count: &str) -> impl Iterator<Item = (&'static str, Node)> {
        let count = digits(count).0;
        (0..count).filter_map(|_| self.node())
    }
}

/// The number at the beginning of a text, and what stands behind the blank after it.
fn digits(text: &str) -> (u32, &str) {
    let mut number = 0;
    for (at, byte) in text.bytes().enumerate() {
        if !byte.is_ascii_digit() {
            return (number, &text[at + 1..]);
        }
        number = number * 10 + u32::from(byte - b'0');
    }
    (number, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Findings, Source, yaml};

    #[test]
    fn the_table_says_what_the_yaml_says_and_where() {
        let source = Source::new("", embedded::defaults());
        let said = yaml::read(&source, 0, &mut Findings::default()).unwrap();
        assert_eq!(read(), said);
    }
}

//! What is checked, and where in it something stands.

mod place;
mod set;

use std::borrow::Cow;

use crate::node::{Map, Node, Value};
pub use place::Place;
pub use set::{Set, SetKind};

/// A text with a name: the chart's defaults, a values file, or one `--set` argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// As findings name it: the file's path, `-` for standard input, `--set 1` for an argument.
    pub name: String,
    /// What it holds. Of bytes that are no text, what stands before the first bad one.
    pub text: String,
    /// Why the bytes are no text.
    pub(crate) broken: Option<&'static str>,
    /// The flag, when it is an argument.
    pub(crate) set: Option<SetKind>,
    /// The key below which the chart's values are, when they are another chart's.
    pub(crate) at: Option<String>,
}

impl Source {
    /// A source that is text already.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
            broken: None,
            set: None,
            at: None,
        }
    }

    /// An argument as a source of its own: `--set 2` is the second of its kind.
    #[must_use]
    pub fn argument(set: &Set, number: usize) -> Self {
        Self {
            set: Some(set.kind),
            ..Self::new(format!("{} {number}", set.kind.flag()), set.text.as_str())
        }
    }

    /// The values of a chart that has this one below that key.
    #[must_use]
    pub fn below(mut self, key: &str) -> Self {
        self.at = Some(key.to_owned());
        self
    }

    /// This chart's own part of what was read: below the key, with the parent's `global`.
    pub(crate) fn own(&self, mut map: Map) -> Map {
        let Some(key) = &self.at else { return map };
        let global = map.remove("global");
        let mut own = match map.remove(key).map(|node| node.value) {
            Some(Value::Map(own)) => own,
            _ => Map::new(),
        };
        if let Some(global) = global {
            own.entry("global".into()).or_insert(Node {
                // Another chart's matter.
                place: Place::default(),
                ..global
            });
        }
        own
    }

    /// The flag, when this is an argument and no file.
    #[must_use]
    pub const fn set_kind(&self) -> Option<SetKind> {
        self.set
    }

    /// What stands at a place of this source; none when it spans lines.
    #[must_use]
    pub fn at(&self, place: Place) -> Option<&str> {
        let line = self
            .text
            .split('\n')
            .nth(place.line.checked_sub(1)? as usize)?;
        let mut starts = line.char_indices().map(|(at, _)| at).chain([line.len()]);
        let start = starts.nth(place.column.checked_sub(1)? as usize)?;
        let end = match place.end_column.checked_sub(place.column)? {
            0 => start,
            width => starts.nth(width as usize - 1)?,
        };
        (place.line == place.end_line).then(|| &line[start..end])
    }

    /// What goes with a key and its value, or an item, that is taken away: its lines, or the comma beside it.
    #[must_use]
    pub fn alone(&self, place: Place) -> Option<Place> {
        let line = |line: u32| self.text.split('\n').nth(line.checked_sub(1)? as usize);
        let before: String = (line(place.line)?.chars())
            .take(place.column as usize - 1)
            .collect();
        let after: String = (line(place.end_line)?.chars())
            .skip(place.end_column as usize - 1)
            .collect();
        let mut all = place;
        let last = after.trim().is_empty() || after.trim().starts_with('#');
        let indent = before.trim_start_matches(' ');
        if last && (indent.is_empty() || indent == "- ") {
            (all.end_line, all.end_column) = (place.end_line + 1, 1);
            // The next key of an item takes its place behind the dash.
            let next = line(place.end_line + 1).unwrap_or_default();
            let own = |c: &char| *c == ' ';
            if indent.is_empty() || next.chars().take_while(own).count() != before.len() {
                all.column = 1;
            } else {
                all.end_column = place.column;
            }
        } else if let Some(rest) = after.strip_prefix(',') {
            all.end_column += 1 + (rest.len() - rest.trim_start().len()) as u32;
        } else if let Some(rest) = before.trim_end().strip_suffix(',') {
            all.column = rest.chars().count() as u32 + 1;
        }
        Some(all)
    }

    /// What stands at a place of several lines, as an item of a list: behind `- `, further lines indented.
    #[must_use]
    pub fn item(&self, place: Place) -> Option<String> {
        let count = place.end_line.checked_sub(place.line)? as usize;
        let mut lines = self
            .text
            .split('\n')
            .skip(place.line.checked_sub(1)? as usize);
        let first = lines.next()?.get(place.column.checked_sub(1)? as usize..)?;
        if count == 0 {
            return None;
        }
        let mut item = format!("- {first}");
        for (at, line) in lines.take(count).enumerate() {
            let last = at + 1 == count;
            let end = place.end_column.checked_sub(1)? as usize;
            item.push_str("\n  ");
            item.push_str(if last { line.get(..end)? } else { line });
        }
        Some(item)
    }

    /// The text with another text at a place; none where there is no such place.
    #[must_use]
    pub fn replaced(&self, place: Place, text: &str) -> Option<String> {
        let offset = |line: u32, column: u32| {
            let lines = self
                .text
                .split_inclusive('\n')
                .take(line.checked_sub(1)? as usize);
            let before: usize = lines.map(str::len).sum();
            let skipped = self
                .text
                .get(before..)?
                .chars()
                .take(column.checked_sub(1)? as usize);
            Some(before + skipped.map(char::len_utf8).sum::<usize>())
        };
        let start = offset(place.line, place.column)?;
        let end = offset(place.end_line, place.end_column)?;
        Some(format!(
            "{}{text}{}",
            self.text.get(..start)?,
            self.text.get(end..)?
        ))
    }

    /// A source as a file holds it: UTF-8, or UTF-16 with a byte order mark, as helm reads it.
    /// Bytes that are neither become a finding of the check, not an error here.
    #[must_use]
    pub fn from_bytes(name: impl Into<String>, bytes: &[u8]) -> Self {
        let (text, broken) = match bytes {
            [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
            [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
            _ => match std::str::from_utf8(bytes) {
                Ok(text) => (Cow::Borrowed(text), None),
                Err(e) => (
                    String::from_utf8_lossy(&bytes[..e.valid_up_to()]),
                    Some("a byte that is not UTF-8"),
                ),
            },
        };
        Self {
            broken,
            ..Self::new(name, text)
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> (Cow<'static, str>, Option<&'static str>) {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let mut text = String::new();
    for decoded in char::decode_utf16(units) {
        match decoded {
            Ok(c) => text.push(c),
            Err(_) => return (text.into(), Some("half a character of UTF-16")),
        }
    }
    let broken = (!odd.is_empty()).then_some("half a character of UTF-16");
    (text.into(), broken)
}

//! A value written again in another form; what stays of it stays as it is written.

use super::form::Form;
use crate::Source;
use crate::node::{Node, Value};
use crate::shape::written;

/// A source, line by line.
pub struct Lines<'a> {
    source: &'a Source,
    index: u32,
    lines: Vec<&'a str>,
}

/// What stands from a column on.
fn from(line: &str, column: u32) -> Option<&str> {
    let mut starts = (line.char_indices().map(|(at, _)| at)).chain([line.len()]);
    line.get(starts.nth(column.checked_sub(1)? as usize)?..)
}

/// What stands before a column.
fn before(line: &str, column: u32) -> Option<&str> {
    Some(&line[..line.len() - from(line, column)?.len()])
}

impl<'a> Lines<'a> {
    pub fn new(source: &'a Source, index: u32) -> Self {
        Self {
            source,
            index,
            lines: source.text.split('\n').collect(),
        }
    }

    fn line(&self, number: u32) -> Option<&'a str> {
        self.lines.get(number.checked_sub(1)? as usize).copied()
    }

    /// Whether a value stands in lines of its own; none where it is written elsewhere.
    pub fn block(&self, node: &Node) -> Option<bool> {
        if node.place.source != self.index {
            return None;
        }
        let start = from(self.line(node.place.line)?, node.place.column)?;
        if start.starts_with(['*', '&', '!', '|', '>']) {
            return None;
        }
        let several = matches!(node.value, Value::Map(_) | Value::List(_));
        Some(several && !start.starts_with(['{', '[']))
    }

    /// The last line of a value in lines of its own, without what belongs to a key behind it.
    fn last(&self, node: &Node) -> Option<u32> {
        let place = node.place;
        let mut last = place.end_line;
        if place.end_column == 1 && last > place.line {
            last -= 1;
        }
        while last > place.line {
            let line = self.line(last).unwrap_or_default();
            let deep = line.len() - line.trim_start().len();
            let other = line.trim().is_empty()
                || line.trim().starts_with('#') && deep + 1 < place.column as usize;
            if !other {
                break;
            }
            last -= 1;
        }
        Some(last)
    }

    fn cut(&self, start: u32, last: u32, column: u32) -> Option<Vec<String>> {
        let mut lines = vec![from(self.line(start)?, column)?.to_owned()];
        for number in start + 1..=last {
            let line = self.line(number)?;
            let deep = line.len() - line.trim_start_matches(' ').len();
            lines.push(line.get(deep.min(column as usize - 1)..)?.to_owned());
        }
        Some(lines)
    }

    /// A value as it is written.
    pub fn value(&self, node: &Node) -> Option<Form> {
        if !self.block(node)? {
            let own = self.source.at(node.place).filter(|text| !text.is_empty());
            return Some(Form::flow(own.map_or_else(|| written(node), str::to_owned)));
        }
        Some(Form {
            lines: self.cut(node.place.line, self.last(node)?, node.place.column)?,
            flow: written(node),
            block: true,
        })
    }

    /// The keys of a map, each with its value, in the order in which they are written.
    pub fn entries(&self, node: &Node) -> Option<Vec<(String, Form)>> {
        let block = self.block(node)?;
        // What the chart has itself is not in the file.
        let own = |(_, child): &(&str, &Node)| !child.is_default();
        let mut children: Vec<(&str, &Node)> = node.entries().filter(own).collect();
        children.sort_by_key(|(_, child)| child.key_place());
        let mut all = Vec::new();
        for (at, (key, child)) in children.iter().enumerate() {
            let start = child.key?;
            if start.source != self.index {
                return None;
            }
            let flow = Form::entry(
                key,
                &self
                    .value(child)
                    .map_or_else(|| Form::flow(written(child)), |value| value.inline()),
            );
            if !block {
                all.push(((*key).to_owned(), flow));
                continue;
            }
            let last = match children.get(at + 1) {
                Some((_, next)) => next.key?.line - 1,
                None => self.last(node)?,
            };
            let lines = self.cut(start.line, last, node.place.column)?;
            let form = Form {
                lines,
                block: true,
                ..flow
            };
            all.push(((*key).to_owned(), form));
        }
        Some(all)
    }

    /// The keys of a map with their values, but for some.
    pub fn without(&self, node: &Node, keys: &[&str]) -> Option<Vec<Form>> {
        let all = self.entries(node)?.into_iter();
        let left = all.filter(|(key, _)| !keys.contains(&key.as_str()));
        Some(left.map(|(_, form)| form).collect())
    }

    /// The items of a list.
    pub fn items(&self, node: &Node) -> Option<Vec<Form>> {
        let block = self.block(node)?;
        let items = node.items();
        let mut all = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let mut form = self.value(item)?;
            if block && form.block {
                let last = match items.get(at + 1) {
                    Some(next) => next.place.line - 1,
                    None => self.last(node)?,
                };
                form.lines = self.cut(item.place.line, last, item.place.column)?;
            }
            all.push(form);
        }
        Some(all)
    }

    /// The text with a value in another form.
    pub fn put(&self, node: &Node, form: &Form) -> Option<String> {
        let own = self.block(node)?;
        let mut place = node.place;
        if own {
            place.end_line = self.last(node)?;
            place.end_column = self.line(place.end_line)?.chars().count() as u32 + 1;
        }
        let key = node.key;
        let start = key.unwrap_or(place);
        let head = before(self.line(start.line)?, start.column)?;
        let alone = head.trim_start_matches([' ', '-']).is_empty();
        let deep = start.column as usize - 1;
        let text = match key {
            _ if !form.block || !alone => {
                if let Some(key) = key.filter(|key| key.line < place.line) {
                    (place.line, place.column) = (key.line, key.end_column);
                    format!(": {}", form.flow)
                } else {
                    form.flow.clone()
                }
            }
            Some(key) => {
                let deep = deep + 2;
                let line = self.line(key.line)?;
                let behind = from(line, key.end_column)?;
                let colon = behind.find(':')? + 1;
                let rest = behind[colon..].trim();
                // A comment behind the key stays.
                let cut = !rest.is_empty() && !rest.starts_with('#');
                place.line = key.line;
                place.column = if cut {
                    key.end_column + colon as u32
                } else {
                    line.chars().count() as u32 + 1
                };
                let lines = form.lines.iter();
                lines
                    .map(|line| match line.as_str() {
                        "" => "\n".to_owned(),
                        line => format!("\n{:deep$}{line}", ""),
                    })
                    .collect()
            }
            None => form.lines.join(&format!("\n{:deep$}", "")),
        };
        let comments = |text: &str| text.matches(" #").count();
        let new = self.source.replaced(place, &text)?;
        (comments(&new) >= comments(&self.source.text)).then_some(new)
    }
}

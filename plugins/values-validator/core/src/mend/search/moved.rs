//! A file with a key and its value at another place.

use super::targets::{parts, step, walked};
use crate::finding::{Finding, Replacement};
use crate::node::{Node, Value};
use crate::shape::written;
use crate::{Place, Source};

/// The last line of a node: a block's end is the beginning of what follows.
pub(super) fn last(node: &Node) -> u32 {
    node.place.end_line
        - u32::from(node.place.end_column == 1 && node.place.end_line > node.place.line)
}

/// The place of the maps that would be empty without what an edit takes away.
pub fn emptied(root: &Node, finding: &Finding, edit: &Replacement) -> Option<Place> {
    let mut path = parts(&finding.path);
    let mut node = walked(root, &path)?;
    let start = |place: Place| (place.line, place.column);
    if !edit.text.is_empty() || start(node.key?) != start(edit.place) {
        return None;
    }
    let mut all = None;
    while path.pop().is_some() {
        let parent = walked(root, &path)?;
        let own = |(_, child): &(&str, &Node)| !child.is_default();
        if parent.entries().filter(own).count() != 1 || parent.place.source != node.place.source {
            break;
        }
        let Some(mut place) = parent.key else { break };
        (place.end_line, place.end_column) = (node.place.end_line, node.place.end_column);
        if parent.place.line == place.line {
            (place.end_line, place.end_column) = (parent.place.end_line, parent.place.end_column);
        }
        node = parent;
        all = Some(place);
    }
    all
}

/// The text with what is at one path at another path; none where something is there already.
pub fn moved(
    source: &Source,
    index: u32,
    root: &Node,
    from: &[String],
    to: &[String],
) -> Option<String> {
    let (new, target) = to.split_last()?;
    let mut from = from;
    let mut node = walked(root, from)?;
    let value = node;
    if target == &from[..from.len() - 1] {
        let free = walked(root, to).is_none_or(Node::is_default);
        return source.replaced(node.key?, new).filter(|_| free);
    }
    // A map that would be left empty goes too.
    while let Some((_, above)) = from.split_last()
        && !to.starts_with(above)
        && let Some(parent) = walked(root, above)
        && (parent.entries().filter(|(_, node)| !node.is_default())).count() == 1
        && parent.key.is_some()
    {
        (from, node) = (above, parent);
    }
    let mut at = root;
    let mut depth = 0;
    while let Some(next) = target.get(depth).and_then(|part| step(at, part))
        && next.place.source == index
    {
        (at, depth) = (next, depth + 1);
    }
    let rest = &target[depth..];
    if rest.iter().any(|part| part.starts_with('[')) || !matches!(at.value, Value::Map(_)) {
        return None;
    }
    if rest.is_empty() && at.child(new).is_some_and(|node| node.place.source == index) {
        return None;
    }
    let key = value.key?;
    let lines: Vec<&str> = source.text.split('\n').collect();
    let line = |number: u32| lines.get(number as usize - 1).copied();
    let before = line(key.line)?.get(..key.column as usize - 1)?;
    let block = before.trim_start_matches([' ', '-']).is_empty();
    let flow = depth > 0
        && line(at.place.line)?
            .chars()
            .nth(at.place.column as usize - 1)
            == Some('{');
    let (place, text) = if flow {
        let mut text = format!("{new}: {}", written(value));
        for part in rest.iter().rev() {
            text = format!("{part}: {{{text}}}");
        }
        if at.entries().len() > 0 {
            text = format!(", {text}");
        }
        let end = (at.place.end_line, at.place.end_column - 1);
        (end, text)
    } else {
        let mut indent = if depth == 0 {
            0
        } else {
            at.place.column as usize - 1
        };
        let mut text = String::new();
        for part in rest {
            text.push_str(&format!("{:indent$}{part}:\n", ""));
            indent += 2;
        }
        text.push_str(&format!("{:indent$}{new}:", ""));
        if block {
            text.push_str(line(key.line)?.get(key.end_column as usize..)?);
            for number in key.line + 1..=last(value) {
                let line = line(number)?;
                let deep = line.len() - line.trim_start_matches(' ').len();
                let own = line.get(deep.min(key.column as usize - 1)..)?;
                text.push_str(&format!("\n{:indent$}{own}", ""));
            }
        } else {
            text.push_str(&format!(" {}", written(value)));
        }
        text.push('\n');
        let end = if depth == 0 {
            lines.len() as u32 - u32::from(lines.last() == Some(&""))
        } else {
            last(at)
        };
        ((end + 1, 1), text)
    };
    let insert = |text_of: &str| {
        let mut text_of = text_of.to_owned();
        if !flow && !text_of.ends_with('\n') {
            text_of.push('\n');
        }
        let place = Place {
            source: index,
            line: place.0,
            column: place.1,
            end_line: place.0,
            end_column: place.1,
        };
        Source::new("", text_of).replaced(place, &text)
    };
    let remove = |text_of: String| {
        let key = node.key?;
        let mut place = key;
        (place.end_line, place.end_column) = (node.place.end_line, node.place.end_column);
        let source = Source::new("", text_of);
        let indent = line(key.line)?.get(..key.column as usize - 1)?;
        let all = if indent.trim().is_empty() {
            Place {
                column: 1,
                end_line: last(node) + 1,
                end_column: 1,
                ..key
            }
        } else {
            source.alone(place)?
        };
        source.replaced(all, "")
    };
    if place > (key.line, key.column) {
        remove(insert(&source.text)?)
    } else {
        insert(&remove(source.text.clone())?)
    }
}

//! Where YAML 1.2, which the parser reads, and YAML 1.1 as helm has it, part.

use super::tree::{Kind, Tree};
use super::{point, refusal};
use crate::Finding;

/// The first character that helm takes in no YAML.
pub(super) fn control(text: &str, source: u32, offset: u32) -> Option<Box<Finding>> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..);
    // Nearly every text has none.
    if text.chars().all(allowed) {
        return None;
    }
    let (line, column, c) = (0..).zip(text.split('\n')).find_map(|(number, line)| {
        let (column, c) = (1..).zip(line.chars()).find(|(_, c)| !allowed(*c))?;
        Some((offset + number + 1, column, c))
    })?;
    Some(refusal(
        point(source, line, column),
        format!("the control character {}", c.escape_unicode()),
        "characters that can be seen",
        "remove it, or write it as an escape in double quotes",
    ))
}

/// The first tab that helm refuses and the parser does not: in the white space that a line begins
/// with, where a key, an item or nothing could stand.
pub(super) fn tab(text: &str, tree: &Tree, source: u32, offset: u32) -> Option<Box<Finding>> {
    if !text.contains('\t') {
        return None;
    }
    let mut before = Before::default();
    for (number, line) in (offset + 1..).zip(text.split('\n')) {
        let leading = line.len() - line.trim_start_matches([' ', '\t']).len();
        // `-`, then a tab: an item could be a map that begins here.
        let item = line[leading..].starts_with(['-', '?']) && line[leading + 1..].starts_with('\t');
        let column = match line[..leading].find('\t') {
            Some(tab) => tab as u32 + 1,
            None if item => leading as u32 + 2,
            None => continue,
        };
        if !before.holds(tree, number, column, item) {
            return Some(refusal(
                point(source, number, column),
                "a tab before what the line holds",
                "spaces",
                "indent with spaces, never with tabs",
            ));
        }
    }
    None
}

/// The first plain text between brackets that helm does not take for one: `>50`, `|`, `?x`, `:x`.
pub(super) fn sign(text: &str, tree: &Tree, offset: u32) -> Option<Box<Finding>> {
    if !tree.nodes.iter().any(|raw| raw.flow) {
        return None;
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let mut end = (0, 0);
    for raw in &tree.nodes {
        let at = (raw.place.line, raw.place.column);
        if raw.flow {
            end = end.max((raw.place.end_line, raw.place.end_column));
        }
        let Kind::Scalar { plain: true, text } = &raw.kind else {
            continue;
        };
        // A value that is left out (`{b: , c}`) has the place of the `:` before it.
        if at >= end || text.is_empty() {
            continue;
        }
        let line = lines.get((raw.place.line - offset - 1) as usize)?;
        let first = line.chars().nth(raw.place.column as usize - 1);
        let Some(c @ ('>' | '|' | '?' | ':')) = first else {
            continue;
        };
        let place = raw.place;
        let written: String = (line.chars())
            .skip(place.column as usize - 1)
            .take((place.end_column.saturating_sub(place.column)) as usize)
            .collect();
        let finding = refusal(
            place,
            format!("a text that begins with `{c}` between brackets"),
            "the text in quotes",
            "put quotes around the text",
        );
        return Some(if place.line == place.end_line && !written.contains('\'') {
            Box::new(finding.replace(place, format!("'{written}'")))
        } else {
            finding
        });
    }
    None
}

/// What stands before a place, in a walk down the text.
#[derive(Default)]
struct Before {
    /// Nodes before it: they are in the order in which they begin.
    nodes: usize,
    /// The furthest end of a text or a bracket among them.
    end: (u32, u32),
    /// Whether the last text among them is plain.
    plain: bool,
}

impl Before {
    /// Whether a place is inside of a text of several lines or of a bracket, or, but for an item's,
    /// after a plain text and deeper than what holds that text.
    fn holds(&mut self, tree: &Tree, line: u32, column: u32, item: bool) -> bool {
        while let Some(raw) = tree.nodes.get(self.nodes)
            && (raw.place.line, raw.place.column) < (line, column)
        {
            self.nodes += 1;
            let scalar = matches!(raw.kind, Kind::Scalar { .. });
            if scalar || raw.flow {
                self.end = self.end.max((raw.place.end_line, raw.place.end_column));
            }
            if let Kind::Scalar { plain, .. } = raw.kind {
                self.plain = plain;
            }
        }
        (line, column) <= self.end || (!item && column > 1 && self.plain)
    }
}

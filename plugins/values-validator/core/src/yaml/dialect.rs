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

/// The text with what helm forgives made what the parser takes, each character at its index: tabs
/// between things, brackets that close further left than they may, comments without a space before.
/// None when there is nothing of the kind.
pub(super) fn relaxed(text: &str) -> Option<String> {
    let relax = Relax::over(text);
    relax.changed.then(|| relax.chars.iter().collect())
}

/// Blanks that [`padded`] adds before a line.
pub(super) const PAD: usize = 200;

/// The text with the further lines of texts in quotes indented by [`PAD`], and which lines these are, from
/// 1: helm takes them at any indentation, and none counts. None when there is no such line.
pub(super) fn padded(text: &str) -> Option<(String, Vec<usize>)> {
    let relax = Relax::over(text);
    let mut out = String::new();
    let (mut line, mut lines) = (1, Vec::new());
    for (at, c) in relax.chars.iter().enumerate() {
        out.push(*c);
        if *c == '\n' {
            line += 1;
            if relax.breaks.binary_search(&at).is_ok() && lines.len() < 1000 {
                lines.push(line);
                out.push_str(&" ".repeat(PAD));
            }
        }
    }
    (!lines.is_empty()).then_some((out, lines))
}

struct Relax {
    chars: Vec<char>,
    at: usize,
    brackets: usize,
    changed: bool,
    /// Line breaks within quotes.
    breaks: Vec<usize>,
}

impl Relax {
    fn over(text: &str) -> Self {
        let mut relax = Self {
            chars: text.chars().collect(),
            at: 0,
            brackets: 0,
            changed: false,
            breaks: Vec::new(),
        };
        while relax.at < relax.chars.len() {
            relax.step();
        }
        relax
    }

    fn step(&mut self) {
        match self.chars[self.at] {
            quote @ ('"' | '\'') if self.starts() => self.quoted(quote),
            '#' if self.starts() || self.follows(&[']', '}', '"', '\'', ',', '|', '>']) => {
                let adjacent = !self.follows(&[' ', '\t', '\n']);
                while self.at < self.chars.len() && self.chars[self.at] != '\n' {
                    if adjacent || self.brackets > 0 {
                        self.put(' ');
                    }
                    self.at += 1;
                }
                return;
            }
            '[' | '{' if self.brackets > 0 || self.starts() => self.brackets += 1,
            ']' | '}' => self.brackets = self.brackets.saturating_sub(1),
            '|' | '>' if self.brackets == 0 && self.starts() => return self.block(),
            '\t' if self.brackets > 0 || !self.leads() => self.put(' '),
            '\n' if self.brackets > 0 => self.put(' '),
            _ => {}
        }
        self.at += 1;
    }

    fn put(&mut self, c: char) {
        self.changed |= self.chars[self.at] != c;
        self.chars[self.at] = c;
    }

    fn follows(&self, set: &[char]) -> bool {
        self.at == 0 || set.contains(&self.chars[self.at - 1])
    }

    /// Whether something new can begin here.
    fn starts(&self) -> bool {
        self.follows(&[' ', '\t', '\n'])
            || (self.brackets > 0 && self.follows(&['[', '{', ',', ':']))
    }

    /// Whether only white space is before it in its line.
    fn leads(&self) -> bool {
        let line = self.chars[..self.at]
            .iter()
            .rev()
            .take_while(|c| **c != '\n');
        line.into_iter()
            .all(|c| matches!(c, ' ' | '\t' | '-' | '?'))
    }

    fn quoted(&mut self, quote: char) {
        self.at += 1;
        let mut leading = false;
        while self.at < self.chars.len() {
            match self.chars[self.at] {
                '\\' if quote == '"' => {
                    self.at += 1;
                    if self.chars.get(self.at) == Some(&'\n') {
                        self.breaks.push(self.at);
                    }
                }
                '\n' => {
                    leading = true;
                    self.breaks.push(self.at);
                }
                '\t' if leading => self.put(' '),
                ' ' => {}
                c if c == quote => return,
                _ => leading = false,
            }
            self.at += 1;
        }
    }

    /// A block scalar: to the first line that is not deeper than its own.
    fn block(&mut self) {
        let start = self.chars[..self.at]
            .iter()
            .rposition(|c| *c == '\n')
            .map_or(0, |n| n + 1);
        let depth = |line: &[char]| line.iter().take_while(|c| **c == ' ').count();
        let own = depth(&self.chars[start..]);
        // Its header line may end in a comment.
        while self.at < self.chars.len() && self.chars[self.at] != '\n' {
            if self.chars[self.at] == '#' && !self.follows(&[' ', '\t']) {
                while self.at < self.chars.len() && self.chars[self.at] != '\n' {
                    self.put(' ');
                    self.at += 1;
                }
                break;
            }
            self.at += 1;
        }
        while self.at < self.chars.len() {
            let line = &self.chars[self.at + 1..];
            let length = line.iter().take_while(|c| **c != '\n').count();
            let blank = line[..length].iter().all(|c| *c == ' ');
            if !blank && depth(line) <= own {
                return;
            }
            self.at += length + 1;
        }
    }
}

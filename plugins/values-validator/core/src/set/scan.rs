//! An argument, character by character.

use crate::codes::BAD_SET;
use crate::node::{Node, Value};
use crate::yaml::point;
use crate::{Finding, Place};

pub(super) struct Scan {
    chars: Vec<char>,
    /// Line and column of each character, and of the end.
    places: Vec<(u32, u32)>,
    source: u32,
    pub at: usize,
}

impl Scan {
    pub fn new(text: &str, source: u32) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let mut places = Vec::with_capacity(chars.len() + 1);
        let (mut line, mut column) = (1, 1);
        for c in &chars {
            places.push((line, column));
            (line, column) = match c {
                '\n' => (line + 1, 1),
                _ => (line, column + 1),
            };
        }
        places.push((line, column));
        Self {
            chars,
            places,
            source,
            at: 0,
        }
    }

    /// Of a text whose places nobody asks for: they take twice the memory of its characters.
    pub fn unplaced(text: &str) -> Self {
        let mut chars = Vec::with_capacity(text.len());
        chars.extend(text.chars());
        Self {
            chars,
            places: vec![(1, 1)],
            source: 0,
            at: 0,
        }
    }

    pub fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    pub fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    /// The characters from here on that are wanted, read.
    pub fn run(&mut self, wanted: impl Fn(char) -> bool) -> &[char] {
        let rest = &self.chars[self.at..];
        let length = rest.iter().position(|c| !wanted(*c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Skips a word, if it stands here.
    pub fn skip(&mut self, word: &str) -> bool {
        let length = word.chars().count();
        let here = self.chars.get(self.at..self.at + length);
        let found = here.is_some_and(|here| here.iter().copied().eq(word.chars()));
        if found {
            self.at += length;
        }
        found
    }

    /// What stands before the first of these characters, which is read too; backslashes escape. At
    /// the end of the argument: what there was, and none.
    pub fn until(&mut self, stop: &[char]) -> (String, Option<char>) {
        let mut text = String::new();
        while let Some(c) = self.next() {
            if stop.contains(&c) {
                return (text, Some(c));
            }
            match c {
                '\\' => match self.next() {
                    Some(escaped) => text.push(escaped),
                    None => break,
                },
                _ => text.push(c),
            }
        }
        (text, None)
    }

    /// From a character to where the scan is, or to before the last one read.
    pub fn place(&self, from: usize, to: usize) -> Place {
        let last = self.places.len() - 1;
        let (line, column) = self.places[from.min(last)];
        let (end_line, end_column) = self.places[to.clamp(from, last.max(from)).min(last)];
        Place {
            source: self.source,
            line,
            column,
            end_line,
            end_column,
        }
    }

    pub fn node(&self, value: Value, from: usize) -> Node {
        Node {
            value,
            place: self.place(from, self.at),
            key: None,
        }
    }

    /// Why helm refuses the argument, at a character.
    pub fn refuse(&self, at: usize, found: String, expected: &str, fix: &str) -> Box<Finding> {
        let (line, column) = self.places[at.min(self.places.len() - 1)];
        Box::new(
            BAD_SET
                .at("", point(self.source, line, column))
                .found(found)
                .expected(expected)
                .why(text!("helm stops here: nothing is installed."))
                .fix(fix),
        )
    }
}

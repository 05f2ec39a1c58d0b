//! A file that is edited step by step.

use super::block::Lines;
use super::form::Form;
use super::moved::moved;
use super::targets::walked;
use crate::node::{Node, Value};
use crate::{Place, Source};

/// A file that is edited step by step.
pub struct Draft {
    source: Source,
    index: u32,
}

impl Draft {
    pub fn new(source: &Source, index: u32) -> Self {
        Self {
            source: Source::new("", source.text.clone()),
            index,
        }
    }

    fn root(&self) -> Option<Node> {
        let mut findings = crate::Findings::default();
        let map = crate::yaml::read(&self.source, self.index, &mut findings)?;
        Some(Node {
            value: Value::Map(map),
            place: Place {
                source: self.index,
                line: 1,
                column: 1,
                end_line: 1,
                end_column: 1,
            },
            key: None,
        })
    }

    /// What is at a path is at another.
    pub fn moved(&mut self, from: &[String], to: &[String]) -> Option<()> {
        let root = self.root()?;
        let text = moved(&self.source, self.index, &root, from, to)?;
        self.source = Source::new("", text);
        Some(())
    }

    /// A key and its value are taken away.
    pub fn removed(&mut self, path: &[String]) -> Option<()> {
        let root = self.root()?;
        let node = walked(&root, path)?;
        let mut place = node.key_place();
        (place.end_line, place.end_column) = (node.place.end_line, node.place.end_column);
        let text = self.source.replaced(self.source.alone(place)?, "")?;
        self.source = Source::new("", text);
        Some(())
    }

    /// A value has another form.
    pub fn put(&mut self, path: &[String], form: &Form) -> Option<()> {
        let root = self.root()?;
        let node = walked(&root, path)?;
        let text = Lines::new(&self.source, self.index).put(node, form)?;
        self.source = Source::new("", text);
        Some(())
    }

    pub fn text(self) -> String {
        self.source.text
    }
}

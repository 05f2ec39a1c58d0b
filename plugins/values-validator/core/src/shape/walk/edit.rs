//! What an edit replaces, and whether its text fits the schema.

use super::Walk;
use crate::node::Node;
use crate::shape::schema::Schema;
use crate::{Findings, Place, Source};

impl Walk<'_> {
    /// The edit that gives a key another name, and its value the form that goes with it.
    pub(super) fn renamed(
        &self,
        schema: &Schema,
        map: &Node,
        key: &str,
        value: &Node,
    ) -> Option<(Place, String)> {
        let of = schema.properties.get(key)?;
        if !map.child(key).is_none_or(Node::is_default) {
            return None;
        }
        let mut wrong = Findings::default();
        self.check(of, value, "", &mut wrong);
        if wrong.0.is_empty() {
            return Some((value.key_place(), key.to_owned()));
        }
        let text = self.formed(of, value)?;
        (value.place.line == value.place.end_line && self.would_fit(of, &text, value, ""))
            .then(|| (whole(value), format!("{key}: {text}")))
    }

    /// Whether that text, read again, has nothing wrong.
    pub(super) fn would_fit(&self, schema: &Schema, text: &str, node: &Node, path: &str) -> bool {
        let source = Source::new("", format!("a: {text}\n"));
        let mut wrong = Findings::default();
        let read = crate::yaml::read(&source, node.place.source, &mut wrong);
        let Some(new) = read.and_then(|mut map| map.remove("a")) else {
            return false;
        };
        self.check(schema, &new, path, &mut wrong);
        wrong.0.is_empty()
    }
}
/// A key and its value, where both are in one line.
pub(super) fn whole(value: &Node) -> Place {
    let mut place = value.key_place();
    if place.line == value.place.end_line {
        (place.end_line, place.end_column) = (value.place.end_line, value.place.end_column);
    }
    place
}

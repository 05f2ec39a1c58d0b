//! A document as it stands, before it means anything: nodes in an arena, aliases unfollowed. Built
//! without recursion, so that no nesting exhausts the stack.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};

use super::{DEEPEST, point, refusal};
use crate::{Finding, Place};

/// Index of a node in [`Tree::nodes`].
pub(super) type Id = usize;

pub(super) enum Kind {
    /// The text, and whether nothing but the text says what it is.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Id>),
    Map(Vec<(Id, Id)>),
    Alias(Id),
}

pub(super) struct Raw {
    pub kind: Kind,
    pub place: Place,
    /// In full: `tag:yaml.org,2002:int`; none where none is written.
    pub tag: Option<String>,
}

#[derive(Default)]
pub(super) struct Tree {
    pub nodes: Vec<Raw>,
    pub root: Option<Id>,
}

/// A collection that has not ended, and the key that waits for its value.
struct Open {
    id: Id,
    key: Option<Id>,
}

struct Builder {
    source: u32,
    offset: u32,
    tree: Tree,
    open: Vec<Open>,
    anchors: HashMap<usize, Id>,
}

/// The first document of a text whose line 1 is the source's line `offset` + 1.
pub(super) fn parse(text: &str, source: u32, offset: u32) -> Result<Tree, Box<Finding>> {
    let mut builder = Builder {
        source,
        offset,
        tree: Tree::default(),
        open: Vec::new(),
        anchors: HashMap::new(),
    };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| builder.unreadable(&error))?;
        if builder.take(event, span)? {
            break;
        }
    }
    Ok(builder.tree)
}

impl Builder {
    /// Takes an event; true when the document has ended.
    fn take(&mut self, event: Event, span: Span) -> Result<bool, Box<Finding>> {
        let place = self.place(span);
        match event {
            Event::DocumentEnd | Event::StreamEnd => return Ok(true),
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => {}
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| full(&tag));
                let unspecific = tag.as_deref() == Some("!");
                let kind = Kind::Scalar {
                    text: text.into_owned(),
                    plain: unspecific || (tag.is_none() && style == ScalarStyle::Plain),
                };
                self.add(Raw { kind, place, tag }, anchor);
            }
            Event::Alias(anchor) => {
                let target = *self.anchors.get(&anchor).ok_or_else(|| {
                    refusal(
                        place,
                        "an alias of nothing",
                        "an alias of an anchor above it",
                        "write the value itself",
                    )
                })?;
                let kind = Kind::Alias(target);
                let tag = None;
                self.add(Raw { kind, place, tag }, 0);
            }
            Event::SequenceStart(anchor, tag) => {
                self.start(Kind::List(Vec::new()), place, anchor, tag.as_deref())?;
            }
            Event::MappingStart(anchor, tag) => {
                self.start(Kind::Map(Vec::new()), place, anchor, tag.as_deref())?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(place, span.is_empty()),
        }
        Ok(false)
    }

    fn start(
        &mut self,
        kind: Kind,
        place: Place,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> Result<(), Box<Finding>> {
        if self.open.len() >= DEEPEST {
            return Err(too_deep(place));
        }
        let tag = tag.map(full);
        let id = self.add(Raw { kind, place, tag }, anchor);
        self.open.push(Open { id, key: None });
        Ok(())
    }

    fn end(&mut self, place: Place, block: bool) {
        let Some(Open { id, .. }) = self.open.pop() else {
            return;
        };
        // A block collection ends where its last child does; the event comes at the next token.
        let last = match &self.tree.nodes[id].kind {
            Kind::List(items) => items.last().copied(),
            Kind::Map(pairs) => pairs.last().map(|(_, value)| *value),
            _ => None,
        };
        let end = match last {
            Some(last) if block => self.tree.nodes[last].place,
            _ => place,
        };
        let place = &mut self.tree.nodes[id].place;
        if (end.end_line, end.end_column) > (place.line, place.column) {
            (place.end_line, place.end_column) = (end.end_line, end.end_column);
        }
    }

    fn add(&mut self, raw: Raw, anchor: usize) -> Id {
        let id = self.tree.nodes.len();
        self.tree.nodes.push(raw);
        if anchor > 0 {
            self.anchors.insert(anchor, id);
        }
        match self.open.last_mut() {
            None => self.tree.root = Some(id),
            Some(open) => match &mut self.tree.nodes[open.id].kind {
                Kind::List(items) => items.push(id),
                Kind::Map(pairs) => match open.key.take() {
                    None => open.key = Some(id),
                    Some(key) => pairs.push((key, id)),
                },
                _ => {}
            },
        }
        id
    }

    fn place(&self, span: Span) -> Place {
        let (line, column) = self.position(span.start);
        let (end_line, end_column) = self.position(span.end);
        Place {
            source: self.source,
            line,
            column,
            end_line,
            end_column,
        }
    }

    fn position(&self, marker: Marker) -> (u32, u32) {
        (self.offset + marker.line() as u32, marker.col() as u32 + 1)
    }

    fn unreadable(&self, error: &ScanError) -> Box<Finding> {
        let (line, column) = self.position(*error.marker());
        refusal(
            point(self.source, line, column),
            error.info(),
            "YAML",
            super::explain::hint(error.info()),
        )
    }
}

pub(super) fn too_deep(place: Place) -> Box<Finding> {
    refusal(
        place,
        format!("a value more than {DEEPEST} levels deep"),
        format!("at most {DEEPEST} levels"),
        "nest less: no value of the chart needs a tenth of it",
    )
}

fn full(tag: &Tag) -> String {
    format!("{}{}", tag.handle, tag.suffix)
}

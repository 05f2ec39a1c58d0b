//! A document as it stands, before it means anything: nodes in an arena, aliases unfollowed. Built
//! without recursion, so that no nesting exhausts the stack.

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
    /// Whether it is a list or map in brackets.
    pub flow: bool,
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

struct Builder<'a> {
    source: u32,
    offset: u32,
    raw: Raws<'a>,
    /// The index of the first character of each line, when the parser's own lines are not those of
    /// the text.
    lines: Option<Vec<usize>>,
    /// Lines that are indented by more than they are in the text.
    padded: &'a [usize],
    tree: Tree,
    open: Vec<Open>,
    /// By the parser's numbers, which grow.
    anchors: Vec<(usize, Id)>,
}

/// The text by the parser's index, which only grows: from characters to bytes in one pass.
struct Raws<'a> {
    text: &'a str,
    byte: usize,
    index: usize,
}

impl<'a> Raws<'a> {
    fn at(&mut self, span: Span) -> &'a str {
        let start = self.skip(self.byte, span.start.index().saturating_sub(self.index));
        (self.byte, self.index) = (start, span.start.index().max(self.index));
        let end = self.skip(start, span.len());
        &self.text[start..end]
    }

    fn skip(&self, from: usize, characters: usize) -> usize {
        let mut rest = self.text[from..].char_indices().map(|(at, _)| from + at);
        rest.nth(characters).unwrap_or(self.text.len())
    }
}

/// The first document of a text whose line 1 is the source's line `offset` + 1.
pub(super) fn parse(text: &str, source: u32, offset: u32) -> Result<Tree, Box<Finding>> {
    let strict = build(text, None, &[], source, offset);
    // What helm forgives is rare, and telling it apart is not exact: only when there is need.
    match strict {
        Err(_) => {
            if let Some(relaxed) = super::relax::relaxed(text)
                && let Ok(tree) = build(&relaxed, Some(text), &[], source, offset)
            {
                return Ok(tree);
            }
            match super::relax::padded(text) {
                Some((padded, lines)) => build(&padded, None, &lines, source, offset).or(strict),
                None => strict,
            }
        }
        Ok(_) => strict,
    }
}

/// `written` is the text as it was, when it was relaxed: places are in that. `padded`: see
/// [`super::relax::padded`].
fn build(
    text: &str,
    written: Option<&str>,
    padded: &[usize],
    source: u32,
    offset: u32,
) -> Result<Tree, Box<Finding>> {
    let starts = |text: &str| {
        let breaks = text.chars().enumerate().filter(|(_, c)| *c == '\n');
        [0].into_iter().chain(breaks.map(|(i, _)| i + 1)).collect()
    };
    let mut builder = Builder {
        source,
        offset,
        raw: Raws {
            text,
            byte: 0,
            index: 0,
        },
        lines: written.map(starts),
        padded,
        tree: Tree::default(),
        open: Vec::new(),
        anchors: Vec::new(),
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

impl Builder<'_> {
    /// Takes an event; true when the document has ended.
    fn take(&mut self, event: Event, span: Span) -> Result<bool, Box<Finding>> {
        let place = self.place(span);
        match event {
            Event::DocumentEnd | Event::StreamEnd => return Ok(true),
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => {}
            Event::Scalar(text, style, anchor, tag) => {
                if style == ScalarStyle::DoubleQuoted && text.contains('/') {
                    self.slash(span, place)?;
                }
                let tag = tag.map(|tag| full(&tag));
                let unspecific = tag.as_deref() == Some("!");
                let kind = Kind::Scalar {
                    text: text.into_owned(),
                    plain: unspecific || (tag.is_none() && style == ScalarStyle::Plain),
                };
                self.add(
                    Raw {
                        kind,
                        place,
                        tag,
                        flow: false,
                    },
                    anchor,
                );
            }
            Event::Alias(anchor) => {
                let known = self
                    .anchors
                    .binary_search_by_key(&anchor, |(number, _)| *number);
                let (_, target) =
                    *known
                        .ok()
                        .and_then(|at| self.anchors.get(at))
                        .ok_or_else(|| {
                            refusal(
                                place,
                                "an alias of nothing",
                                "an alias of an anchor above it",
                                "write the value itself",
                            )
                        })?;
                let name = self.raw.at(span);
                if name
                    .chars()
                    .skip(1)
                    .any(|c| !c.is_ascii_alphanumeric() && c != '_' && c != '-')
                {
                    return Err(refusal(
                        place,
                        format!("the alias {name}"),
                        "letters, digits, _ and - in the name of an anchor",
                        "rename the anchor",
                    ));
                }
                let kind = Kind::Alias(target);
                let tag = None;
                self.add(
                    Raw {
                        kind,
                        place,
                        tag,
                        flow: false,
                    },
                    0,
                );
            }
            Event::SequenceStart(anchor, tag) => {
                self.start(Kind::List(Vec::new()), span, anchor, tag.as_deref())?;
            }
            Event::MappingStart(anchor, tag) => {
                self.start(Kind::Map(Vec::new()), span, anchor, tag.as_deref())?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(place, span.is_empty()),
        }
        Ok(false)
    }

    fn start(
        &mut self,
        kind: Kind,
        span: Span,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> Result<(), Box<Finding>> {
        let place = self.place(span);
        if self.open.len() >= DEEPEST {
            return Err(too_deep(place));
        }
        let tag = tag.map(full);
        // Known when it ends.
        let flow = false;
        let id = self.add(
            Raw {
                kind,
                place,
                tag,
                flow,
            },
            anchor,
        );
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
        self.tree.nodes[id].flow = !block;
        let place = &mut self.tree.nodes[id].place;
        if (end.end_line, end.end_column) > (place.line, place.column) {
            (place.end_line, place.end_column) = (end.end_line, end.end_column);
        }
    }

    fn add(&mut self, raw: Raw, anchor: usize) -> Id {
        let id = self.tree.nodes.len();
        self.tree.nodes.push(raw);
        if anchor > 0 {
            self.anchors.push((anchor, id));
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
        let (line, column) = match &self.lines {
            None if self.padded.contains(&marker.line()) => (
                marker.line(),
                marker.col().saturating_sub(super::relax::PAD),
            ),
            None => (marker.line(), marker.col()),
            Some(lines) => {
                let line = lines.partition_point(|start| *start <= marker.index());
                (line, marker.index() - lines[line - 1])
            }
        };
        (self.offset + line as u32, column as u32 + 1)
    }

    /// `\/` is an escape of YAML 1.2 alone.
    fn slash(&mut self, span: Span, place: Place) -> Result<(), Box<Finding>> {
        let mut chars = self.raw.at(span).chars();
        while let Some(c) = chars.next() {
            if c == '\\' && chars.next() == Some('/') {
                return Err(refusal(
                    place,
                    "the escape \\/",
                    "an escape of YAML 1.1",
                    "write the slash alone",
                ));
            }
        }
        Ok(())
    }

    fn unreadable(&self, error: &ScanError) -> Box<Finding> {
        let (line, column) = self.position(*error.marker());
        if error.info().contains("recursion limit") {
            return too_deep(point(self.source, line, column));
        }
        let mut finding = refusal(
            point(self.source, line, column),
            error.info(),
            "YAML",
            super::explain::hint(error.info()),
        );
        if super::explain::ignored(error.info()) {
            finding.why = "helm ignores this line and all that follows, without a word.".into();
        }
        finding
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

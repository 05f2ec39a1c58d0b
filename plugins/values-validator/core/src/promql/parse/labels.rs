//! Labels in brackets, as `by`, `without`, `on` and `ignoring` have them.

use super::{Parsed, Parser};
use crate::promql::expr::{Grouping, Label};
use crate::promql::lex::Token;

impl Parser {
    /// `(a, b)`
    pub(super) fn labels(&mut self) -> Parsed<Vec<Label>> {
        self.need("(")?;
        let mut labels = Vec::new();
        while !self.take(")") {
            let at = self.place();
            let name = match self.peek() {
                Some(Token::Name(name)) if !name.contains(':') => name.clone(),
                Some(Token::Text(name)) => name.clone(),
                _ => return self.fault("a label's name"),
            };
            self.at += 1;
            labels.push(Label { at, name });
            if !self.is(")") {
                self.need(",")?;
            }
        }
        Ok(labels)
    }

    pub(super) fn grouping(&mut self) -> Parsed<Option<Grouping>> {
        let without = match self.word().as_deref() {
            Some("by") => false,
            Some("without") => true,
            _ => return Ok(None),
        };
        self.at += 1;
        let labels = self.labels()?;
        Ok(Some(Grouping { without, labels }))
    }
}

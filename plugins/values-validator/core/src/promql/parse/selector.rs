//! A selector's matchers, in braces.

use super::{Parsed, Parser, fault};
use crate::promql::expr::Matcher;
use crate::promql::lex::Token;

impl Parser {
    /// `{a="b", c=~"d"}`: the metric's name, the matchers, and whether one of them excludes the empty
    /// text. A quoted name is a metric's.
    pub(super) fn matchers(&mut self, mut metric: String) -> Parsed<(String, Vec<Matcher>, bool)> {
        self.need("{")?;
        let mut matchers = Vec::new();
        let mut selects = false;
        while !self.take("}") {
            let at = self.place();
            let quoted = matches!(self.peek(), Some(Token::Text(_)));
            let label = match self.peek().cloned() {
                Some(Token::Text(name)) => name,
                Some(Token::Name(name)) if !name.contains(':') => name,
                _ => return self.fault("a label's name"),
            };
            self.at += 1;
            if quoted && (self.is(",") || self.is("}")) {
                metric = label;
                selects = true;
            } else {
                let (operator, value, excludes) = self.matcher()?;
                selects |= excludes;
                if label == "__name__" && operator == "=" {
                    metric = value;
                } else {
                    matchers.push(Matcher {
                        at,
                        label,
                        operator,
                        value,
                    });
                }
            }
            if !self.is("}") {
                self.need(",")?;
            }
        }
        Ok((metric, matchers, selects))
    }

    /// `=~"b"`, and whether it excludes the empty text.
    fn matcher(&mut self) -> Parsed<(&'static str, String, bool)> {
        let operator = ["=~", "!~", "!=", "="].into_iter().find(|op| self.is(op));
        let Some(operator) = operator else {
            return self.fault("=, !=, =~ or !~");
        };
        self.at += 1;
        let Some(Token::Text(text)) = self.peek().cloned() else {
            return self.fault("a text in quotes");
        };
        let at = self.place();
        self.at += 1;
        let mut excludes = text.is_empty() == (operator == "!=");
        if operator.contains('~') {
            if let Some(why) = crate::re2::refused(&text) {
                return fault(at, format!("the pattern {text:?} ({why})"));
            }
            excludes =
                crate::re2::whole(&text).is_none_or(|p| p.is_match("") == (operator == "!~"));
        }
        Ok((operator, text, excludes))
    }
}

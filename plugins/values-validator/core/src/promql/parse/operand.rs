//! An operand: a number, a text, a selector, a call, or an expression in brackets.

use super::{Parsed, Parser, fault};
use crate::promql::expr::{Expr, Kind, Type};
use crate::promql::functions::{EXPERIMENTAL, aggregation};
use crate::promql::lex::Token;

impl Parser {
    pub(super) fn primary(&mut self) -> Parsed {
        let at = self.place();
        let expr = |gives, kind| Ok(Expr { at, gives, kind });
        match self.peek().cloned() {
            Some(Token::Number(number) | Token::Duration(number)) => {
                self.at += 1;
                expr(Type::Scalar, Kind::Number(number))
            }
            Some(Token::Text(text)) => {
                self.at += 1;
                expr(Type::Text, Kind::Text(text))
            }
            Some(Token::Sign("(")) => {
                self.at += 1;
                self.deeper()?;
                let inside = self.binary(0)?;
                self.depth -= 1;
                self.need(")")?;
                Ok(inside)
            }
            Some(Token::Sign("{")) => {
                let (name, matchers, selects) = self.matchers(String::new())?;
                if !selects {
                    return fault(
                        at,
                        text!("a selector that matches everything; name a metric or a label")
                            .as_str(),
                    );
                }
                expr(Type::Vector, Kind::Selector { name, matchers })
            }
            Some(Token::Name(name)) => {
                self.at += 1;
                let lower = name.to_ascii_lowercase();
                let grouped = matches!(self.word().as_deref(), Some("by" | "without"));
                if let Some(parameter) = aggregation(&lower)
                    && (grouped || self.is("("))
                {
                    return self.aggregate(at, &name, parameter);
                }
                // `limitk by (pod) (3, x)`: where it is on, nothing of the expression is read.
                if self.is("(") || grouped && EXPERIMENTAL.contains(&lower.as_str()) {
                    return self.call(at, &name);
                }
                if matches!(
                    lower.as_str(),
                    "on" | "ignoring" | "bool" | "group_left" | "group_right"
                ) {
                    self.at -= 1;
                    return self.fault("an operand");
                }
                let (name, matchers) = if self.is("{") {
                    let (name, matchers, _) = self.matchers(name)?;
                    (name, matchers)
                } else {
                    (name, Vec::new())
                };
                expr(Type::Vector, Kind::Selector { name, matchers })
            }
            _ => self.fault("an operand"),
        }
    }
}

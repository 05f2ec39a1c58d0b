//! Binary operators: which binds first, what stands behind one, and the type of what it gives.

use super::{Parsed, Parser, fault};
use crate::promql::expr::{Expr, Grouping, Kind, Many, Type};
use crate::promql::lex::Token;

/// Binary operators, the loosest first; `^` is the tightest and binds to the right.
const LEVELS: [&[&str]; 6] = [
    &["or"],
    &["and", "unless"],
    &["==", "!=", "<=", "<", ">=", ">"],
    &["+", "-"],
    &["*", "/", "%", "atan2"],
    &["^"],
];

impl Parser {
    fn operator(&self, level: usize) -> Option<&'static str> {
        let operators = LEVELS.get(level)?;
        let word = self.word();
        operators
            .iter()
            .copied()
            .find(|op| self.is(op) || word.as_deref() == Some(op))
    }

    pub(super) fn binary(&mut self, level: usize) -> Parsed {
        if level == LEVELS.len() {
            return self.postfix();
        }
        // A sign binds like multiplication, looser than `^`.
        if level == LEVELS.len() - 1 && (self.is("-") || self.is("+")) {
            let at = self.place();
            self.at += 1;
            self.deeper()?;
            let negative = self
                .tokens
                .get(self.at - 1)
                .is_some_and(|(_, t)| *t == Token::Sign("-"));
            let of = self.binary(level)?;
            self.depth -= 1;
            return match of.gives {
                Type::Scalar | Type::Vector if negative => Ok(Expr {
                    at,
                    gives: of.gives,
                    kind: Kind::Negative(Box::new(of)),
                }),
                Type::Scalar | Type::Vector => Ok(of),
                gives => fault(at, format!("a sign before {}", gives.name())),
            };
        }
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(level) {
            let at = self.place();
            self.at += 1;
            let (boolean, matching, many) = self.modifiers()?;
            self.deeper()?;
            let right = if operator == "^" {
                self.binary(level)?
            } else {
                self.binary(level + 1)?
            };
            self.depth -= 1;
            let gives = combined(
                at,
                operator,
                left.gives,
                right.gives,
                boolean,
                matching.is_some(),
            )?;
            left = Expr {
                at,
                gives,
                kind: Kind::Binary {
                    operator,
                    boolean,
                    matching,
                    many,
                    left: Box::new(left),
                    right: Box::new(right),
                },
            };
        }
        Ok(left)
    }

    /// `bool on (a) group_left (b)`
    fn modifiers(&mut self) -> Parsed<(bool, Option<Grouping>, Option<Many>)> {
        let boolean = self.word().as_deref() == Some("bool");
        self.at += usize::from(boolean);
        let (mut matching, mut many) = (None, None);
        if let Some("on" | "ignoring") = self.word().as_deref() {
            let without = self.word().as_deref() == Some("ignoring");
            self.at += 1;
            let labels = self.labels()?;
            matching = Some(Grouping { without, labels });
            let word = self.word();
            if let Some(side @ ("group_left" | "group_right")) = word.as_deref() {
                self.at += 1;
                let labels = if self.is("(") {
                    self.labels()?
                } else {
                    Vec::new()
                };
                let right = side == "group_right";
                many = Some(Many { right, labels });
            }
        }
        Ok((boolean, matching, many))
    }
}
/// The type of `left operator right`.
fn combined(
    at: usize,
    operator: &str,
    left: Type,
    right: Type,
    boolean: bool,
    matching: bool,
) -> Parsed<Type> {
    for side in [left, right] {
        if !matches!(side, Type::Scalar | Type::Vector) {
            return fault(at, format!("`{operator}` beside {}", side.name()));
        }
    }
    let scalars = left == Type::Scalar && right == Type::Scalar;
    let comparison = LEVELS[2].contains(&operator);
    if boolean && !comparison {
        return fault(
            at,
            format!("bool after `{operator}`, which is no comparison"),
        );
    }
    if scalars && comparison && !boolean {
        return fault(at, format!("`{operator}` between numbers needs bool"));
    }
    if matches!(operator, "and" | "or" | "unless")
        && (left == Type::Scalar || right == Type::Scalar)
    {
        return fault(at, format!("`{operator}` beside a number"));
    }
    if matching && (left == Type::Scalar || right == Type::Scalar) {
        return fault(
            at,
            text!("on and ignoring match vectors, not numbers").as_str(),
        );
    }
    Ok(if scalars { Type::Scalar } else { Type::Vector })
}

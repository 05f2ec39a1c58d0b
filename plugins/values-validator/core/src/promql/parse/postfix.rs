//! What stands behind an operand: ranges, offsets and moments.

use super::{Parsed, Parser, fault};
use crate::promql::expr::{Expr, Kind, Type};
use crate::promql::lex::Token;

impl Parser {
    /// An operand with its ranges, offsets and moments.
    pub(super) fn postfix(&mut self) -> Parsed {
        let at = self.place();
        let mut expr = self.primary()?;
        let selector = matches!(expr.kind, Kind::Selector { .. })
            && !matches!(self.tokens.get(self.at - 1), Some((_, Token::Sign(")"))));
        let (mut ranged, mut moved) = (false, false);
        loop {
            let gives = expr.gives;
            if self.is("[") {
                let range = self.place();
                self.at += 1;
                let unitless = self.unitless();
                let (seconds, subquery) = self.range()?;
                if gives != Type::Vector && !(subquery && gives == Type::Scalar) {
                    return fault(range, format!("a range after {}", gives.name()));
                }
                if !subquery && moved {
                    return fault(
                        range,
                        text!("a range behind an offset; write it before: metric[5m] offset 1d")
                            .as_str(),
                    );
                }
                if !subquery && (!selector || ranged) {
                    return fault(
                        range,
                        text!("a range after an expression; write a subquery: [5m:]").as_str(),
                    );
                }
                expr = Expr {
                    at: range,
                    gives: Type::Matrix,
                    kind: Kind::Range {
                        of: Box::new(expr),
                        seconds,
                        subquery,
                        unitless,
                    },
                };
                ranged = true;
                continue;
            }
            let mut unitless = None;
            #[cfg(feature = "full")]
            let mut back = 0.0;
            if self.word().as_deref() == Some("offset") {
                self.at += 1;
                #[cfg(feature = "full")]
                let ahead = self.is("-");
                let _ = self.take("-") || self.take("+");
                unitless = self.unitless();
                #[cfg(not(feature = "full"))]
                self.time()?;
                #[cfg(feature = "full")]
                {
                    let far = self.time()?;
                    back = if ahead { -far } else { far };
                }
            } else if self.take("@") {
                let _ = self.take("-") || self.take("+");
                match (self.word().as_deref(), self.peek()) {
                    (Some("start" | "end"), _) => {
                        self.at += 1;
                        self.need("(")?;
                        self.need(")")?;
                    }
                    (_, Some(Token::Number(_))) => self.at += 1,
                    _ => return self.fault("a time"),
                }
            } else {
                return Ok(expr);
            }
            self.movable(at, selector, ranged)?;
            moved = true;
            expr = Expr {
                at,
                gives,
                kind: Kind::Moved {
                    of: Box::new(expr),
                    unitless,
                    #[cfg(feature = "full")]
                    back,
                },
            };
        }
    }

    fn movable(&self, at: usize, selector: bool, ranged: bool) -> Parsed<()> {
        if selector || ranged {
            Ok(())
        } else {
            fault(
                at,
                text!("offset and @ move selectors and subqueries only").as_str(),
            )
        }
    }

    /// A number where a duration is meant: Prometheus takes it for seconds.
    fn unitless(&self) -> Option<(usize, f64)> {
        match self.peek() {
            Some(Token::Number(number)) => Some((self.place(), *number)),
            _ => None,
        }
    }

    fn time(&mut self) -> Parsed<f64> {
        match self.peek() {
            Some(Token::Duration(seconds) | Token::Number(seconds)) => {
                let seconds = *seconds;
                self.at += 1;
                Ok(seconds)
            }
            _ => self.fault("a duration, such as 5m,"),
        }
    }

    /// `5m]` or `1h:5m]`: how long, and whether it is a subquery's.
    fn range(&mut self) -> Parsed<(f64, bool)> {
        if let Some(Token::Duration(0.0)) = self.peek() {
            return self.fault("a duration above 0");
        }
        let seconds = self.time()?;
        let subquery = self.take(":");
        if subquery && !self.is("]") {
            self.time()?;
        }
        self.need("]")?;
        Ok((seconds, subquery))
    }
}

//! Functions and aggregations with their arguments: how many, and of which types.

use super::{Parsed, Parser, fault};
use crate::promql::expr::{Expr, Kind, Type};
use crate::promql::functions::{EXPERIMENTAL, NAMES, find};

impl Parser {
    pub(super) fn aggregate(&mut self, at: usize, name: &str, parameter: Option<Type>) -> Parsed {
        let mut grouping = self.grouping()?;
        let takes: &[Type] = match parameter {
            None => &[Type::Vector],
            Some(Type::Text) => &[Type::Text, Type::Vector],
            Some(_) => &[Type::Scalar, Type::Vector],
        };
        let mut given = self.arguments()?;
        fits(at, name, takes, 0, false, &given)?;
        if grouping.is_none() {
            grouping = self.grouping()?;
        }
        let Some(of) = given.pop() else {
            return self.fault("an operand");
        };
        Ok(Expr {
            at,
            gives: Type::Vector,
            kind: Kind::Aggregate {
                name: name.to_ascii_lowercase(),
                grouping,
                parameter: given.pop().map(Box::new),
                of: Box::new(of),
            },
        })
    }

    pub(super) fn call(&mut self, at: usize, name: &str) -> Parsed {
        let Some(function) = find(name) else {
            let near = NAMES
                .iter()
                .filter(|known| strsim::damerau_levenshtein(known, name) <= 2);
            let near = near.min_by_key(|known| strsim::damerau_levenshtein(known, name));
            if EXPERIMENTAL.contains(&name) {
                return fault(
                    at,
                    format!("{name}, an experimental function, which Prometheus leaves off"),
                );
            }
            let meant = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
            return fault(at, format!("the unknown function {name}{meant}"));
        };
        let arguments = self.arguments()?;
        fits(
            at,
            name,
            function.takes,
            function.optional,
            function.repeated,
            &arguments,
        )?;
        // The pattern of label_replace, compared with the whole text.
        if name == "label_replace"
            && let Some(Expr {
                at,
                kind: Kind::Text(pattern),
                ..
            }) = arguments.get(4)
            && let Some(why) = crate::re2::refused(pattern)
        {
            return fault(*at, format!("the pattern {pattern:?} ({why})"));
        }
        Ok(Expr {
            at,
            gives: function.gives,
            kind: Kind::Call {
                name: name.to_owned(),
                arguments,
            },
        })
    }

    fn arguments(&mut self) -> Parsed<Vec<Expr>> {
        self.need("(")?;
        self.deeper()?;
        let mut given = Vec::new();
        while !self.take(")") {
            given.push(self.binary(0)?);
            if !self.is(")") {
                self.need(",")?;
                if self.is(")") {
                    return self.fault("one more argument");
                }
            }
        }
        self.depth -= 1;
        Ok(given)
    }
}
fn fits(
    at: usize,
    name: &str,
    takes: &[Type],
    optional: usize,
    repeated: bool,
    given: &[Expr],
) -> Parsed<()> {
    let least = takes.len() - optional;
    if given.len() < least || (given.len() > takes.len() && !repeated) {
        return fault(
            at,
            format!(
                "{name} with {} arguments, it takes {}",
                given.len(),
                takes.len()
            ),
        );
    }
    for (index, argument) in given.iter().enumerate() {
        let wanted = takes
            .get(index)
            .or(takes.last())
            .copied()
            .unwrap_or(Type::Vector);
        if argument.gives != wanted {
            return fault(
                argument.at,
                format!(
                    "{name} takes {} here, not {}",
                    wanted.name(),
                    argument.gives.name()
                ),
            );
        }
    }
    Ok(())
}

//! What an expression reads and calls, by its syntax.

use std::collections::BTreeSet;
use std::convert::Infallible;

use anyhow::{Result, anyhow};
use promql_parser::label::{METRIC_NAME, MatchOp};
use promql_parser::parser::token::{T_LOR, T_LUNLESS};
use promql_parser::parser::{self, Expr, VectorSelector};
use promql_parser::util::{ExprVisitor, walk_expr};

/// A selector of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// Its metric's name.
    pub metric: String,
    /// Whether it selects one release: a `vllm_monitoring`, balancers by `balancer_of`, or what
    /// counts spans by `spans_of`.
    pub own: bool,
}

/// What was found in an expression.
#[derive(Debug, Default)]
pub struct Found {
    /// Every selector, in order.
    pub selectors: Vec<Selector>,
    /// Every selector as text.
    all: Vec<String>,
    /// Those of them without which the expression returns something yet.
    optional: Vec<String>,
    /// Names of functions and aggregations.
    pub calls: BTreeSet<String>,
    /// Things of newer syntax that are neither: `@`, offsets below 0.
    pub modifiers: BTreeSet<&'static str>,
}

impl Found {
    /// Selectors as text, of those without which the expression returns nothing.
    #[must_use]
    pub fn needed(&self) -> BTreeSet<String> {
        let mut left = self.all.clone();
        for optional in &self.optional {
            if let Some(at) = left.iter().position(|text| text == optional) {
                left.remove(at);
            }
        }
        left.into_iter().collect()
    }

    fn selector(&mut self, selector: &VectorSelector) {
        let own = selector
            .matchers
            .matchers
            .iter()
            .any(|m| ["vllm_monitoring", "balancer_of", "spans_of"].contains(&m.name.as_str()));
        if selector.at.is_some() {
            self.modifiers.insert("@");
        }
        // `{__name__=~"a|b"}` reads both.
        let by_name = selector
            .matchers
            .matchers
            .iter()
            .filter(|m| m.name == METRIC_NAME)
            .filter(|m| !matches!(m.op, MatchOp::NotEqual | MatchOp::NotRe(_)))
            .flat_map(|m| m.value.split('|').map(str::to_owned).collect::<Vec<_>>());
        let named: Vec<String> = selector.name.clone().into_iter().chain(by_name).collect();
        let named = if named.is_empty() {
            vec![String::new()]
        } else {
            named
        };
        self.all.push(selector.to_string());
        self.selectors
            .extend(named.into_iter().map(|metric| Selector { metric, own }));
    }
}

impl ExprVisitor for Found {
    type Error = Infallible;

    fn pre_visit(&mut self, expr: &Expr) -> Result<bool, Self::Error> {
        match expr {
            // What follows `unless` and the second side of `or` may be absent. The walk itself goes
            // on into it: to refuse a node would end the whole walk.
            Expr::Binary(binary) if matches!(binary.op.id(), T_LUNLESS | T_LOR) => {
                let mut optional = Self::default();
                walk_expr(&mut optional, &binary.rhs)?;
                self.optional.extend(optional.all);
            }
            Expr::VectorSelector(v) => self.selector(v),
            // Holds its vector selector by value, so that one is not visited on its own.
            Expr::MatrixSelector(m) => self.selector(&m.vs),
            Expr::Call(call) => {
                self.calls.insert(call.func.name.to_owned());
            }
            Expr::Aggregate(aggregate) => {
                self.calls.insert(aggregate.op.to_string());
            }
            _ => {}
        }
        Ok(true)
    }
}

/// Reads an expression.
///
/// # Errors
/// When it is no PromQL.
pub fn read(expr: &str) -> Result<Found> {
    let parsed = parser::parse(expr).map_err(|e| anyhow!("{expr}: {e}"))?;
    let mut found = Found::default();
    walk_expr(&mut found, &parsed)?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_absent_is_read_and_not_needed() {
        let found = read("(a or b) * on (x) c > 1 unless d").unwrap();
        let metrics: Vec<&str> = found.selectors.iter().map(|s| s.metric.as_str()).collect();
        assert_eq!(metrics, ["a", "b", "c", "d"]);
        let needed: Vec<String> = found.needed().into_iter().collect();
        assert_eq!(needed, ["a", "c"]);
    }
}

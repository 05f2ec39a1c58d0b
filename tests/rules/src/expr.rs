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
    /// Whether it selects one release: a `vllm_monitoring`, balancers by `balancer_of`, what counts
    /// spans by `spans_of`, its own Prometheus and Alertmanager by `watcher_of`, or
    /// the probe by `probe_of`.
    pub own: bool,
}

/// What was found in an expression.
#[derive(Debug, Default)]
pub struct Found {
    /// Every selector, in order.
    pub selectors: Vec<Selector>,
    /// Selectors as text, without which the expression returns nothing.
    needed: BTreeSet<String>,
    /// Names of functions and aggregations.
    pub calls: BTreeSet<String>,
    /// Things of newer syntax that are neither: `@`, offsets below 0.
    pub modifiers: BTreeSet<&'static str>,
}

impl Found {
    /// Selectors as text, of those without which the expression returns nothing.
    #[must_use]
    pub fn needed(&self) -> BTreeSet<String> {
        self.needed.clone()
    }

    fn selector(&mut self, selector: &VectorSelector) {
        let own = selector.matchers.matchers.iter().any(|m| {
            [
                "vllm_monitoring",
                "balancer_of",
                "spans_of",
                "watcher_of",
                "probe_of",
            ]
            .contains(&m.name.as_str())
        });
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
        self.selectors
            .extend(named.into_iter().map(|metric| Selector { metric, own }));
    }
}

impl ExprVisitor for Found {
    type Error = Infallible;

    fn pre_visit(&mut self, expr: &Expr) -> Result<bool, Self::Error> {
        match expr {
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

/// What follows `unless` and the second side of `or` may be absent; all else is needed.
fn needed(expr: &Expr, found: &mut BTreeSet<String>) {
    match expr {
        Expr::Binary(binary) => {
            needed(&binary.lhs, found);
            if !matches!(binary.op.id(), T_LUNLESS | T_LOR) {
                needed(&binary.rhs, found);
            }
        }
        Expr::VectorSelector(selector) => {
            found.insert(selector.to_string());
        }
        Expr::MatrixSelector(matrix) => {
            found.insert(matrix.vs.to_string());
        }
        Expr::Aggregate(aggregate) => needed(&aggregate.expr, found),
        Expr::Paren(paren) => needed(&paren.expr, found),
        Expr::Unary(unary) => needed(&unary.expr, found),
        Expr::Subquery(subquery) => needed(&subquery.expr, found),
        Expr::Call(call) => call.args.args.iter().for_each(|arg| needed(arg, found)),
        _ => {}
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
    needed(&parsed, &mut found.needed);
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
        let nested = read("a * b or (c unless a) * b or a").unwrap();
        assert_eq!(nested.needed().len(), 2);
    }
}

//! Comparisons with a number.

use super::bounds::mirrored;
use crate::promql::expr::{Expr, Kind};

/// What is compared, the operator as it reads from there, and the number: of `5 < x` that is `x`, `>` and 5.
pub(super) fn against(expr: &Expr) -> Option<(&Expr, &str, f64)> {
    let Kind::Binary {
        operator: operator @ ("==" | "!=" | "<" | "<=" | ">" | ">="),
        left,
        right,
        ..
    } = &expr.kind
    else {
        return None;
    };
    match (left.number(), right.number()) {
        (None, Some(limit)) => Some((left, operator, limit)),
        (Some(limit), None) => Some((right, mirrored(operator), limit)),
        _ => None,
    }
}

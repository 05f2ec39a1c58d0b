//! What an expression gives where series are missing.

use super::expr::{Expr, Kind};

/// Whether an expression has no result when some names have no series.
pub(crate) fn dead(expr: &Expr, gone: &dyn Fn(&str) -> bool) -> bool {
    match &expr.kind {
        Kind::Selector { name, .. } => gone(name),
        Kind::Binary {
            operator: "or",
            left,
            right,
            ..
        } => dead(left, gone) && dead(right, gone),
        Kind::Binary {
            operator: "unless",
            left,
            ..
        } => dead(left, gone),
        Kind::Call { name, .. } if name.starts_with("absent") || name == "vector" => false,
        _ => expr.parts().into_iter().any(|part| dead(part, gone)),
    }
}

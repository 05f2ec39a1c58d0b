//! One side of an operation put together by the labels that the other has.

use super::quotient::behind;
use super::quotient::span::before;
use crate::promql::expr::{Expr, Kind};

/// An edit of the operation at `at` that puts its side with more labels together by those of the other: where,
/// the text there, and what to write in its place.
pub fn together(
    expr: &Expr,
    text: &str,
    at: usize,
    (labels, right): (&str, bool),
) -> Option<(usize, String, String)> {
    if let Kind::Binary {
        operator,
        left,
        right: second,
        ..
    } = &expr.kind
        && expr.at == at
    {
        let span = if right {
            behind(text, at + operator.len(), "*/%+-")
        } else {
            before(text, left, at)
        };
        let side = if right { second } else { left };
        let old = text.get(span.clone()?)?;
        let mut names = Vec::new();
        side.metrics(&mut names);
        let ratio = names.iter().any(|(_, name)| name.contains("_perc"));
        let by = if ratio { "max" } else { "sum" };
        let new = match old.strip_prefix('(').and_then(|old| old.strip_suffix(')')) {
            Some(inner) if !inner.contains(')') => format!("{by} by ({labels}) ({inner})"),
            _ => format!("{by} by ({labels}) ({old})"),
        };
        return Some((span?.start, old.to_owned(), new));
    }
    let mut parts = expr.parts().into_iter();
    parts.find_map(|part| together(part, text, at, (labels, right)))
}

/// Whether both sides of the operation at `at` read the same series.
pub fn same_series(expr: &Expr, at: usize) -> bool {
    if let Kind::Binary { left, right, .. } = &expr.kind
        && expr.at == at
    {
        let series = |side: &Expr| {
            let mut all = Vec::new();
            side.metrics(&mut all);
            let mut names: Vec<String> = all.iter().map(|(_, name)| (*name).to_string()).collect();
            names.sort_unstable();
            names.dedup();
            names
        };
        let all = series(left);
        return !all.is_empty() && all == series(right);
    }
    (expr.parts().into_iter()).any(|part| same_series(part, at))
}

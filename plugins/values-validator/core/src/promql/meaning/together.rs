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

//! A number of series that is never 0: count() of none gives nothing.

use super::quotient::span::before;
use super::{Doubt, NEVER, Topic};
use crate::promql::expr::{Expr, Kind};

/// `count(up == 1) < 1`, compared at `at`, where `sum(up) < 1` is meant.
pub(super) fn counted(
    left: &Expr,
    (at, operator, limit): (usize, &str, f64),
    text: &str,
) -> Option<Doubt> {
    let none = operator == "<" && limit <= 1.0 || operator == "<=" && limit < 1.0;
    let Kind::Aggregate { name, of, .. } = &left.kind else {
        return None;
    };
    let Kind::Binary {
        operator: "==",
        boolean: false,
        right,
        ..
    } = &of.kind
    else {
        return None;
    };
    if !none || name != "count" || right.number().map(f64::to_bits) != Some(1f64.to_bits()) {
        return None;
    }
    let span = before(text, left, at);
    let old = span.as_ref().and_then(|span| text.get(span.clone()));
    let new = old.and_then(|old| {
        let at = old.rfind("==")?;
        let rest = old[at + 2..].trim_start().strip_prefix('1')?;
        let new = format!("{}{rest}", old[..at].trim_end());
        Some(new.replacen("count", "sum", 1))
    });
    let edit = span.zip(old).zip(new);
    Some(Doubt {
        topic: Topic::Threshold,
        at,
        found: "count() of what answers, compared with none".to_owned(),
        expected: "sum() of the series themselves, which is 0 where none answers".to_owned(),
        why: NEVER.as_str(),
        fix: match &edit {
            Some((_, new)) => format!("write {new}: count() of no series gives nothing"),
            None => "write sum() in place of count(), without == 1".to_owned(),
        },
        edit: edit.map(|((span, old), new)| (span.start, old.to_owned(), new)),
        sure: true,
    })
}

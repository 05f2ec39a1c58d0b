//! Where an operand begins and ends in the text of an expression.

use std::ops::Range;

use crate::promql::expr::{Expr, Kind};

/// What stands before the operator at `end`.
pub(in crate::promql::meaning) fn before(
    text: &str,
    operand: &Expr,
    end: usize,
) -> Option<Range<usize>> {
    let mut start = leftmost(operand);
    let end = text.get(..end)?.trim_end().len();
    let (mut depth, mut open) = (0, 0);
    for (_, c) in plain(text.get(start..end)?) {
        depth += step(c);
        open = open.min(depth);
    }
    // What is closed there was opened before it.
    for _ in open..0 {
        start = text.get(..start)?.trim_end().strip_suffix('(')?.len();
    }
    Some(start..end)
}

/// What stands behind an operator, as far as a sign that binds no tighter.
pub(in crate::promql::meaning) fn behind(
    text: &str,
    start: usize,
    stops: &str,
) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let start = start + (rest.len() - rest.trim_start().len());
    let mut depth = 0;
    let mut end = text.len();
    for (at, c) in plain(text.get(start..)?) {
        let here = start + at;
        depth += step(c);
        let word = |word: &str| text[here..].starts_with(word);
        let ends = depth == 0
            && (stops.contains(c)
                || ",<>=!".contains(c)
                || [" and ", " or ", " unless "].into_iter().any(word));
        if depth < 0 || ends {
            end = here;
            break;
        }
    }
    Some(start..text.get(..end)?.trim_end().len()).filter(|span| span.start < span.end)
}

fn leftmost(expr: &Expr) -> usize {
    match &expr.kind {
        Kind::Binary { left, .. } => leftmost(left),
        Kind::Range { of, .. } | Kind::Moved { of, .. } => leftmost(of),
        _ => expr.at,
    }
}

fn step(c: char) -> i32 {
    match c {
        '(' | '{' | '[' => 1,
        ')' | '}' | ']' => -1,
        _ => 0,
    }
}

/// The letters that are in no quotes.
fn plain(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quote = None;
    let mut escaped = false;
    text.char_indices().filter(move |(_, c)| match quote {
        None if matches!(c, '"' | '\'' | '`') => {
            quote = Some(*c);
            false
        }
        None => true,
        Some(open) => {
            if !escaped && *c == open {
                quote = None;
            }
            escaped = !escaped && *c == '\\';
            false
        }
    })
}

//! Quotients that were meant otherwise: a sum without its brackets, and a whole divided by its part.
//!
//! Both are read where the quotient is compared with a number, which says what was meant.

mod leaf;
pub(super) mod span;

use std::ops::Range;

use self::leaf::{Leaf, leaf, quantity, whole};
use self::span::before;
pub(super) use self::span::behind;
use super::against::against;
use super::counted::counted;
use super::{ALWAYS, Doubt, NEVER, Topic};
use crate::promql::expr::{Expr, Kind, Type};

const BRACKETS: &str = "brackets round the sum or difference";

/// A binary operation without `on` or `bool`.
#[derive(Clone, Copy)]
struct Operation<'a> {
    at: usize,
    operator: &'static str,
    left: &'a Expr,
    right: &'a Expr,
}

fn operation(expr: &Expr) -> Option<Operation<'_>> {
    match &expr.kind {
        Kind::Binary {
            operator,
            matching: None,
            left,
            right,
            ..
        } => Some(Operation {
            at: expr.at,
            operator,
            left,
            right,
        }),
        _ => None,
    }
}

/// What is multiplied by a number or divided by one, and that factor.
fn scaled(expr: &Expr) -> (&Expr, f64) {
    let Some(of) = operation(expr) else {
        return (expr, 1.0);
    };
    let (of, factor) = match (of.operator, of.left.number(), of.right.number()) {
        ("*", None, Some(factor)) => (of.left, factor),
        ("*", Some(factor), None) => (of.right, factor),
        ("/", None, Some(part)) => (of.left, 1.0 / part),
        _ => return (expr, 1.0),
    };
    let (of, more) = scaled(of);
    (of, factor * more)
}

/// A quotient of two vectors.
fn slash(expr: &Expr) -> Option<Operation<'_>> {
    operation(expr).filter(|of| {
        of.operator == "/" && of.left.gives == Type::Vector && of.right.gives == Type::Vector
    })
}

/// Adds all of them in an expression: instead of what follows from them, or to what was said of the comparison.
pub(super) fn add(doubts: &mut Vec<Doubt>, expr: &Expr, text: &str) {
    let more = quotients(expr, text);
    if more.iter().any(|doubt| doubt.expected == BRACKETS) {
        doubts.retain(|doubt| !matches!(doubt.topic, Topic::Threshold | Topic::Matching));
    }
    for new in more {
        let mut known = doubts.iter_mut();
        match known.find(|old| (old.topic, old.at) == (new.topic, new.at)) {
            Some(old) => (old.fix, old.edit) = (new.fix, new.edit),
            None => doubts.push(new),
        }
    }
}

fn quotients(expr: &Expr, text: &str) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if let Some((of, operator, limit)) = against(expr)
        && !matches!(operator, "==" | "!=")
    {
        doubts.extend(counted(of, (expr.at, operator, limit), text));
        doubts.extend(bracketed(of, limit, text));
        doubts.extend(reversed(expr.at, of, operator, limit, text));
    }
    for part in expr.parts() {
        doubts.append(&mut quotients(part, text));
    }
    doubts
}

/// A doubt with what to write in place of a part of the text, where the text is known.
fn doubt(
    at: usize,
    [found, expected, why, fix]: [&'static str; 4],
    text: &str,
    meant: Option<(Range<usize>, String)>,
) -> Doubt {
    let mut doubt = Doubt {
        topic: Topic::Threshold,
        at,
        found: found.to_owned(),
        expected: expected.to_owned(),
        why,
        fix: fix.to_owned(),
        edit: None,
        sure: false,
    };
    if let Some((span, new)) = meant
        && let Some(old) = text.get(span.clone())
    {
        doubt.fix = format!("write {new}");
        doubt.edit = Some((span.start, old.to_owned(), new));
    }
    doubt
}

/// `a - b / c` and `a / a + b`, where all of it is compared with a share.
fn bracketed(expr: &Expr, limit: f64, text: &str) -> Option<Doubt> {
    let (of, factor) = scaled(expr);
    let sum = operation(of).filter(|of| matches!(of.operator, "+" | "-"))?;
    let (last, more) = scaled(sum.right);
    // Of a part that is multiplied by 100, all was meant to be.
    if !(0.0..=1.0).contains(&(limit / factor / more)) {
        return None;
    }
    let (found, span) = if let Some(quotient) = slash(last) {
        if !subtracted(sum.left, quotient) {
            return None;
        }
        (
            "a share, added to a whole or taken from it",
            before(text, sum.left, quotient.at),
        )
    } else {
        let quotient = slash(sum.left)?;
        let (a, b) = (leaf(quotient.left)?, leaf(quotient.right)?);
        if a != b || quantity(last).is_none() {
            return None;
        }
        let stop = if more == 1.0 { "" } else { "*" };
        let first = behind(text, quotient.at + 1, "+-");
        let last = behind(text, sum.at + 1, &format!("+-{stop}"));
        let span = first.zip(last).map(|(a, b)| a.start..b.end);
        (
            "a quotient that is always 1, and something added to it",
            span,
        )
    };
    let meant = span.and_then(|span| Some((span.clone(), format!("({})", text.get(span)?))));
    let texts = [
        found,
        BRACKETS,
        "`/` is taken before `+` and `-`: what is compared is no share.",
        "put brackets round the sum or difference",
    ];
    Some(doubt(sum.at, texts, text, meant))
}

/// Whether `a - b / c` takes a share from what is measured as `b` and `c` are.
fn subtracted(a: &Expr, quotient: Operation<'_>) -> bool {
    let units = [a, quotient.left, quotient.right].map(quantity);
    if units[0].is_some() && units.iter().all(|unit| *unit == units[0]) {
        return true;
    }
    match (leaf(a), leaf(quotient.left), leaf(quotient.right)) {
        (Some(a), Some(b), Some(c)) => a == c && a.rate == b.rate && quantity(a.of).is_some(),
        _ => false,
    }
}

/// `count / sum` where a mean is meant, and `all / some` where a share is.
fn reversed(at: usize, expr: &Expr, operator: &str, limit: f64, text: &str) -> Option<Doubt> {
    let (of, factor) = scaled(expr);
    let quotient = slash(of)?;
    let limit = limit / factor;
    let above = operator.starts_with('>');
    let above_mean = above && mean(quotient);
    let (found, why) = if above_mean {
        (
            "a number of events divided by their sum",
            "It is the reciprocal of the mean: it falls when the mean rises.",
        )
    } else if limit > 0.0 && limit <= 1.0 && whole(quotient.left, quotient.right) {
        let why = if above { ALWAYS } else { NEVER };
        ("a whole divided by a part of it", why.as_str())
    } else {
        return None;
    };
    let (first, last) = (
        before(text, quotient.left, quotient.at),
        behind(text, quotient.at + 1, "*/%+-"),
    );
    let meant = first.zip(last).and_then(|(first, last)| {
        let new = format!("{} / {}", text.get(last.clone())?, text.get(first.clone())?);
        Some((first.start..last.end, new))
    });
    let texts = [
        found,
        "the part above, the whole below; of a mean the sum above",
        why,
        "write both sides the other way round",
    ];
    let mut doubt = doubt(at, texts, text, meant);
    // More replicas than expected may be up for a while.
    let names = [quotient.left, quotient.right].map(leaf);
    let certain =
        |leaf: &Option<Leaf<'_>>| leaf.is_none_or(|leaf| !leaf.name.contains("_replicas:"));
    doubt.sure = !above_mean && names.iter().all(certain);
    Some(doubt)
}

/// Whether it divides what a histogram counts by its sum. Tokens per second of a request are meant so.
fn mean(quotient: Operation<'_>) -> bool {
    let (Some(count), Some(sum)) = (leaf(quotient.left), leaf(quotient.right)) else {
        return false;
    };
    let stem = count.name.strip_suffix("_count");
    let between = ["inter_token", "per_output_token", "decode"];
    stem.is_some_and(|stem| {
        sum.name.strip_suffix("_sum") == Some(stem) && !between.iter().any(|t| stem.contains(t))
    })
}

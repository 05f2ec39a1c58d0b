//! Sides of an operator that do not do what they seem to: one of `or` without a comparison, and a quotient whose
//! sides both keep the label that the part is chosen by.

use super::against::against;
use super::tree::{filters, moved, seconds};
use super::{ALWAYS, Doubt, Topic};
use crate::promql::expr::{Expr, Grouping, Kind, Matcher};
use vllm_catalog::family_of_series;
use vllm_catalog::number::Shown;

/// Adds both.
pub(super) fn add(doubts: &mut Vec<Doubt>, expr: &Expr, alert: bool, text: &str) {
    if alert {
        doubts.extend(bare(expr, text));
    }
    quotients(doubts, expr);
}

/// `waiting or running > 50`, where the first side is there whatever its value is.
fn bare(expr: &Expr, text: &str) -> Option<Doubt> {
    let Kind::Binary {
        operator: "or",
        left,
        right,
        ..
    } = &expr.kind
    else {
        return None;
    };
    // With `bool` it takes nothing away.
    let comparison = |side| against(side).filter(|_| filters(side));
    let (side, other) = match (comparison(left), comparison(right)) {
        (None, Some(other)) => (left, other),
        (Some(other), None) => (right, other),
        _ => return None,
    };
    let mut names = Vec::new();
    side.metrics(&mut names);
    let there = |name: &str| name == "up" || family_of_series(name).is_some();
    if filters(side) || names.is_empty() || !names.iter().all(|(_, name)| there(name)) {
        return None;
    }
    let (compared, operator, limit) = other;
    let limit = Shown(limit);
    let zero = matches!(&compared.kind, Kind::Call { name, .. } if name == "vector");
    let mut edit = None;
    let fix = if zero {
        let at = text.rfind(operator)?;
        let new = format!("({}) {}", text.get(..at)?.trim(), text.get(at..)?);
        edit = Some((0, text.to_owned(), new.clone()));
        format!("put brackets round both sides: {new}")
    } else {
        format!("compare each side with its number: … {operator} {limit} or … {operator} {limit}")
    };
    Some(Doubt {
        topic: Topic::Condition,
        at: side.at,
        found: format!(
            "a side of `or` without a comparison; `{operator} {limit}` is of the other side alone"
        ),
        expected: "a comparison on each side".to_owned(),
        why: ALWAYS.as_str(),
        fix,
        edit,
        sure: true,
    })
}

/// A sum by labels: its functions, those labels, and what it reads.
fn sum(expr: &Expr) -> Option<(Vec<&str>, &Grouping, &str, &[Matcher])> {
    let Kind::Aggregate {
        name: function,
        grouping: Some(grouping),
        of,
        ..
    } = &expr.kind
    else {
        return None;
    };
    let (name, matchers) = selector(of)?;
    let mut functions = vec![function.as_str()];
    calls(of, &mut functions);
    (!grouping.without && !moved(of)).then_some((functions, grouping, name, matchers))
}

/// The functions that are taken of a series, from the outermost on.
fn calls<'a>(expr: &'a Expr, out: &mut Vec<&'a str>) {
    if let Kind::Call { name, .. } | Kind::Aggregate { name, .. } = &expr.kind {
        out.push(name);
    }
    for part in expr.parts() {
        calls(part, out);
    }
}

/// The one series that functions are taken of.
fn selector(expr: &Expr) -> Option<(&str, &[Matcher])> {
    match &expr.kind {
        Kind::Selector { name, matchers } => Some((name, matchers)),
        Kind::Binary { .. } => None,
        _ => expr.parts().into_iter().find_map(selector),
    }
}

/// Adds `sum by (status) (x{status="5xx"}) / sum by (status) (x)`, which is 1.
fn quotients(doubts: &mut Vec<Doubt>, expr: &Expr) {
    if let Kind::Binary {
        operator: "/",
        matching: None,
        left,
        right,
        ..
    } = &expr.kind
        && let Some((functions, by, part, chosen)) = sum(left)
        && let Some((same, all, whole, others)) = sum(right)
        // Over another range, or by another function, they are not the same.
        && (functions, part) == (same, whole)
        && seconds(left).map(f64::to_bits) == seconds(right).map(f64::to_bits)
        && let Some(matcher) = chosen.iter().find(|matcher| {
            let kept = |of: &Grouping| of.labels.iter().any(|l| l.name == matcher.label);
            kept(by) && kept(all) && !others.iter().any(|other| other.label == matcher.label)
        })
    {
        let label = &matcher.label;
        let rest: Vec<&str> = (by.labels.iter())
            .map(|label| label.name.as_str())
            .filter(|name| name != label)
            .collect();
        let rest = rest.join(", ");
        let fix = if rest.is_empty() {
            format!("sum both sides without it: remove by ({label})")
        } else {
            format!("write by ({rest}) on both sides")
        };
        doubts.push(Doubt {
            topic: Topic::Matching,
            at: by.labels.first().map_or(expr.at, |label| label.at),
            found: format!(
                "{label} kept on both sides of the quotient, whose left side chooses by it"
            ),
            expected: format!("sums over every {label}"),
            why: "Each part is divided by itself: the quotient is always 1.",
            fix,
            edit: None,
            sure: true,
        });
    }
    for part in expr.parts() {
        quotients(doubts, part);
    }
}

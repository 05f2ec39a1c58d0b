//! A part of what is counted, divided by all of it, as a ratio or times 100.

use crate::promql::expr::{Expr, Kind, Matcher};

/// What a product multiplies, what it divides by, and its numbers.
struct Product<'a> {
    above: Vec<&'a Expr>,
    below: Vec<&'a Expr>,
    factor: f64,
}

impl<'a> Product<'a> {
    fn add(&mut self, expr: &'a Expr, below: bool) {
        if let Some(number) = expr.number() {
            self.factor *= if below { 1.0 / number } else { number };
            return;
        }
        match &expr.kind {
            Kind::Binary {
                operator: operator @ ("*" | "/"),
                left,
                right,
                ..
            } => {
                self.add(left, below);
                self.add(right, below != (*operator == "/"));
            }
            _ if below => self.below.push(expr),
            _ => self.above.push(expr),
        }
    }
}

/// What is counted: the series, its matchers, and the range where a rate is taken here.
fn counted(expr: &Expr) -> Option<(&str, &[Matcher], Option<f64>)> {
    match &expr.kind {
        Kind::Aggregate { name, of, .. } if name == "sum" => counted(of),
        Kind::Selector { name, matchers } if name.contains(':') && name.ends_with(":rate") => {
            Some((name, matchers, None))
        }
        Kind::Call { name, arguments } if matches!(name.as_str(), "rate" | "increase") => {
            match &arguments.first()?.kind {
                Kind::Range {
                    of,
                    seconds,
                    subquery: false,
                    ..
                } => match &of.kind {
                    Kind::Selector { name, matchers } => Some((name, matchers, Some(*seconds))),
                    _ => None,
                },
                _ => None,
            }
        }
        _ => None,
    }
}

/// The most of a share: 1, or 100 of a percentage.
pub(super) fn most(expr: &Expr) -> Option<f64> {
    let mut product = Product {
        above: Vec::new(),
        below: Vec::new(),
        factor: 1.0,
    };
    product.add(expr, false);
    let ([above], [below]) = (&product.above[..], &product.below[..]) else {
        return None;
    };
    let ((part, narrow, one), (whole, wide, two)) = (counted(above)?, counted(below)?);
    let same = |a: &Matcher, b: &Matcher| {
        (&a.label, a.operator, &a.value) == (&b.label, b.operator, &b.value)
    };
    let within = wide.iter().all(|a| narrow.iter().any(|b| same(a, b)));
    let events = |name: &'_ str, end: &str| name.strip_suffix(end).map(str::to_owned);
    let parts = part == whole && narrow.len() > wide.len()
        || events(whole, "_total:rate").is_some_and(|stem| {
            part == format!("{stem}_bad:rate") || part == format!("{stem}_good:rate")
        });
    (parts && within && one == two && product.factor > 0.0).then_some(product.factor)
}

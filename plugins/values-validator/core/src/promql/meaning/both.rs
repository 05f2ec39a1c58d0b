//! Two comparisons of one value: of which both can never be true, or one always is.

use super::quotient::behind;
use super::quotient::span::before;
use super::{Context, Doubt, Facts, Labels, NEVER, Topic, UNKNOWN};
use crate::promql::expr::{Expr, Kind};
use crate::sorted::Names;
use std::ops::Range;
use vllm_catalog::number::Shown;

/// A comparison with a number.
struct Limit<'a> {
    at: usize,
    operator: &'a str,
    limit: f64,
    /// What is compared, without spaces.
    of: String,
    /// Where it stands.
    span: Range<usize>,
    /// Whether it is of the clock, and so the same for every series.
    clock: bool,
}

impl Limit<'_> {
    fn fits(&self, value: f64) -> bool {
        match self.operator {
            "<" => value < self.limit,
            "<=" => value <= self.limit,
            ">" => value > self.limit,
            ">=" => value >= self.limit,
            "==" => (value - self.limit).abs() < f64::EPSILON,
            _ => (value - self.limit).abs() >= f64::EPSILON,
        }
    }
}

/// The least and most of a function of the clock, which are whole numbers.
fn clock(name: &str) -> Option<(i32, i32)> {
    Some(match name {
        "minute" => (0, 59),
        "hour" => (0, 23),
        "day_of_week" => (0, 6),
        "day_of_month" => (1, 31),
        "days_in_month" => (28, 31),
        "day_of_year" => (1, 366),
        "month" => (1, 12),
        _ => return None,
    })
}

/// What is known of a function of the clock without an argument: one value, without labels.
pub(super) fn now(name: &str) -> Facts {
    let Some((low, high)) = clock(name) else {
        return UNKNOWN;
    };
    Facts {
        labels: Labels::Closed(Names::default()),
        low: f64::from(low),
        high: f64::from(high),
        ..UNKNOWN
    }
}

/// The comparisons of which a chain of `operator` is made; with `on (…)` those of the clock alone.
fn limits<'a>(expr: &'a Expr, operator: &str, text: &str, paired: bool, out: &mut Vec<Limit<'a>>) {
    let Kind::Binary {
        operator: own,
        boolean: false,
        matching,
        left,
        right,
        ..
    } = &expr.kind
    else {
        return;
    };
    if *own == operator {
        let paired = paired && matching.is_none();
        limits(left, operator, text, paired, out);
        limits(right, operator, text, paired, out);
        return;
    }
    let compares = matches!(*own, "==" | "!=" | "<" | "<=" | ">" | ">=");
    let Some(limit) = (right.number()).filter(|limit| compares && limit.is_finite()) else {
        return;
    };
    // `a > 1 < 5` compares what is left of `a` again.
    let mut of = &**left;
    if operator == "and"
        && let Kind::Binary {
            left: first,
            right: second,
            ..
        } = &left.kind
        && second.number().is_some()
    {
        limits(left, operator, text, paired, out);
        of = first;
    }
    let mut metrics = Vec::new();
    of.metrics(&mut metrics);
    let end = match &of.kind {
        _ if std::ptr::eq(of, &**left) => expr.at,
        _ => left.at,
    };
    if let (Some(span), Some(last)) = (before(text, of, end), behind(text, expr.at + own.len(), ""))
        && (paired || metrics.is_empty())
    {
        out.push(Limit {
            at: expr.at,
            operator: own,
            limit,
            of: text[span.clone()].split_whitespace().collect(),
            span: span.start..last.end,
            clock: metrics.is_empty(),
        });
    }
}

/// Adds each pair in an expression.
pub(super) fn add(doubts: &mut Vec<Doubt>, expr: &Expr, context: Context<'_>) {
    let chain = match &expr.kind {
        Kind::Binary {
            operator: operator @ ("or" | "and"),
            ..
        } => Some(*operator),
        Kind::Binary {
            operator: "==" | "<" | "<=" | ">" | ">=",
            ..
        } => Some("and"),
        _ => None,
    };
    if let Some(operator) = chain {
        let mut all = Vec::new();
        limits(expr, operator, context.text, true, &mut all);
        let found = (all.iter().enumerate()).find_map(|(at, a)| {
            all[at + 1..]
                .iter()
                .find_map(|b| pair(a, b, operator, context.text))
        });
        if let Some(found) = found {
            doubts.push(found);
            return;
        }
    }
    sunday(doubts, expr);
    for part in expr.parts() {
        add(doubts, part, context);
    }
}

/// The seventh day, which is day 0.
fn sunday(doubts: &mut [Doubt], expr: &Expr) {
    if let Kind::Binary {
        operator: "==" | "!=",
        left,
        right,
        ..
    } = &expr.kind
        && matches!(&left.kind, Kind::Call { name, .. } if name == "day_of_week")
        && matches!(right.kind, Kind::Number(7.0))
        && let Some(doubt) = doubts
            .iter_mut()
            .find(|doubt| doubt.topic == Topic::Threshold && doubt.at == expr.at)
    {
        "write 0: the days go from 0, Sunday, to 6".clone_into(&mut doubt.fix);
        doubt.edit = Some((right.at, String::new(), "0".to_owned()));
    }
}

fn pair(a: &Limit<'_>, b: &Limit<'_>, operator: &str, text: &str) -> Option<Doubt> {
    if a.of != b.of {
        return None;
    }
    let name = a.of.split('(').next().unwrap_or_default();
    let points: Vec<f64> = match clock(name).filter(|_| a.clock) {
        Some((low, high)) => (low..=high).map(f64::from).collect(),
        None => [a.limit, b.limit, a.limit.midpoint(b.limit)]
            .into_iter()
            .chain([a.limit.min(b.limit) - 1.0, a.limit.max(b.limit) + 1.0])
            .collect(),
    };
    // What is wrong with one of them alone is said already.
    let some = |limit: &Limit<'_>| {
        points.iter().any(|value| limit.fits(*value))
            && !points.iter().all(|value| limit.fits(*value))
    };
    let never = operator == "and" && !points.iter().any(|value| a.fits(*value) && b.fits(*value));
    let always = operator == "or" && points.iter().all(|value| a.fits(*value) || b.fits(*value));
    if !some(a) || !some(b) || !never && !always {
        return None;
    }
    let other = if never { "or" } else { "and" };
    // Of the clock it is a time over midnight; of a measured value the numbers may be the wrong way round.
    let swapped = !a.clock && !(a.operator == "==" && b.operator == "==") && a.operator != "!=";
    let edit = (!swapped)
        .then(|| joined(a, b, operator, other, text))
        .flatten();
    let [first, second] =
        [a, b].map(|one| format!("{} {} {}", a.of, one.operator, Shown(one.limit)));
    Some(Doubt {
        topic: Topic::Threshold,
        at: b.at,
        found: format!("{first} {operator} {second}"),
        expected: if never {
            "two comparisons that one value can fit".to_owned()
        } else {
            "two comparisons that some values do not fit".to_owned()
        },
        why: if never {
            NEVER.as_str()
        } else {
            "Every value fits one of the two: the condition leaves nothing out."
        },
        fix: match &edit {
            Some((_, _, new)) => format!("write {new}"),
            None if swapped => format!(
                "exchange the numbers for what is {} the two, or join them with {other}",
                if never { "between" } else { "beyond" }
            ),
            None => format!("join the two with {other}, in brackets"),
        },
        edit,
        sure: true,
    })
}

/// The two beside each other, joined by the other operator.
fn joined(
    a: &Limit<'_>,
    b: &Limit<'_>,
    operator: &str,
    other: &str,
    text: &str,
) -> Option<(usize, String, String)> {
    let between = text.get(a.span.end..b.span.start)?;
    let (closing, rest) = between.split_once(operator)?;
    // Brackets round each of the two.
    let round = closing.trim() == ")";
    let rest = rest.split_whitespace().collect::<String>();
    let opening = rest.strip_prefix("on()").unwrap_or(&rest);
    if opening != if round { "(" } else { "" } || !round && !closing.trim().is_empty() {
        return None;
    }
    let (mut start, mut end) = (a.span.start, b.span.end);
    if round {
        start = text[..start].trim_end().strip_suffix('(')?.len();
        end = text.len() - text[end..].trim_start().strip_prefix(')')?.len();
    }
    let (first, second) = (text.get(start..a.span.end)?, text.get(b.span.start..end)?);
    let all = if round {
        format!("{first}) {other} ({second}")
    } else {
        format!("{first} {other} {second}")
    };
    let (ahead, after) = (text[..start].trim_end(), text[end..].trim_start());
    let closed = ahead.ends_with('(') && after.starts_with(')');
    let alone = ahead.is_empty() && after.is_empty();
    let new = if closed || alone || other == "and" {
        all
    } else {
        format!("({all})")
    };
    Some((start, text[start..end].to_owned(), new))
}

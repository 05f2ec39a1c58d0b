//! Functions that count samples of a range, compared with a number that no range of that length has.

use super::against::against;
use super::quotient::behind;
use super::{ALWAYS, Context, Doubt, NEVER, Topic};
use crate::promql::expr::{Expr, Kind};
use crate::units;
use vllm_catalog::number::Shown;
use vllm_catalog::{Kind as Metric, family_of_series};

/// A call that counts what is in a range.
struct Counting<'a> {
    at: usize,
    function: &'a str,
    of: &'a Expr,
    range: usize,
    seconds: f64,
    subquery: bool,
    /// Whether it is compared as it is, and not through an aggregation.
    bare: bool,
}

fn counting(expr: &Expr) -> Option<Counting<'_>> {
    match &expr.kind {
        Kind::Aggregate { name, of, .. }
            if matches!(name.as_str(), "max" | "min" | "avg" | "topk" | "bottomk") =>
        {
            let inner = counting(of)?;
            Some(Counting {
                bare: false,
                ..inner
            })
        }
        Kind::Call { name, arguments }
            if matches!(
                name.as_str(),
                "changes" | "resets" | "count_over_time" | "present_over_time"
            ) =>
        {
            let range = arguments.first()?;
            let Kind::Range {
                of,
                seconds,
                subquery,
                ..
            } = &range.kind
            else {
                return None;
            };
            Some(Counting {
                at: expr.at,
                function: name,
                of,
                range: range.at,
                seconds: *seconds,
                subquery: *subquery,
                bare: true,
            })
        }
        _ => None,
    }
}

/// Seconds between two samples of what is counted, where they are known.
fn step(counting: &Counting<'_>, context: Context<'_>) -> Option<f64> {
    if counting.subquery {
        let rest = context.text.get(counting.range..)?;
        let (_, step) = rest.split_once(']')?.0.split_once(':')?;
        return units::seconds(step.trim());
    }
    let Kind::Selector { name, .. } = &counting.of.kind else {
        return None;
    };
    let scraped = name.starts_with("vllm:") || name == "up";
    context.interval.filter(|step| scraped && *step > 0.0)
}

/// Adds each comparison with such a number in an expression.
pub(super) fn add(doubts: &mut Vec<Doubt>, expr: &Expr, context: Context<'_>) {
    if let Some((of, operator, limit)) = against(expr)
        && operator != "!="
        && let Some(of) = counting(of)
    {
        doubts.extend(
            none(&of, (expr.at, operator, limit), context)
                .or_else(|| many(&of, (expr.at, operator, limit), context)),
        );
    }
    for part in expr.parts() {
        add(doubts, part, context);
    }
}

/// No samples at all: then there is no series whose number could be compared.
fn none(
    of: &Counting<'_>,
    (at, operator, limit): (usize, &str, f64),
    context: Context<'_>,
) -> Option<Doubt> {
    let one = matches!(of.function, "count_over_time" | "present_over_time");
    let never = match operator {
        "<" => limit <= 1.0,
        "<=" | "==" => limit < 1.0,
        _ => false,
    };
    if !one || !never {
        return None;
    }
    let whole = behind(context.text, at + operator.len(), "").filter(|_| of.bare && of.at < at);
    let call = context.text.get(of.at..at).map(str::trim_end);
    let new = call.and_then(|call| {
        let rest = call.strip_prefix(of.function)?;
        Some(format!("absent_over_time{rest}"))
    });
    let edit = whole.zip(new).and_then(|(end, new)| {
        let old = context.text.get(of.at..end.end)?;
        Some((of.at, old.to_owned(), new))
    });
    Some(Doubt {
        topic: Topic::Threshold,
        at,
        found: format!("{}() of no samples", of.function),
        expected: "absent_over_time(), which is there where no sample is".to_owned(),
        why: NEVER.as_str(),
        fix: match &edit {
            Some((_, _, new)) => format!("write {new}: of no samples there is no number"),
            None => "write absent_over_time(…): of no samples there is no number".to_owned(),
        },
        edit,
        sure: true,
    })
}

/// More samples than a range has.
fn many(
    of: &Counting<'_>,
    (at, operator, limit): (usize, &str, f64),
    context: Context<'_>,
) -> Option<Doubt> {
    let step = step(of, context)?;
    let samples = (of.seconds / step).floor();
    // Between two samples there is one change; a range that closes on both sides has one sample more.
    let most = match of.function {
        "present_over_time" => 1.0,
        "count_over_time" => samples + 1.0,
        _ => samples,
    };
    let never = match operator {
        ">" => limit >= most,
        ">=" | "==" => limit > most,
        _ => false,
    };
    let always = match operator {
        "<" => limit > most,
        "<=" => limit >= most,
        _ => false,
    };
    if !never && !always {
        return None;
    }
    let mut metrics = Vec::new();
    of.of.metrics(&mut metrics);
    let counter = metrics.iter().any(|(_, name)| {
        family_of_series(name).is_some_and(|family| {
            matches!(family.kind, Metric::Counter)
                || family.kind == Metric::Histogram && name.ends_with("_count")
        })
    });
    let events = counter && !of.subquery && of.function != "resets";
    let range = units::duration(of.seconds);
    let edit = events.then(|| (of.at, of.function.to_owned(), "increase".to_owned()));
    let longer = units::duration((limit + 1.0) * step);
    Some(Doubt {
        topic: Topic::Threshold,
        at,
        found: format!(
            "`{operator} {}` for {}() of [{range}], which has {} samples at most",
            Shown(limit),
            of.function,
            Shown(samples),
        ),
        expected: if events {
            format!(
                "increase(), which counts what happened: {}() counts samples",
                of.function
            )
        } else {
            format!("a number below {}", Shown(most))
        },
        why: if never {
            NEVER.as_str()
        } else {
            ALWAYS.as_str()
        },
        fix: if events {
            format!("write increase in place of {}", of.function)
        } else if of.function == "present_over_time" {
            "write count_over_time in place of present_over_time, whose value is 1".to_owned()
        } else {
            format!(
                "write a number below {}, or a range above {longer}",
                Shown(most)
            )
        },
        edit,
        sure: true,
    })
}

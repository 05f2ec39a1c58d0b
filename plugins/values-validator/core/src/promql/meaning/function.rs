//! Functions that cannot do what was meant with what they are given: a ratio that is rounded to 0 or 1, a quantile
//! of a quantile, a group that a pattern has not, a range between two samples, and a sum of ratios.

use super::against::against;
use super::selector::quantile_of;
use super::{Context, Doubt, NEVER, Topic};
use crate::promql::expr::{Expr, Kind};
use crate::re2;
use crate::units::duration;
use vllm_catalog::number::Shown;
use vllm_catalog::{Unit, family_of_series};

/// Adds each such call in an expression.
pub(super) fn add(doubts: &mut Vec<Doubt>, expr: &Expr, context: Context<'_>) {
    match &expr.kind {
        Kind::Call { name, arguments } => match (name.as_str(), &arguments[..]) {
            ("round", [of]) => doubts.extend(rounded(expr.at, of)),
            ("histogram_quantile", [_, of]) => doubts.extend(twice(expr.at, of)),
            ("label_replace", [_, _, new, _, pattern]) => doubts.extend(group(new, pattern)),
            (over, [of]) if over.ends_with("_over_time") => {
                doubts.extend(between(over, of, context));
            }
            _ => {}
        },
        Kind::Binary {
            operator: operator @ ("==" | "!=" | "<" | "<=" | ">" | ">="),
            right,
            ..
        } if right.number().is_some_and(f64::is_nan) => doubts.push(doubt(
            Topic::Threshold,
            right.at,
            format!("`{operator} NaN`"),
            "a number, or a metric compared with itself: x != x is there where x is NaN",
            "NaN is equal to nothing: == is never true, and != always is.",
            "compare the metric with itself: != for NaN, == for numbers".to_owned(),
        )),
        _ => {}
    }
    if let Some((of, operator, limit)) = against(expr) {
        doubts.extend(summed(of, operator, limit, context));
    }
    for part in expr.parts() {
        add(doubts, part, context);
    }
}

fn doubt(
    topic: Topic,
    at: usize,
    found: String,
    expected: &str,
    why: &'static str,
    fix: String,
) -> Doubt {
    Doubt {
        topic,
        at,
        found,
        expected: expected.to_owned(),
        why,
        fix,
        edit: None,
        sure: false,
    }
}

/// The name of a selector that is a ratio, with what is put together of it.
fn ratio(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        Kind::Selector { name, .. } => {
            let known = family_of_series(name).is_some_and(|family| family.unit == Unit::Ratio);
            (known || name.ends_with("_perc:max")).then_some(name)
        }
        Kind::Aggregate { name, of, .. } if matches!(name.as_str(), "max" | "min" | "avg") => {
            ratio(of)
        }
        Kind::Call { name, arguments } if name.ends_with("_over_time") => ratio(arguments.first()?),
        Kind::Range { of, .. } | Kind::Moved { of, .. } => ratio(of),
        _ => None,
    }
}

/// `round(vllm:kv_cache_usage_perc)`
fn rounded(at: usize, of: &Expr) -> Option<Doubt> {
    let name = ratio(of)?;
    Some(doubt(
        Topic::Threshold,
        at,
        format!("round() of {name}, which goes from 0 to 1"),
        "the ratio itself, or round(…, 0.01)",
        "Of a ratio only 0 and 1 are left: the comparison is with another number than was measured.",
        "leave round() out, or write round(…, 0.01)".to_owned(),
    ))
}

/// `histogram_quantile(0.95, model:…:p95)`
fn twice(at: usize, of: &Expr) -> Option<Doubt> {
    let mut names = Vec::new();
    of.metrics(&mut names);
    let [(_, name)] = &names[..] else {
        return None;
    };
    quantile_of(name)?;
    Some(doubt(
        Topic::Quantile,
        at,
        format!("histogram_quantile() of {name}, which is a quantile"),
        name,
        NEVER.as_str(),
        format!("write {name} without histogram_quantile()"),
    ))
}

/// `label_replace(x, "a", "$2", "b", "(.*)")`
fn group(new: &Expr, pattern: &Expr) -> Option<Doubt> {
    let (Kind::Text(text), Kind::Text(pattern)) = (&new.kind, &pattern.kind) else {
        return None;
    };
    let groups = re2::whole(pattern)?.captures_len() - 1;
    let asked = text.match_indices('$').filter_map(|(at, _)| {
        let rest = text[at + 1..].trim_start_matches('{');
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        rest[..end].parse::<usize>().ok()
    });
    // `whole` may put the pattern into a group of its own.
    let own = pattern.matches('(').count() - pattern.matches("(?:").count();
    let groups = groups.min(own);
    let beyond = asked.max().filter(|asked| *asked > groups)?;
    Some(doubt(
        Topic::Selector,
        new.at,
        format!("${beyond}, and {pattern:?} has {groups} groups"),
        "a group of the pattern",
        "The group is empty: the label is removed.",
        if groups == 0 {
            format!("put brackets round what ${beyond} stands for")
        } else {
            format!("write ${groups}, or put brackets round what ${beyond} stands for")
        },
    ))
}

/// `max_over_time(x[10s])`, with a sample every 30s.
fn between(function: &str, of: &Expr, context: Context<'_>) -> Option<Doubt> {
    let Kind::Range {
        of: series,
        seconds,
        subquery: false,
        ..
    } = &of.kind
    else {
        return None;
    };
    let mut names = Vec::new();
    series.metrics(&mut names);
    let ours = names
        .iter()
        .any(|(_, name)| name.starts_with("vllm:") || name == "up");
    let interval = context.interval.filter(|each| ours && seconds < each)?;
    let needed = duration((4.0 * interval).max(120.0));
    Some(doubt(
        Topic::Window,
        of.at,
        format!(
            "[{}] of {function}(), and a sample every {}",
            duration(*seconds),
            duration(interval)
        ),
        &format!(
            "at least {}, with a sample at any time",
            duration(2.0 * interval)
        ),
        "Between two samples the range is empty: the alert begins anew with each, and `for` is never over.",
        format!("write [{needed}]"),
    ))
}

/// `sum(vllm:kv_cache_usage_perc) > 0.9`, of several pods.
fn summed(of: &Expr, operator: &str, limit: f64, context: Context<'_>) -> Option<Doubt> {
    let Kind::Aggregate {
        name,
        grouping,
        of: inner,
        ..
    } = &of.kind
    else {
        return None;
    };
    let by = |label: &str| {
        grouping
            .as_ref()
            .is_some_and(|by| by.labels.iter().any(|own| own.name == label) != by.without)
    };
    let series = ratio(inner).filter(|_| {
        name == "sum"
            && context.several
            && operator.starts_with('>')
            && !by("pod")
            && !by("instance")
    })?;
    if limit <= 0.0 || limit > 1.0 {
        return None;
    }
    let mut doubt = doubt(
        Topic::Threshold,
        of.at,
        format!(
            "`{operator} {}` for the sum of {series} of several pods",
            Shown(limit)
        ),
        "max(…) for the fullest pod, avg(…) for all",
        "Each pod has its own ratio: the sum is above that number while every one of them is far below.",
        "write max, or avg".to_owned(),
    );
    doubt.edit = Some((of.at, name.clone(), "max".to_owned()));
    Some(doubt)
}

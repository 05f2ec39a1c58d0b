//! What an operand reads, where it is one series, and how that is measured.

use super::operation;
use crate::promql::expr::{Expr, Kind, Matcher};
use vllm_catalog::{Unit, family_of_series};

/// The one series that is read.
#[derive(Clone, Copy)]
pub(super) struct Leaf<'a> {
    /// The selector, with what is around it.
    pub of: &'a Expr,
    pub name: &'a str,
    pub matchers: &'a [Matcher],
    /// Whether its growth is read.
    pub rate: bool,
    /// Whether it is put together.
    pub grouped: bool,
}

impl PartialEq for Leaf<'_> {
    /// The same series, whatever is around them.
    fn eq(&self, other: &Self) -> bool {
        (self.name, self.rate) == (other.name, other.rate)
            && self.matchers.len() == other.matchers.len()
            && self.matchers.iter().all(|matcher| other.has(matcher))
    }
}

impl Leaf<'_> {
    fn has(&self, matcher: &Matcher) -> bool {
        self.matchers.iter().any(|own| {
            (&own.label, own.operator, &own.value)
                == (&matcher.label, matcher.operator, &matcher.value)
        })
    }
}

/// The one series of an operand, where sums, means and rates are all that is around it.
pub(super) fn leaf(expr: &Expr) -> Option<Leaf<'_>> {
    let inner = match &expr.kind {
        Kind::Selector { name, matchers } if !name.is_empty() => {
            return Some(Leaf {
                of: expr,
                name,
                matchers,
                rate: false,
                grouped: false,
            });
        }
        Kind::Range {
            of,
            subquery: false,
            ..
        } => leaf(of)?,
        Kind::Call { name, arguments } => {
            let [argument] = &arguments[..] else {
                return None;
            };
            let inner = leaf(argument)?;
            match name.as_str() {
                "rate" | "irate" | "increase" => Leaf {
                    rate: true,
                    ..inner
                },
                "avg_over_time" | "max_over_time" | "min_over_time" | "last_over_time" => inner,
                _ => return None,
            }
        }
        Kind::Aggregate {
            name,
            parameter: None,
            of,
            ..
        } if matches!(name.as_str(), "sum" | "avg" | "max" | "min") => Leaf {
            grouped: true,
            ..leaf(of)?
        },
        _ => return None,
    };
    Some(Leaf { of: expr, ..inner })
}

/// How something is measured: the unit, or the name of a counter; and whether its growth is.
pub(super) fn quantity(expr: &Expr) -> Option<(&str, bool)> {
    if let Some(sum) = operation(expr).filter(|of| matches!(of.operator, "+" | "-")) {
        let (a, b) = (quantity(sum.left)?, quantity(sum.right)?);
        return (a == b).then_some(a);
    }
    let leaf = leaf(expr)?;
    let ends = |end: &str| leaf.name.ends_with(end);
    let family = family_of_series(leaf.name);
    let unit = match family.map(|family| family.unit) {
        Some(Unit::Ratio | Unit::Flag | Unit::Info) => return None,
        _ if ["ratio", "percent", "_info", "_perc", "_util"]
            .into_iter()
            .any(ends)
            || leaf.name == "up" =>
        {
            return None;
        }
        Some(Unit::Requests) if !ends("_sum") => "requests",
        Some(Unit::Tokens) => "tokens",
        Some(Unit::Bytes) => "bytes",
        _ if ends("_bytes") || ends("_bytes_total") => "bytes",
        _ if leaf.name.starts_with("DCGM_FI_DEV_FB_") => "MiB",
        // What was asked of a cache, and what it had.
        _ => leaf
            .name
            .trim_end_matches("_total")
            .trim_end_matches("_hits")
            .trim_end_matches("_queries"),
    };
    Some((unit, leaf.rate))
}

/// Names of a whole, and of parts of it.
const PARTS: [(&str, &[&str]); 7] = [
    ("_queries_total", &["_hits_total"]),
    ("_draft_tokens_total", &["_accepted_tokens_total"]),
    ("_size_bytes", &["_avail_bytes", "_free_bytes"]),
    (
        "_MemTotal_bytes",
        &["_MemAvailable_bytes", "_MemFree_bytes"],
    ),
    ("_capacity_bytes", &["_available_bytes", "_used_bytes"]),
    ("_count", &["_bucket"]),
    ("_replicas:expected", &["_replicas:up"]),
];

/// Whether the first is never less than the second: all of what the second is a part of.
pub(super) fn whole(all: &Expr, some: &Expr) -> bool {
    let Some(part) = leaf(some) else {
        return false;
    };
    if let Some(sum) = operation(all).filter(|of| of.operator == "+") {
        return [sum.left, sum.right].into_iter().any(|side| {
            leaf(side).is_some_and(|own| own == part)
                || whole(side, some) && operation(side).is_some()
        });
    }
    let Some(all) = leaf(all) else {
        return false;
    };
    if all.rate != part.rate {
        return false;
    }
    // Matchers of `le` say which bucket it is.
    let inside = all.matchers.iter().all(|matcher| part.has(matcher));
    if all.name == part.name {
        return inside && part.matchers.len() > all.matchers.len() && all.grouped && part.grouped;
    }
    inside
        && PARTS.iter().any(|(whole, parts)| {
            all.name.strip_suffix(whole).is_some_and(|stem| {
                parts
                    .iter()
                    .any(|end| part.name.strip_suffix(end) == Some(stem))
            })
        })
}

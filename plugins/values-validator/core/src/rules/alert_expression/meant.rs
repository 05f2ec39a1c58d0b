//! An expression that does not parse, as it was meant. Only the command looks for it: a module would be larger
//! by a tenth of what all rules take.

mod bracketed;
mod clauses;

use bracketed::bracketed;

use crate::promql::parse;
use vllm_catalog::number::Shown;

/// The expression as it was meant, with operators of PromQL already.
pub fn meant(mut new: String) -> Option<String> {
    for candidate in bracketed(&new) {
        if parse(&candidate).is_ok() {
            return Some(candidate);
        }
    }
    // A blank or brackets round a range, a unit written out, an aggregation without by.
    if let Some(plain) = spelled(&new).filter(|plain| parse(plain).is_ok()) {
        return Some(plain);
    }
    for (other, ours) in [("average(", "avg("), ("mean(", "avg("), (" = ", " == ")] {
        let renamed = new.replace(other, ours);
        if parse(&renamed).is_ok() {
            return Some(renamed);
        }
    }
    // The number that is compared with, at the end: 90%, 1k, 0,9.
    let at = new.rfind(['>', '<', '='])? + 1;
    let (head, limit) = new.split_at(at);
    let limit = limit.trim();
    let number = match limit.strip_suffix(['%', 'k', 'K']) {
        Some(bare) if limit.ends_with('%') => crate::units::float(bare.trim()).map(|n| n / 100.0),
        Some(bare) => crate::units::float(bare.trim()).map(|n| n * 1000.0),
        // 100,000 has groups of three digits, 0,9 a comma for the point.
        None if limit.split(',').skip(1).all(|group| group.len() == 3) => {
            crate::units::float(&limit.replace(',', ""))
        }
        None => crate::units::float(&limit.replace(',', ".")),
    };
    // A unit behind it: 200req, 500ms.
    let unit = limit
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(limit.len());
    let (bare, unit) = limit.split_at(unit);
    let number = number.or_else(|| {
        let bare = crate::units::float(bare.trim())?;
        let plain = unit
            .chars()
            .all(|c| c.is_ascii_alphabetic() || matches!(c, '/' | ' '));
        plain.then_some(if unit == "ms" { bare / 1000.0 } else { bare })
    });
    if let Some(number) = number {
        new = format!("{head} {}", Shown(number));
    }
    if parse(&new).is_ok() {
        return Some(new);
    }
    // topk(metric, 3)
    let open = new
        .find("topk(")
        .map(|at| at + 5)
        .or_else(|| new.find("bottomk(").map(|at| at + 8))?;
    let inner = &new[open..];
    let comma = inner.find(", ")?;
    let close = open + comma + 2 + inner[comma + 2..].find(')')?;
    let (metric, count) = (&new[open..open + comma], &new[open + comma + 2..close]);
    count.parse::<u32>().ok()?;
    Some(format!(
        "{}{count}, {metric}{}",
        &new[..open],
        &new[close..]
    ))
}

/// `[5 m]`, `(5m)` behind a selector, `sum (pod) (…)`.
fn spelled(text: &str) -> Option<String> {
    let mut new = text.to_owned();
    let unit = |text: &str| crate::units::seconds(text).is_some();
    for (at, _) in text.match_indices(['[', '(']).rev() {
        let close = if text[at..].starts_with('[') {
            ']'
        } else {
            ')'
        };
        let Some(end) = text[at..].find(close) else {
            continue;
        };
        let inner = &text[at + 1..at + end];
        let bare: String = inner.chars().filter(|c| !c.is_whitespace()).collect();
        let bare = crate::units::meant(&bare).unwrap_or(bare);
        let behind = text[..at].trim_end().ends_with(['}', ']'])
            || text[..at].ends_with(|c: char| c.is_alphanumeric());
        if unit(&bare) && behind {
            new.replace_range(at..=at + end, &format!("[{bare}]"));
        }
    }
    if new != text && parse(&new).is_ok() {
        return Some(new);
    }
    let text = new;
    ["sum", "max", "min", "avg", "count"]
        .into_iter()
        .find_map(|name| {
            let at = text.find(&format!("{name} ("))?;
            let rest = &text[at + name.len() + 1..];
            let end = rest.find(')')?;
            let labels = |c: char| c.is_alphanumeric() || matches!(c, '_' | ',' | ' ');
            (rest[1..end].chars().all(labels) && rest[end + 1..].trim_start().starts_with('('))
                .then(|| format!("{}{name} by {}", &text[..at], rest))
        })
}

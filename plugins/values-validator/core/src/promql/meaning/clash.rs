//! Two matchers of one label that no text fits both.

use super::{Doubt, NEVER, Topic};
use crate::promql::expr::{Expr, Kind, Matcher};
use crate::re2;

/// The texts that a matcher takes, where they are a few.
fn texts(matcher: &Matcher) -> Option<Vec<&str>> {
    let value = matcher.value.as_str();
    match matcher.operator {
        "=" => Some(vec![value]),
        "=~" => {
            let inner = value
                .strip_prefix('(')
                .and_then(|rest| rest.strip_suffix(')'));
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_/:".contains(c);
            let all: Vec<&str> = inner.unwrap_or(value).split('|').collect();
            all.iter()
                .all(|text| text.chars().all(plain))
                .then_some(all)
        }
        _ => None,
    }
}

fn fits(matcher: &Matcher, text: &str) -> bool {
    let same = |value: &str| text == value;
    let matches = || re2::whole(&matcher.value).is_none_or(|pattern| pattern.is_match(text));
    match matcher.operator {
        "=" => same(&matcher.value),
        "!=" => !same(&matcher.value),
        "=~" => matches(),
        // Of a pattern that this core cannot read nothing is known.
        _ => re2::whole(&matcher.value).is_none_or(|pattern| !pattern.is_match(text)),
    }
}

/// The first two matchers that leave nothing, and the one matcher that takes what both of them name.
pub fn clash(matchers: &[&Matcher]) -> Option<(usize, usize, Option<String>)> {
    for (second, b) in matchers.iter().enumerate() {
        for (first, a) in matchers[..second].iter().enumerate() {
            let variable = a.value.contains('$') || b.value.contains('$');
            if a.label != b.label || variable {
                continue;
            }
            let none = |a: &Matcher, b: &Matcher| {
                texts(a).is_some_and(|all| !all.iter().any(|text| fits(b, text)))
            };
            if !none(a, b) && !none(b, a) {
                continue;
            }
            let both = texts(a).zip(texts(b)).map(|(mut all, more)| {
                all.extend(more);
                format!("{}=~{:?}", a.label, all.join("|"))
            });
            return Some((first, second, both));
        }
    }
    None
}

/// Adds each such pair in an expression.
pub(super) fn add(doubts: &mut Vec<Doubt>, expr: &Expr, text: &str) {
    if let Kind::Selector { matchers, .. } = &expr.kind {
        let all: Vec<&Matcher> = matchers.iter().collect();
        if let Some((first, second, both)) = clash(&all) {
            doubts.push(doubt(matchers, (first, second), both, text));
        }
    }
    for part in expr.parts() {
        add(doubts, part, text);
    }
}

fn doubt(
    matchers: &[Matcher],
    (first, second): (usize, usize),
    both: Option<String>,
    text: &str,
) -> Doubt {
    let (a, b) = (&matchers[first], &matchers[second]);
    let written = |one: &Matcher| format!("{}{}{:?}", one.label, one.operator, one.value);
    let end = b.at + written(b).len();
    // One matcher in the place of two that stand beside each other.
    let old = text.get(a.at..end).filter(|old| {
        first + 1 == second && old.ends_with(&written(b)) && old.starts_with(&written(a))
    });
    Doubt {
        topic: Topic::Selector,
        at: b.at,
        found: format!("{} and {}", written(a), written(b)),
        expected: format!("one value of {}: no series has two", a.label),
        why: NEVER.as_str(),
        fix: match &both {
            Some(both) => format!("write one matcher {both}"),
            None => format!("remove {} or {}", written(a), written(b)),
        },
        edit: both
            .zip(old)
            .map(|(both, old)| (a.at, old.to_owned(), both)),
        sure: true,
    }
}

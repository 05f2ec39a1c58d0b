//! A number per second where the alert speaks of minutes or hours.

use super::against::against;
use super::{Context, Doubt, Topic};
use crate::promql::expr::{Expr, Kind};
use vllm_catalog::number::Shown;

/// A period, its seconds, and how texts and names say that something is counted by it.
const PERIODS: [(&str, f64, &[&str]); 2] = [
    (
        "minute",
        60.0,
        &[
            "per minute",
            "per min",
            "perminute",
            "/min",
            "a minute",
            "each minute",
            "every minute",
        ],
    ),
    (
        "hour",
        3600.0,
        &[
            "per hour",
            "perhour",
            "/hour",
            "/h",
            "an hour",
            "each hour",
            "every hour",
        ],
    ),
];

/// Before `a minute` these say how long something lasts, or when it was.
const LASTS: [&str; 12] = [
    "for", "in", "within", "than", "over", "least", "after", "last", "of", "about", "once", "half",
];

/// Adds each comparison of a rate with a number that counts minutes.
pub(super) fn add(doubts: &mut Vec<Doubt>, expr: &Expr, context: Context<'_>) {
    if let Some((of, operator, limit)) = against(expr)
        && let Some(range) = growth(of)
    {
        let said = context.said.to_lowercase();
        let mut periods = PERIODS.iter();
        doubts.extend(periods.find_map(|period| {
            doubt(
                (expr, of, range),
                (operator, limit),
                *period,
                &said,
                context,
            )
        }));
    }
    for part in expr.parts() {
        add(doubts, part, context);
    }
}

/// What growth is taken over: 1 second of a rate, the range of an increase; of one counter of events alone.
fn growth(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        Kind::Aggregate { name, of, .. } if name != "count" => growth(of),
        Kind::Call { name, arguments }
            if matches!(name.as_str(), "rate" | "irate" | "increase") =>
        {
            let Kind::Range { of, seconds, .. } = &arguments.first()?.kind else {
                return None;
            };
            let Kind::Selector { name: series, .. } = &of.kind else {
                return None;
            };
            let events = series.ends_with("_total") || series.ends_with("_count");
            events.then(|| if name == "increase" { *seconds } else { 1.0 })
        }
        _ => None,
    }
}

fn tokens(expr: &Expr) -> bool {
    let mut names = Vec::new();
    expr.metrics(&mut names);
    names.iter().any(|(_, name)| name.contains("token"))
}

/// Where a text says that something is counted by a period.
fn counted(said: &str, words: &[&str]) -> Vec<usize> {
    let all = words.iter().flat_map(|word| said.match_indices(word));
    let lasts = |at: usize, word: &str| {
        let last = said[..at]
            .split_whitespace()
            .next_back()
            .unwrap_or_default();
        word.starts_with('a') && LASTS.contains(&last)
    };
    let goes_on = |end: usize, word: &str| {
        word.starts_with('/') && said[end..].starts_with(|c: char| c.is_alphanumeric() && c != 'u')
    };
    all.filter(|(at, word)| !lasts(*at, word) && !goes_on(at + word.len(), word))
        .map(|(at, _)| at)
        .collect()
}

/// Whether a number stands in a text, as a number of its own.
fn names(text: &str, number: f64) -> bool {
    let shown = Shown(number).to_string();
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || c == '.');
    text.match_indices(&shown).any(|(at, _)| {
        let rest = &text[at + shown.len()..];
        let ends = rest.strip_prefix('.').unwrap_or(rest);
        !digit(text[..at].chars().next_back()) && !ends.starts_with(|c: char| c.is_ascii_digit())
    })
}

fn doubt(
    (expr, of, range): (&Expr, &Expr, f64),
    (operator, limit): (&str, f64),
    (period, seconds, words): (&str, f64, &[&str]),
    said: &str,
    context: Context<'_>,
) -> Option<Doubt> {
    let places = counted(said, words);
    let factor = seconds / range;
    if places.is_empty() || said.contains("query ") || (factor - 1.0).abs() < 0.01 {
        return None;
    }
    let line = |at: usize| {
        let start = said[..at].rfind('\n').map_or(0, |at| at + 1);
        &said[start..at]
    };
    let number = places.iter().any(|at| names(line(*at), limit));
    // The value itself, with the period a few words behind it.
    let value = places.iter().any(|at| {
        let line = line(*at);
        line.rfind("$value").is_some_and(|value| {
            let between = &line[value..];
            between.split_whitespace().count() <= 6 && !between.contains(['.', ',', '(', ';'])
        })
    });
    // A number that was converted, and a name alone for a number that may be.
    let converted = names(said, (limit * factor * 1e6).round() / 1e6);
    let rate = range == 1.0;
    // A name speaks of few requests; of tokens there are many in a second, too.
    let name = said.lines().next().unwrap_or_default();
    let named = rate && limit >= 5.0 && !counted(name, words).is_empty() && !tokens(of);
    if !(number || rate && value || named) || !number && converted {
        return None;
    }
    let meant = Shown((limit / factor * 1e6).round() / 1e6);
    let at = of.at;
    let word: String = (context.text.get(at..)?.chars())
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    let same = if rate {
        "a second".to_owned()
    } else {
        format!("[{}]", crate::units::duration(range))
    };
    let times = Shown((factor * 1e6).round() / 1e6);
    let mut all = Doubt {
        topic: Topic::Rate,
        at: expr.at,
        found: format!("`{operator} {}` for a number in {same}", Shown(limit)),
        expected: format!("a number per {period}, of which the alert speaks"),
        why: "The number is that of another time: the alert fires far too late or too early.",
        fix: format!("write {times} * {word} … for a number per {period}, or compare with {meant}"),
        edit: None,
        sure: false,
    };
    if !word.is_empty() {
        all.edit = Some((at, word.clone(), format!("{times} * {word}")));
    }
    Some(all)
}

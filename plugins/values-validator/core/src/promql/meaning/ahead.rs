//! How far `predict_linear` looks ahead: its number counts seconds, where hours or minutes were meant.

use super::{Context, Doubt, Topic};
use crate::promql::expr::{Expr, Kind};
use crate::units;
use vllm_catalog::number::Shown;

/// Words for a unit, how many seconds it has, and as which product it is written.
const UNITS: [(&[&str], f64, &str); 4] = [
    (&["s", "sec", "second", "seconds"], 1.0, ""),
    (&["m", "min", "mins", "minute", "minutes"], 60.0, " * 60"),
    (&["h", "hr", "hrs", "hour", "hours"], 3600.0, " * 3600"),
    (&["d", "day", "days"], 86400.0, " * 86400"),
];

const NUMBERS: [&str; 12] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
];

/// The durations that a text names, as a number and a row of [`UNITS`]: `4h`, `in 30 minutes`, `four hours`.
fn durations(text: &str) -> Vec<(f64, usize)> {
    let text = text.to_lowercase();
    let mut words: Vec<&str> = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        // A number and the unit behind it are two words.
        let mut rest = word;
        while let Some(first) = rest.chars().next() {
            let digits = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != digits);
            let (word, behind) = rest.split_at(end.unwrap_or(rest.len()));
            words.push(word);
            rest = behind;
        }
    }
    let number = |word: &str| {
        let named = NUMBERS.iter().position(|name| *name == word);
        #[expect(clippy::cast_precision_loss, reason = "one to twelve")]
        named.map_or_else(|| units::float(word), |at| Some((at + 1) as f64))
    };
    words
        .windows(2)
        .filter_map(|two| {
            let unit = UNITS
                .iter()
                .position(|(names, ..)| names.contains(&two[1]))?;
            Some((number(two[0])?, unit))
        })
        .collect()
}

/// Adds each number of seconds that is too few, or not what the alert says.
pub(super) fn add(doubts: &mut Vec<Doubt>, expr: &Expr, context: Context<'_>) {
    if let Kind::Call { name, arguments } = &expr.kind
        && name == "predict_linear"
        && let [range, number] = &arguments[..]
        && let Kind::Number(seconds) = number.kind
    {
        let range = match range.kind {
            Kind::Range { seconds, .. } => seconds,
            _ => f64::INFINITY,
        };
        doubts.extend(doubt((number.at, seconds), range, context));
    }
    for part in expr.parts() {
        add(doubts, part, context);
    }
}

fn doubt((at, seconds): (usize, f64), range: f64, context: Context<'_>) -> Option<Doubt> {
    let rest = context.text.get(at..)?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    let written = &rest[..end.unwrap_or(rest.len())];
    let plain = written.bytes().all(|c| c.is_ascii_digit() || c == b'.');
    if !plain || seconds <= 0.0 {
        return None;
    }
    let said = durations(context.said);
    let near = |a: f64, b: f64| (a - b).abs() < 0.5;
    let lasts = |(number, unit): &(f64, usize)| number * UNITS[*unit].1;
    if said.iter().any(|one| near(lasts(one), seconds)) {
        return None;
    }
    // The number that the alert names with a unit, or what it names in milliseconds.
    let product = |(number, unit): &(f64, usize)| {
        let all = number * UNITS[*unit].1;
        (*unit > 0 && near(*number, seconds))
            .then(|| format!("{written}{}", UNITS[*unit].2))
            .or_else(|| near(all * 1000.0, seconds).then(|| Shown(all).to_string()))
            .or_else(|| near(all / 60.0, seconds).then(|| format!("{written} * 60")))
    };
    let meant = said.iter().find_map(product);
    let few = seconds < 60.0 && seconds < range;
    let many = seconds >= 1e7 && seconds % 1000.0 == 0.0 && seconds > 100.0 * range;
    if meant.is_none() && !few && !many {
        return None;
    }
    let shown = if seconds < 1e7 {
        units::duration(seconds)
    } else {
        format!("{} days", Shown((seconds / 86400.0).round()))
    };
    Some(Doubt {
        topic: Topic::Window,
        at,
        found: format!("predict_linear(…, {written}), which looks {shown} ahead"),
        expected: "a number of seconds: 4 * 3600 for four hours".to_owned(),
        why: if seconds < 1e7 {
            "It tells what is the case already, nearly: the alert comes too late."
        } else {
            "A straight line for so long reaches any number: the alert says nothing."
        },
        fix: match &meant {
            Some(meant) => format!("write {meant}"),
            None if many => format!(
                "write {}: the number counts seconds",
                Shown(seconds / 1000.0)
            ),
            None => format!("write {written} * 3600 for hours, {written} * 60 for minutes"),
        },
        edit: meant.map(|meant| (at, written.to_owned(), meant)),
        sure: false,
    })
}

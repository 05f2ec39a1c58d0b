//! The rate of a gauge: its mean may be meant, or how fast it grows.

use super::Doubt;

/// What an alert says of a mean, and of growth.
const MEAN: [&str; 4] = ["average", "avg", "on the mean", "mean of"];
const GROWTH: [&str; 5] = ["grow", "rising", "rises", "climb", "faster"];

/// The call at a byte of a text, up to its bracket; nothing where others are in it.
fn call<'a>(text: &'a str, at: usize, name: &str) -> Option<&'a str> {
    let rest = text.get(at..)?.strip_prefix(name)?;
    let inner = &rest[..=rest.find(')')?];
    (inner.matches('(').count() == 1).then_some(inner)
}

/// Names the functions of gauges in place of one of counters; writes one where the alert says which is meant.
pub(super) fn meant(doubt: &mut Doubt, at: usize, name: &str, (text, said): (&str, &str)) {
    let growth = match name {
        "increase" => "delta",
        "rate" => "deriv",
        _ => return,
    };
    let said = said.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let (mean, grows) = (says(&MEAN), says(&GROWTH));
    let inner = call(text, at, name).unwrap_or_default();
    let of = |function: &str| format!("{function}{inner}");
    // What has grown within a time is asked for by its name.
    let edit = match (mean, grows) {
        (true, false) => Some("avg_over_time"),
        (false, true) => Some(growth),
        (false, false) if name == "increase" => Some(growth),
        _ => None,
    };
    let (mean, change) = (of("avg_over_time"), of(growth));
    let per = if name == "rate" { " a second" } else { "" };
    doubt.fix = if edit == Some(growth) {
        format!("write {change} for its change{per}, or {mean} for its mean")
    } else {
        format!("write {mean} for its mean, or {change} for its change{per}")
    };
    doubt.edit = edit.map(|new| (at, name.to_owned(), new.to_owned()));
}

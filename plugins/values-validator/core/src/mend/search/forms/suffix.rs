//! Keys with the unit of their value in the name, where the value has it here, and the other way round:
//! `decisionWaitSeconds: 30`, `drain: 30s`.

use super::{Case, Form, with};
use crate::codes;
use crate::node::{Node, Value};
use crate::shape::{at, bare};
use crate::units;

/// Ends of names in small letters, and the units that they stand for: the longer first.
const UNITS: [(&str, &str); 25] = [
    ("milliseconds", "ms"),
    ("millis", "ms"),
    ("ms", "ms"),
    ("seconds", "s"),
    ("secs", "s"),
    ("sec", "s"),
    ("s", "s"),
    ("minutes", "m"),
    ("mins", "m"),
    ("hours", "h"),
    ("days", "d"),
    ("mebibytes", "Mi"),
    ("mib", "Mi"),
    ("gibibytes", "Gi"),
    ("gib", "Gi"),
    ("kib", "Ki"),
    ("megabytes", "M"),
    ("mb", "M"),
    ("gigabytes", "G"),
    ("gb", "G"),
    ("percent", "%"),
    ("percentage", "%"),
    ("pct", "%"),
    ("bytes", ""),
    ("number", ""),
];

/// What a name says of its unit, and the name without it.
fn split(name: &str) -> impl Iterator<Item = (String, &'static str)> {
    let bare = bare(name);
    UNITS.iter().filter_map(move |(end, unit)| {
        let rest = bare.strip_suffix(end)?;
        (!rest.is_empty()).then(|| (rest.to_owned(), *unit))
    })
}

pub(super) fn suffix(case: &mut Case<'_>) -> Option<()> {
    if !case.is(codes::UNKNOWN_KEY) {
        return None;
    }
    let node = case.node()?;
    let above = case.above(1).to_vec();
    let parent = case.at(&above)?;
    let known = at(&above)?.keys();
    let free = |key: &str| parent.child(key).is_none_or(Node::is_default);
    for key in known.into_iter().filter(|key| free(key)) {
        let value = match &node.value {
            Value::Int(_) | Value::Float(_) => split(case.key())
                .find(|(rest, _)| *rest == bare(key))
                .and_then(|(_, unit)| written(&crate::shape::written(node), unit)),
            Value::Text(text) => split(key)
                .find(|(rest, _)| *rest == bare(case.key()))
                .and_then(|(_, unit)| counted(text, unit)),
            _ => None,
        };
        let Some(value) = value else { continue };
        let mut draft = case.draft();
        let to = with(&above, &[key]);
        draft.put(&case.path, &Form::flow(value.clone()))?;
        draft.moved(&case.path, &to)?;
        case.all
            .push((draft.text(), format!("write {key}: {value}")));
    }
    Some(())
}

/// A number with its unit; whole seconds are no milliseconds.
fn written(number: &str, unit: &str) -> Option<String> {
    if unit.is_empty() {
        return None;
    }
    Some(match number.strip_suffix("000") {
        Some(seconds) if unit == "ms" && !seconds.is_empty() => format!("{seconds}s"),
        _ => format!("{number}{unit}"),
    })
}

/// How many of a unit an amount is.
fn counted(text: &str, unit: &str) -> Option<String> {
    let (own, one) = match unit {
        "ms" | "s" | "m" | "h" | "d" => {
            (units::seconds(text)?, units::seconds(&format!("1{unit}"))?)
        }
        "%" | "" => return None,
        _ => (
            units::quantity(text)?,
            units::quantity(&format!("1{unit}"))?,
        ),
    };
    let count = own / one;
    (count.fract() == 0.0 && count > 0.0 && count < 1e9 && text.parse::<f64>().is_err())
        .then(|| format!("{count:.0}"))
}

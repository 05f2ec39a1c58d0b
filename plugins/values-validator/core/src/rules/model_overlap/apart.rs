//! How an entry leaves out the pods of all entries with narrower selectors.

use super::holds;
use crate::rules::look::Model;
use crate::rules::model_pods::Pick;

/// The label that its own pods have, by the others' example, and the conditions that leave the others' out.
pub(super) fn apart(wide: &Pick, model: &Model<'_>, picks: &[(Pick, Model<'_>)]) -> Option<String> {
    let mut keys: Vec<(&str, Vec<&str>)> = Vec::new();
    // Whether each of the others has its own name in the label.
    let mut by_name = true;
    for (narrow, other) in picks.iter().filter(|(narrow, _)| holds(wide, narrow)) {
        let mut own = narrow.labels.iter();
        let (key, value) = own.find(|(key, _)| !wide.labels.contains_key(key))?;
        by_name &= value == other.name || *value == other.slug();
        match keys.iter_mut().find(|(known, _)| known == key) {
            Some((_, values)) if values.contains(&value.as_str()) => {}
            Some((_, values)) => values.push(value),
            None => keys.push((key, vec![value])),
        }
    }
    let expressions = keys.iter().map(|(key, values)| {
        format!(
            "{{key: {key}, operator: NotIn, values: [{}]}}",
            values.join(", ")
        )
    });
    let expressions: Vec<String> = expressions.collect();
    let expressions = format!("selectorExpressions: [{}]", expressions.join(", "));
    Some(match keys[..] {
        [(key, _)] if by_name => format!(
            "add {key}: {} to its selector, if its pods have that label like the others, or {expressions} to this entry",
            // A label's value has no slash.
            if model.name.contains('/') {
                model.slug()
            } else {
                model.name.to_owned()
            }
        ),
        _ => format!(
            "add {expressions} to this entry, or to its selector the label that only its pods have"
        ),
    })
}

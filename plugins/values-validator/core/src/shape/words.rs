//! A schema in words, for a finding's `expected`.

mod form;

use super::schema::{Additional, Schema};
use crate::node::Value;
use crate::sorted::sort;
use vllm_catalog::number::Shown;

pub use form::form;

/// What a value of that schema is.
pub fn expected(schema: &Schema, root: &Schema) -> String {
    let schema = schema.resolved(root);
    let mut alternatives: Vec<String> = schema.alternatives().map(|s| expected(s, root)).collect();
    if !alternatives.is_empty() {
        alternatives.dedup();
        return alternatives.join(", or ");
    }
    if let Some(value) = &schema.one_value {
        return literal(value);
    }
    if let Some(values) = &schema.one_of_values {
        return choice(values);
    }
    if schema.quantity {
        return "a quantity such as 512Mi, 2Gi or 1".into();
    }
    if schema.types.0.is_empty() {
        return "any value".into();
    }
    let kinds: Vec<String> = schema
        .types
        .0
        .iter()
        .map(|kind| match kind.as_str() {
            "boolean" => match schema.not.as_ref().and_then(|not| not.one_value.as_ref()) {
                Some(Value::Bool(no)) => (!no).to_string(),
                _ => "true or false".into(),
            },
            "integer" => format!("a whole number{}", bounds(schema)),
            "number" => format!("a number{}", bounds(schema)),
            "string" => match &schema.pattern {
                Some(pattern) => form(pattern),
                None => "a text".into(),
            },
            "array" => match &schema.items {
                Some(items) => format!("a list, each item {}", expected(items, root)),
                None => "a list".into(),
            },
            "object" => match &schema.additional_properties {
                Some(Additional::Of(values)) => {
                    format!("a map of key: value, each value {}", expected(values, root))
                }
                _ if !schema.properties.is_empty() => {
                    let mut keys: Vec<&str> = schema.properties.keys().collect();
                    let more = keys.len() > 5;
                    let rank = |key: &&str| {
                        (
                            *key != "enabled",
                            !schema.required.iter().any(|r| r == *key),
                        )
                    };
                    sort(&mut keys, |a, b| rank(a).cmp(&rank(b)));
                    keys.truncate(5);
                    format!(
                        "a map with settings: {}{}",
                        keys.join(", "),
                        if more { ", …" } else { "" }
                    )
                }
                _ => "a map".into(),
            },
            other => other.to_owned(),
        })
        .collect();
    kinds.join(" or ")
}

/// `a, b or c`.
pub fn choice(values: &[Value]) -> String {
    let words: Vec<String> = values.iter().map(literal).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// A value as it would be written.
pub fn literal(value: &Value) -> String {
    match value {
        Value::Text(text) if text.is_empty() => "\"\"".into(),
        Value::Text(text) => text.clone(),
        other => super::example::value(other),
    }
}

/// ` of at least 1`, ` above 0 and below 100`.
fn bounds(schema: &Schema) -> String {
    let lower = (schema.minimum.map(|n| format!("of at least {}", Shown(n)))).or_else(|| {
        schema
            .exclusive_minimum
            .map(|n| format!("above {}", Shown(n)))
    });
    let upper = (schema.maximum.map(|n| format!("at most {}", Shown(n)))).or_else(|| {
        schema
            .exclusive_maximum
            .map(|n| format!("below {}", Shown(n)))
    });
    match (lower, upper) {
        (None, None) => String::new(),
        (Some(one), None) | (None, Some(one)) => format!(" {one}"),
        (Some(lower), Some(upper)) => format!(" {lower} and {upper}"),
    }
}

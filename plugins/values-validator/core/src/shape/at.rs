//! What the schema wants at a path.

use super::schema::{Additional, Schema, embedded};
use crate::Value;

/// What is wanted at the end of these parts (keys, and indices in brackets); none where the chart knows no such
/// path.
pub fn at(parts: &[String]) -> Option<Wanted> {
    let all = parts.iter().try_fold(vec![embedded()], |above, part| {
        let below: Vec<_> = above.iter().flat_map(|of| below(of, part)).collect();
        (!below.is_empty()).then_some(below)
    })?;
    Some(Wanted(all.into_iter().flat_map(one_of).collect()))
}

/// The schemas that a value may have, of which each stands by itself.
fn one_of(schema: &'static Schema) -> Vec<&'static Schema> {
    let schema = schema.resolved(embedded());
    let more = schema
        .alternatives()
        .chain(schema.all_of.iter().map(|of| &**of));
    let more = more.flat_map(one_of);
    std::iter::once(schema).chain(more).collect()
}

fn below(schema: &'static Schema, part: &str) -> Vec<&'static Schema> {
    let step = |of: &'static Schema| match of.properties.get(part) {
        _ if part.starts_with('[') => of.items.as_deref(),
        Some(of) => Some(of),
        None => match &of.additional_properties {
            Some(Additional::Of(of)) => Some(&**of),
            _ => None,
        },
    };
    one_of(schema).into_iter().filter_map(step).collect()
}

/// The schemas of which a value may have any.
pub struct Wanted(Vec<&'static Schema>);

impl Wanted {
    /// Whether a map there has that key by name.
    pub fn key(&self, key: &str) -> bool {
        self.0.iter().any(|of| of.properties.contains_key(key))
    }

    /// The keys that a map there has by name.
    pub fn keys(&self) -> Vec<&'static str> {
        self.0.iter().flat_map(|of| of.properties.keys()).collect()
    }

    /// What is wanted of the items of a list there.
    pub fn items(&self) -> Self {
        let items = self.0.iter().filter_map(|of| of.items.as_deref());
        Self(items.flat_map(one_of).collect())
    }

    /// The words of which a value there must be one.
    pub fn words(&self) -> Vec<&'static str> {
        let some = |of: &&'static Schema| {
            let several = of.one_of_values.iter().flatten();
            let all = several.chain(&of.one_value).filter_map(Value::as_str);
            let word = of.pattern.as_ref().and_then(|pattern| pattern.word());
            all.chain(word).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(some).collect()
    }
}

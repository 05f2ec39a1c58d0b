//! What a template's value may be, as far as it comes from the chart's values.

use std::collections::{BTreeMap, BTreeSet};

/// One thing that a value may be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Atom {
    /// The root of a render: `.Values`, `.Release`, …
    Root,
    /// A part of the chart's values. `true`: one of several, of which not each has every key.
    Part(Vec<String>, bool),
    /// A text made of a part of the chart's values.
    Text(Vec<String>),
    /// A text that stands in the template.
    Word(String),
    /// A number that stands in the template.
    Number(usize),
    /// Something else beside: it was read back from a text.
    Other,
    /// A map that the template makes.
    Dict(BTreeMap<String, Value>),
    /// A list that the template makes; positions count where it is an argument.
    List(Vec<Value>),
}

/// All that a value may be; nothing of it where it does not come from the chart's values.
pub type Value = BTreeSet<Atom>;

/// The items of lists and the values of maps that a value may be.
pub fn items(value: &Value, schema: &crate::Schema) -> Value {
    let mut out = Value::new();
    for atom in value {
        match atom {
            Atom::List(items) => out.extend(items.iter().flatten().cloned()),
            Atom::Dict(map) => out.extend(map.values().flatten().cloned()),
            Atom::Part(path, _) => {
                let inner = schema.inner(path);
                if inner.is_empty() {
                    out.insert(Atom::Text(path.clone()));
                }
                out.extend(inner.into_iter().map(|path| Atom::Part(path, true)));
            }
            Atom::Text(path) => {
                out.insert(Atom::Text(path.clone()));
            }
            _ => {}
        }
    }
    out
}

/// The names of the entries of maps that a value may be.
pub fn names(value: &Value, schema: &crate::Schema) -> Value {
    let mut out = Value::new();
    for atom in value {
        match atom {
            Atom::Dict(map) => out.extend(map.keys().cloned().map(Atom::Word)),
            Atom::Part(path, _) => {
                let inner = schema.inner(path);
                let names = inner.iter().filter_map(|p| p.last());
                out.extend(
                    names
                        .filter(|n| *n != "*" && *n != "[]")
                        .cloned()
                        .map(Atom::Word),
                );
            }
            Atom::Other => {
                out.insert(Atom::Other);
            }
            _ => {}
        }
    }
    out
}

/// The value as a text.
pub fn text(value: &Value) -> Value {
    let mut out = Value::new();
    for atom in value {
        match atom {
            Atom::Part(path, _) | Atom::Text(path) => {
                out.insert(Atom::Text(path.clone()));
            }
            Atom::Dict(map) => map.values().for_each(|v| out.extend(text(v))),
            Atom::List(items) => items.iter().for_each(|v| out.extend(text(v))),
            Atom::Word(_) | Atom::Number(_) | Atom::Root | Atom::Other => {}
        }
    }
    out
}

/// The texts that a value may be, where they stand in the template.
pub fn words(value: &Value) -> Vec<&str> {
    value
        .iter()
        .filter_map(|atom| match atom {
            Atom::Word(word) => Some(word.as_str()),
            _ => None,
        })
        .collect()
}

//! The merged values: a tree whose every key and value knows where it was written.

mod path;
mod values;

use std::collections::BTreeMap;

use crate::Place;
pub use path::{item, join, push, push_index};
pub use values::{Values, blamed};

/// A value, as helm hands it to templates.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~`, or nothing.
    Null,
    /// A boolean; `yes`, `on` and `y` too.
    Bool(bool),
    /// A number without a fraction: `1e3` and `2.0` too, helm does not tell them apart.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map.
    Map(BTreeMap<String, Node>),
}

/// A map of values.
pub type Map = BTreeMap<String, Node>;

/// A later file over earlier ones: maps are merged, anything else is replaced, by null too.
pub fn over(below: &mut Map, above: Map) {
    for (key, node) in above {
        match (below.get_mut(&key), node) {
            (
                Some(Node {
                    value: Value::Map(old),
                    place,
                    key: key_place,
                }),
                Node {
                    value: Value::Map(new),
                    place: new_place,
                    key: new_key,
                },
            ) => {
                over(old, new);
                (*place, *key_place) = (new_place, new_key);
            }
            (_, node) => drop(below.insert(key, node)),
        }
    }
}

impl Value {
    /// What it is, in JSON schema's words.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Int(_) => "integer",
            Self::Float(_) => "number",
            Self::Text(_) => "string",
            Self::List(_) => "array",
            Self::Map(_) => "object",
        }
    }

    /// A text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where the value stands. A map that several sources wrote: in the last of them.
    pub place: Place,
    /// Where its key stands; none for the root and the items of lists.
    pub key: Option<Place>,
}

impl Node {
    /// The key's place, where there is one, else the value's.
    #[must_use]
    pub fn key_place(&self) -> Place {
        self.key.unwrap_or(self.place)
    }

    /// Whether it stands in the chart's own values.yaml.
    #[must_use]
    pub const fn is_default(&self) -> bool {
        self.place.is_default()
    }

    /// What stands at a path below, such as `scrape.interval` or `models[0].name`.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Self> {
        let mut node = self;
        for part in path.split('.') {
            let (key, indices) = part.split_at(part.find('[').unwrap_or(part.len()));
            if !key.is_empty() {
                node = node.child(key)?;
            }
            for index in indices.split('[').skip(1) {
                let index: usize = index.strip_suffix(']')?.parse().ok()?;
                node = node.items().get(index)?;
            }
        }
        Some(node)
    }

    /// The value of a key, whatever characters it has.
    #[must_use]
    pub fn child(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(map) => map.get(key),
            _ => None,
        }
    }

    /// The items of a list; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The keys of a map, in alphabetical order, with their values; none of anything else.
    ///
    /// As a list: each chain of lazy iterators over a tree is half a kilobyte of a WebAssembly module.
    #[must_use]
    #[inline(never)]
    pub fn entries(&self) -> std::vec::IntoIter<(&str, &Self)> {
        let mut entries = Vec::new();
        if let Value::Map(map) = &self.value {
            for (key, node) in map {
                entries.push((key.as_str(), node));
            }
        }
        entries.into_iter()
    }

    /// A text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.value.as_str()
    }

    /// A boolean.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(b) => Some(b),
            _ => None,
        }
    }

    /// A number without a fraction.
    #[must_use]
    pub const fn as_i64(&self) -> Option<i64> {
        match self.value {
            Value::Int(i) => Some(i),
            _ => None,
        }
    }

    /// Any number.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // as helm
    pub const fn as_f64(&self) -> Option<f64> {
        match self.value {
            Value::Int(i) => Some(i as f64),
            Value::Float(f) => Some(f),
            _ => None,
        }
    }

    /// Seconds of a duration as Prometheus writes it: `1m30s`.
    #[must_use]
    pub fn as_seconds(&self) -> Option<f64> {
        crate::units::seconds(self.as_str()?)
    }

    /// A Kubernetes quantity in its base unit: bytes of `2Gi`, cores of `200m`, also of a number.
    #[must_use]
    pub fn as_quantity(&self) -> Option<f64> {
        match &self.value {
            Value::Text(text) => crate::units::quantity(text),
            _ => self.as_f64(),
        }
    }

    /// The value in few words, for a finding's `found`: `"2" (a text)`, `3`, `a list of 2`.
    #[must_use]
    pub fn described(&self) -> String {
        match &self.value {
            Value::Null => "null".into(),
            Value::Bool(b) => format!("{b} (a boolean)"),
            Value::Int(i) => i.to_string(),
            Value::Float(f) => vllm_catalog::number::Shown(*f).to_string(),
            Value::Text(text) => format!("the text {}", quoted(text)),
            Value::List(items) => format!("a list of {}", items.len()),
            Value::Map(map) => match map.len() {
                0 => "an empty map".into(),
                1 => "a map of 1 key".into(),
                n => format!("a map of {n} keys"),
            },
        }
    }
}

/// A text in quotes, cut to what a line has room for.
#[must_use]
pub fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start:?}…")
}

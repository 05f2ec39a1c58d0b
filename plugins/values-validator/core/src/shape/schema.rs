//! The schema, as far as the walk reads it: the subset of JSON schema that the chart's is written in. What
//! stands below a schema is read when somebody looks at it.

use std::sync::LazyLock;

use super::lazy::{Lazy, Parts};
use super::raw::Raw;
use crate::node::Value;
use regex_lite::Regex;

/// A schema, keyword by keyword.
#[allow(missing_docs)] // each is the keyword of its name
#[derive(Debug, Clone, Default)]
pub struct Schema {
    pub reference: Option<String>,
    pub definitions: Parts<Schema>,
    pub types: Types,
    pub properties: Parts<Schema>,
    pub additional_properties: Option<Additional>,
    pub property_names: Option<Lazy<Schema>>,
    pub required: Vec<String>,
    pub min_properties: Option<usize>,
    pub items: Option<Lazy<Schema>>,
    pub min_items: Option<usize>,
    pub max_items: Option<usize>,
    pub unique_items: bool,
    pub one_of_values: Option<Vec<Value>>,
    pub one_value: Option<Value>,
    pub minimum: Option<f64>,
    pub exclusive_minimum: Option<f64>,
    pub maximum: Option<f64>,
    pub exclusive_maximum: Option<f64>,
    pub min_length: Option<usize>,
    pub max_length: Option<usize>,
    pub pattern: Option<Pattern>,
    pub any_of: Vec<Lazy<Schema>>,
    pub one_of: Vec<Lazy<Schema>>,
    pub all_of: Vec<Lazy<Schema>>,
    pub not: Option<Lazy<Schema>>,
    pub quantity: bool,
    pub title: Option<String>,
    pub description: Option<String>,
    /// Keywords that the walk does not look at.
    pub rest: Vec<String>,
}

/// One type, several, or any.
#[derive(Debug, Clone, Default)]
pub struct Types(pub Vec<String>);

/// What keys that are not listed may hold.
#[derive(Debug, Clone)]
pub enum Additional {
    /// Anything, or there may be none.
    Any(bool),
    /// Values of that schema.
    Of(Lazy<Schema>),
}

/// A regular expression, with its text.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As it is written.
    pub text: String,
    /// Ready to match.
    pub regex: Regex,
}

impl Pattern {
    /// The one word that matches, where there is only one.
    #[must_use]
    pub fn word(&self) -> Option<&str> {
        let word = self.text.strip_prefix('^')?.strip_suffix('$')?;
        word.chars().all(char::is_alphanumeric).then_some(word)
    }
}

impl TryFrom<String> for Pattern {
    type Error = regex_lite::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let regex = Regex::new(&text)?;
        Ok(Self { text, regex })
    }
}

/// By hand: what serde derives of it is 30 kB of a WebAssembly module.
mod read {
    use super::{Additional, Lazy, Parts, Pattern, Raw, Schema, Types, Value};

    pub fn schema(json: Raw) -> Schema {
        let mut read = Schema::default();
        for (key, json) in json.entries() {
            match key {
                "$ref" => read.reference = text(json),
                "$defs" => read.definitions = Parts::new(json),
                "type" => {
                    let several = json.items().into_iter();
                    read.types = Types(several.chain([json]).filter_map(text).collect());
                }
                "properties" => read.properties = Parts::new(json),
                "additionalProperties" => {
                    read.additional_properties = Some(match json.0 {
                        "true" => Additional::Any(true),
                        "false" => Additional::Any(false),
                        _ => Additional::Of(Lazy::new(json)),
                    });
                }
                "propertyNames" => read.property_names = Some(Lazy::new(json)),
                "required" => read.required = json.items().into_iter().filter_map(text).collect(),
                "minProperties" => read.min_properties = count(json),
                "items" => read.items = Some(Lazy::new(json)),
                "minItems" => read.min_items = count(json),
                "maxItems" => read.max_items = count(json),
                "uniqueItems" => read.unique_items = json.0 == "true",
                "enum" => {
                    read.one_of_values = Some(json.items().into_iter().filter_map(value).collect());
                }
                "const" => read.one_value = value(json),
                "minimum" => read.minimum = number(json),
                "exclusiveMinimum" => read.exclusive_minimum = number(json),
                "maximum" => read.maximum = number(json),
                "exclusiveMaximum" => read.exclusive_maximum = number(json),
                "minLength" => read.min_length = count(json),
                "maxLength" => read.max_length = count(json),
                "pattern" => read.pattern = text(json).and_then(|p| Pattern::try_from(p).ok()),
                "anyOf" => read.any_of = list(json),
                "oneOf" => read.one_of = list(json),
                "allOf" => read.all_of = list(json),
                "not" => read.not = Some(Lazy::new(json)),
                "x-kubernetes-quantity" => read.quantity = json.0 == "true",
                "title" => read.title = text(json),
                "description" => read.description = text(json),
                _ => read.rest.push(key.to_owned()),
            }
        }
        read
    }

    fn value(json: Raw) -> Option<Value> {
        Some(json.node()?.value)
    }

    /// A text; none where it is something else.
    fn text(json: Raw) -> Option<String> {
        let inner = json.0.strip_prefix('"')?.strip_suffix('"')?;
        if inner.contains('\\') {
            return json.node()?.as_str().map(str::to_owned);
        }
        Some(inner.to_owned())
    }

    fn count(json: Raw) -> Option<usize> {
        json.0.parse().ok()
    }

    fn number(json: Raw) -> Option<f64> {
        json.node()?.as_f64()
    }

    fn list(json: Raw) -> Vec<Lazy<Schema>> {
        json.items().into_iter().map(Lazy::new).collect()
    }
}

impl From<Raw> for Schema {
    fn from(json: Raw) -> Self {
        read::schema(json)
    }
}

impl Schema {
    /// The schema itself, or the definition of `root` that it stands for.
    #[must_use]
    pub fn resolved<'a>(&'a self, root: &'a Self) -> &'a Self {
        self.reference
            .as_deref()
            .and_then(|name| root.definitions.get(name.strip_prefix("#/$defs/")?))
            .unwrap_or(self)
    }

    /// The alternatives, of which one must fit.
    pub fn alternatives(&self) -> impl Iterator<Item = &Self> {
        self.any_of.iter().chain(&self.one_of).map(|of| &**of)
    }
}

/// The embedded schema; a test holds that it can be read.
pub fn embedded() -> &'static Schema {
    static SCHEMA: LazyLock<Schema> =
        LazyLock::new(|| Schema::from(Raw(crate::embedded::shape().trim_end())));
    &SCHEMA
}

/// The kinds of objects, each a property by its version and its name.
#[cfg(feature = "full")]
pub fn objects() -> &'static Schema {
    static SCHEMA: LazyLock<Schema> =
        LazyLock::new(|| Schema::from(Raw(crate::embedded::objects().trim_end())));
    &SCHEMA
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keywords that constrain nothing.
    const ANNOTATIONS: [&str; 5] = ["$schema", "$id", "$comment", "default", "examples"];

    fn readable(schema: &Schema) -> usize {
        usize::from(schema.pattern.is_some())
            + below(schema)
                .map(|(_, schema)| readable(schema))
                .sum::<usize>()
    }

    fn below(schema: &Schema) -> impl Iterator<Item = (&'static str, &Schema)> {
        let additional = match &schema.additional_properties {
            Some(Additional::Of(schema)) => Some(&**schema),
            _ => None,
        };
        (schema.definitions.iter().chain(schema.properties.iter()))
            .chain(schema.items.as_deref().map(|s| ("[]", s)))
            .chain(schema.not.as_deref().map(|s| ("!", s)))
            .chain(schema.property_names.as_deref().map(|s| ("names", s)))
            .chain(additional.map(|s| ("*", s)))
            .chain(schema.alternatives().map(|s| ("|", s)))
            .chain(schema.all_of.iter().map(|s| ("&", &**s)))
    }

    fn unread(schema: &Schema, at: &str, root: &Schema, out: &mut Vec<String>) {
        for key in &schema.rest {
            if !ANNOTATIONS.contains(&key.as_str()) && !key.starts_with("x-") {
                out.push(format!("{at}: {key}"));
            }
        }
        if let Some(name) = &schema.reference
            && std::ptr::eq(schema.resolved(root), schema)
        {
            out.push(format!("{at}: {name} is not there"));
        }
        for (key, schema) in below(schema) {
            unread(schema, &format!("{at}/{key}"), root, out);
        }
    }

    fn is_read(schema: &Schema, text: &str) {
        let patterns = text.matches("\"pattern\":\"").count();
        assert_eq!(patterns, readable(schema), "a pattern cannot be read");
        assert!(schema.properties.len() > 10);
        let mut found = Vec::new();
        unread(schema, "", schema, &mut found);
        assert_eq!(found, [""; 0], "the walk does not read these");
    }

    #[test]
    fn the_walk_reads_every_keyword_of_the_schema() {
        is_read(embedded(), crate::embedded::shape());
    }

    #[cfg(feature = "full")]
    #[test]
    fn the_walk_reads_every_keyword_of_objects() {
        is_read(objects(), crate::embedded::objects());
    }
}

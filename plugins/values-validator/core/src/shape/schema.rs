//! The schema, as far as the walk reads it: the subset of JSON schema that the chart's is written in.

use std::sync::LazyLock;

use crate::node::{Node, Value};
use crate::sorted::Sorted;
use regex_lite::Regex;

/// A schema, keyword by keyword.
#[allow(missing_docs)] // each is the keyword of its name
#[derive(Debug, Clone, Default)]
pub struct Schema {
    pub reference: Option<String>,
    pub definitions: Sorted<Schema>,
    pub types: Types,
    pub properties: Sorted<Schema>,
    pub additional_properties: Option<Additional>,
    pub property_names: Option<Box<Schema>>,
    pub required: Vec<String>,
    pub min_properties: Option<usize>,
    pub items: Option<Box<Schema>>,
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
    pub any_of: Vec<Schema>,
    pub one_of: Vec<Schema>,
    pub all_of: Vec<Schema>,
    pub not: Option<Box<Schema>>,
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
    Of(Box<Schema>),
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
    use super::{Additional, Node, Pattern, Schema, Sorted, Types};

    pub fn schema(json: &Node) -> Schema {
        let mut read = Schema::default();
        for (key, json) in json.entries() {
            match key {
                "$ref" => read.reference = text(json),
                "$defs" => read.definitions = schemas(json),
                "type" => {
                    read.types = Types(if json.as_str().is_some() {
                        text(json).into_iter().collect()
                    } else {
                        texts(json)
                    });
                }
                "properties" => read.properties = schemas(json),
                "additionalProperties" => {
                    read.additional_properties = Some(match json.as_bool() {
                        Some(any) => Additional::Any(any),
                        None => Additional::Of(boxed(json)),
                    });
                }
                "propertyNames" => read.property_names = Some(boxed(json)),
                "required" => read.required = texts(json),
                "minProperties" => read.min_properties = count(json),
                "items" => read.items = Some(boxed(json)),
                "minItems" => read.min_items = count(json),
                "maxItems" => read.max_items = count(json),
                "uniqueItems" => read.unique_items = json.as_bool() == Some(true),
                "enum" => {
                    read.one_of_values =
                        Some(json.items().iter().map(|node| node.value.clone()).collect())
                }
                "const" => read.one_value = Some(json.value.clone()),
                "minimum" => read.minimum = json.as_f64(),
                "exclusiveMinimum" => read.exclusive_minimum = json.as_f64(),
                "maximum" => read.maximum = json.as_f64(),
                "exclusiveMaximum" => read.exclusive_maximum = json.as_f64(),
                "minLength" => read.min_length = count(json),
                "maxLength" => read.max_length = count(json),
                "pattern" => read.pattern = text(json).and_then(|p| Pattern::try_from(p).ok()),
                "anyOf" => read.any_of = list(json),
                "oneOf" => read.one_of = list(json),
                "allOf" => read.all_of = list(json),
                "not" => read.not = Some(boxed(json)),
                "x-kubernetes-quantity" => read.quantity = json.as_bool() == Some(true),
                "title" => read.title = text(json),
                "description" => read.description = text(json),
                _ => read.rest.push(key.to_owned()),
            }
        }
        read
    }

    fn text(json: &Node) -> Option<String> {
        json.as_str().map(str::to_owned)
    }

    fn texts(json: &Node) -> Vec<String> {
        json.items().iter().filter_map(text).collect()
    }

    fn count(json: &Node) -> Option<usize> {
        usize::try_from(json.as_i64()?).ok()
    }

    fn boxed(json: &Node) -> Box<Schema> {
        Box::new(schema(json))
    }

    fn list(json: &Node) -> Vec<Schema> {
        json.items().iter().map(schema).collect()
    }

    fn schemas(json: &Node) -> Sorted<Schema> {
        json.entries()
            .map(|(key, json)| (key, schema(json)))
            .collect()
    }
}

impl From<&Node> for Schema {
    fn from(json: &Node) -> Self {
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
        self.any_of.iter().chain(&self.one_of)
    }
}

/// The embedded schema; a test holds that it can be read.
pub fn embedded() -> &'static Schema {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
        crate::set::read_json(crate::embedded::shape())
            .map(|json| Schema::from(&json))
            .unwrap_or_default()
    });
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

    fn below(schema: &Schema) -> impl Iterator<Item = (&str, &Schema)> {
        let additional = match &schema.additional_properties {
            Some(Additional::Of(schema)) => Some(&**schema),
            _ => None,
        };
        (schema.definitions.iter().chain(schema.properties.iter()))
            .map(|(key, schema)| (key.as_str(), schema))
            .chain(schema.items.as_deref().map(|s| ("[]", s)))
            .chain(schema.not.as_deref().map(|s| ("!", s)))
            .chain(schema.property_names.as_deref().map(|s| ("names", s)))
            .chain(additional.map(|s| ("*", s)))
            .chain(schema.alternatives().map(|s| ("|", s)))
            .chain(schema.all_of.iter().map(|s| ("&", s)))
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

    #[test]
    fn the_walk_reads_every_keyword_of_the_schema() {
        let json = crate::set::read_json(crate::embedded::shape()).unwrap();
        let schema = Schema::from(&json);
        let patterns = crate::embedded::shape().matches("\"pattern\":\"").count();
        assert_eq!(patterns, readable(&schema), "a pattern cannot be read");
        assert!(schema.properties.len() > 10);
        let mut found = Vec::new();
        unread(&schema, "", &schema, &mut found);
        assert_eq!(found, [""; 0], "the walk does not read these");
    }
}

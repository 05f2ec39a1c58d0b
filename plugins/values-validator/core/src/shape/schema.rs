//! The schema, as far as the walk reads it: the subset of JSON schema that the chart's is written in.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex_lite::Regex;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// The schema as it is embedded: the chart's values.schema.json without what only people read.
pub const TEXT: &str = include_str!("../shape.json");

/// A schema, keyword by keyword.
#[allow(missing_docs)] // each is the keyword of its name
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Schema {
    #[serde(rename = "$ref")]
    pub reference: Option<String>,
    #[serde(rename = "$defs")]
    pub definitions: BTreeMap<String, Schema>,
    #[serde(rename = "type")]
    pub types: Types,
    pub properties: BTreeMap<String, Schema>,
    pub additional_properties: Option<Additional>,
    pub property_names: Option<Box<Schema>>,
    pub required: Vec<String>,
    pub min_properties: Option<usize>,
    pub items: Option<Box<Schema>>,
    pub min_items: Option<usize>,
    pub max_items: Option<usize>,
    #[serde(rename = "enum")]
    pub one_of_values: Option<Vec<Json>>,
    #[serde(rename = "const")]
    pub one_value: Option<Json>,
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
    #[serde(rename = "x-kubernetes-quantity")]
    pub quantity: bool,
    pub title: Option<String>,
    pub description: Option<String>,
    /// What the walk does not look at.
    #[serde(flatten)]
    pub rest: Map<String, Json>,
}

/// One type, several, or any.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "TypesForm")]
pub struct Types(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum TypesForm {
    One(String),
    Several(Vec<String>),
}

impl From<TypesForm> for Types {
    fn from(form: TypesForm) -> Self {
        match form {
            TypesForm::One(one) => Self(vec![one]),
            TypesForm::Several(several) => Self(several),
        }
    }
}

/// What keys that are not listed may hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Additional {
    /// Anything, or there may be none.
    Any(bool),
    /// Values of that schema.
    Of(Box<Schema>),
}

/// A regular expression, with its text.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
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
    static SCHEMA: LazyLock<Schema> =
        LazyLock::new(|| serde_json::from_str(TEXT).unwrap_or_default());
    &SCHEMA
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keywords that constrain nothing.
    const ANNOTATIONS: [&str; 5] = ["$schema", "$id", "$comment", "default", "examples"];

    fn unread(schema: &Schema, at: &str, root: &Schema, out: &mut Vec<String>) {
        for key in schema.rest.keys() {
            if !ANNOTATIONS.contains(&key.as_str()) && !key.starts_with("x-") {
                out.push(format!("{at}: {key}"));
            }
        }
        if let Some(name) = &schema.reference
            && std::ptr::eq(schema.resolved(root), schema)
        {
            out.push(format!("{at}: {name} is not there"));
        }
        let additional = match &schema.additional_properties {
            Some(Additional::Of(schema)) => Some(&**schema),
            _ => None,
        };
        let below = (schema.definitions.iter().chain(&schema.properties))
            .map(|(key, schema)| (key.as_str(), schema))
            .chain(schema.items.as_deref().map(|s| ("[]", s)))
            .chain(schema.not.as_deref().map(|s| ("!", s)))
            .chain(schema.property_names.as_deref().map(|s| ("names", s)))
            .chain(additional.map(|s| ("*", s)))
            .chain(schema.alternatives().map(|s| ("|", s)))
            .chain(schema.all_of.iter().map(|s| ("&", s)));
        for (key, schema) in below {
            unread(schema, &format!("{at}/{key}"), root, out);
        }
    }

    #[test]
    fn the_walk_reads_every_keyword_of_the_schema() {
        let schema: Schema = serde_json::from_str(TEXT).unwrap();
        assert!(schema.properties.len() > 10);
        let mut found = Vec::new();
        unread(&schema, "", &schema, &mut found);
        assert_eq!(found, [""; 0], "the walk does not read these");
    }
}

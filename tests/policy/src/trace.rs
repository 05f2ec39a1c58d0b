//! A trace as a host sees it: spans with a name, a scope and typed attributes.

use serde_json::Value as Json;

/// An attribute's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `doubleValue`.
    Double(f64),
    /// `intValue`.
    Int(i64),
    /// `stringValue`.
    Text(String),
    /// Any other type: no latency whatever it holds.
    Other,
}

/// A span, as far as a policy can see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Its name.
    pub name: String,
    /// The name of its instrumentation scope.
    pub scope: String,
    /// Its attributes in their order; a key may stand twice.
    pub attributes: Vec<(String, Value)>,
}

impl Span {
    /// The attribute of that key; the first one when there are several.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&Value> {
        let mut of_key = self.attributes.iter().filter(|(found, _)| found == key);
        of_key.next().map(|(_, value)| value)
    }

    /// Reads a span of OTLP/JSON.
    #[must_use]
    pub fn from_json(scope: &Json, span: &Json) -> Self {
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let attributes = span["attributes"].as_array().into_iter().flatten();
        Self {
            name: text(&span["name"]),
            scope: text(&scope["name"]),
            attributes: attributes
                .map(|attribute| (text(&attribute["key"]), value(&attribute["value"])))
                .collect(),
        }
    }
}

fn value(json: &Json) -> Value {
    if let Some(double) = json["doubleValue"].as_f64() {
        return Value::Double(double);
    }
    if let Some(text) = json["stringValue"].as_str() {
        return Value::Text(text.to_owned());
    }
    // OTLP/JSON writes 64-bit integers as texts.
    match json["intValue"].as_str().and_then(|int| int.parse().ok()) {
        Some(int) => Value::Int(int),
        None => Value::Other,
    }
}

//! A trace as a host sees it: spans with a name, a scope, a status and typed attributes.

use std::sync::Arc;

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

/// Attributes in their order; a key may stand twice.
pub type Attributes = Vec<(String, Value)>;

/// A span, as far as a policy can see it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Span {
    /// Its name.
    pub name: String,
    /// The name of its instrumentation scope.
    pub scope: String,
    /// Its status code, OTLP's number: 2 is ERROR.
    pub status: u16,
    /// Its attributes.
    pub attributes: Attributes,
    /// The attributes of its resource.
    pub resource: Arc<Attributes>,
}

/// The first attribute of that key.
#[must_use]
pub fn attribute<'a>(attributes: &'a [(String, Value)], key: &str) -> Option<&'a Value> {
    let mut of_key = attributes.iter().filter(|(found, _)| found == key);
    of_key.next().map(|(_, value)| value)
}

impl Span {
    /// The attribute of that key; the first one when there are several.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&Value> {
        attribute(&self.attributes, key)
    }

    /// Reads a span of OTLP/JSON.
    #[must_use]
    pub fn from_json(resource: &Json, scope: &Json, span: &Json) -> Self {
        Self {
            name: text(&span["name"]),
            scope: text(&scope["name"]),
            status: status(&span["status"]["code"]),
            attributes: attributes(&span["attributes"]),
            resource: Arc::new(attributes(&resource["attributes"])),
        }
    }
}

fn text(json: &Json) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

/// A status code: OTLP/JSON has numbers, and protobuf's own JSON names.
fn status(code: &Json) -> u16 {
    match code.as_str() {
        Some("STATUS_CODE_OK") => 1,
        Some("STATUS_CODE_ERROR") => 2,
        Some(_) => 0,
        None => code
            .as_u64()
            .and_then(|code| code.try_into().ok())
            .unwrap_or(0),
    }
}

/// The attributes of OTLP/JSON.
#[must_use]
pub fn attributes(list: &Json) -> Attributes {
    let list = list.as_array().into_iter().flatten();
    list.map(|attribute| (text(&attribute["key"]), value(&attribute["value"])))
        .collect()
}

fn value(json: &Json) -> Value {
    if let Some(double) = json["doubleValue"].as_f64() {
        return Value::Double(double);
    }
    if let Some(text) = json["stringValue"].as_str() {
        return Value::Text(text.to_owned());
    }
    // OTLP/JSON writes 64-bit integers as texts; some write them as numbers.
    let int = &json["intValue"];
    match int.as_str().map_or(int.as_i64(), |int| int.parse().ok()) {
        Some(int) => Value::Int(int),
        None => Value::Other,
    }
}

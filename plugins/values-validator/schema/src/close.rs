//! Objects take no keys but those they name.

use serde_json::{Value, json};

use crate::visit::each;

/// Closes every object that names its keys.
pub fn close(schema: &mut Value) {
    each(schema, &mut |schema| {
        if let Value::Object(map) = schema
            && map.contains_key("properties")
            && !map.contains_key("additionalProperties")
        {
            map.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
    });
}

/// Objects that take any key, by their place in the schema: those of `serde_json::Map`, which take
/// what other programs define, and any that a type of Kubernetes leaves open.
#[must_use]
pub fn open(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    look(schema, "", &mut found);
    found
}

fn look(schema: &Value, path: &str, found: &mut Vec<String>) {
    let Value::Object(map) = schema else { return };
    let closed = map
        .get("additionalProperties")
        .is_some_and(|a| *a != json!(true));
    let anything = !["type", "$ref", "enum", "const"]
        .iter()
        .any(|k| map.contains_key(*k));
    if anything || (map.get("type") == Some(&json!("object")) && !closed) {
        found.push(path.to_owned());
    }
    for (key, inner) in map {
        match (key.as_str(), inner) {
            ("properties" | "$defs", Value::Object(schemas)) => {
                for (name, schema) in schemas {
                    look(schema, &format!("{path}/{name}"), found);
                }
            }
            ("items" | "additionalProperties", inner) => look(inner, &format!("{path}/*"), found),
            _ => {}
        }
    }
}

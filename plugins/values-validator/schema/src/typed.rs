//! Whether the types know every key of some values.

use serde_json::Value;
use serde_yaml::Value as Yaml;

/// Paths of keys that no type knows. Takes the schema and values.
#[must_use]
pub fn untyped(schema: &Value, values: &Yaml) -> Vec<String> {
    let mut found = Vec::new();
    look(schema, schema, values, "", &mut found);
    found
}

fn look(root: &Value, schema: &Value, value: &Yaml, path: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.trim_start_matches("#/$defs/");
        return look(root, &root["$defs"][name], value, path, found);
    }
    match value {
        Yaml::Mapping(map) => {
            for (key, inner) in map {
                let key = key.as_str().unwrap_or("?");
                let path = if path.is_empty() {
                    key.to_owned()
                } else {
                    format!("{path}.{key}")
                };
                match (&schema["properties"][key], &schema["additionalProperties"]) {
                    (Value::Null, Value::Bool(true)) => {}
                    (Value::Null, other @ Value::Object(_)) => {
                        look(root, other, inner, &path, found)
                    }
                    (Value::Null, _) => found.push(path),
                    (own, _) => look(root, own, inner, &path, found),
                }
            }
        }
        Yaml::Sequence(items) => {
            for (i, item) in items.iter().enumerate() {
                look(root, &schema["items"], item, &format!("{path}[{i}]"), found);
            }
        }
        _ => {}
    }
}

//! A walk over all schemas within a schema.

use serde_json::Value;

/// Calls a function on every schema within one, the inner ones first, and on itself.
pub fn each(schema: &mut Value, apply: &mut impl FnMut(&mut Value)) {
    let Value::Object(map) = schema else { return };
    for (key, inner) in map.iter_mut() {
        match (key.as_str(), inner) {
            ("properties" | "$defs", Value::Object(schemas)) => {
                schemas.values_mut().for_each(|s| each(s, apply));
            }
            ("anyOf" | "oneOf" | "allOf", Value::Array(schemas)) => {
                schemas.iter_mut().for_each(|s| each(s, apply));
            }
            ("items" | "additionalProperties" | "not" | "propertyNames", inner) => {
                each(inner, apply);
            }
            _ => {}
        }
    }
    apply(schema);
}

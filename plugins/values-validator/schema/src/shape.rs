//! The compact form of the schema, which the validator's core embeds and walks.

use serde_json::Value;

/// The schema without what only people read.
#[must_use]
pub fn shape(schema: &Value) -> Value {
    let mut shape = schema.clone();
    crate::visit::each(&mut shape, &mut |schema| {
        if let Value::Object(map) = schema {
            for key in ["$schema", "title", "description"] {
                map.remove(key);
            }
        }
    });
    // The walk knows it.
    if let Value::Object(map) = &mut shape {
        map.remove("patternProperties");
    }
    shape
}

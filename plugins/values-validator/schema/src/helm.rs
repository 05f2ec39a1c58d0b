//! The schema as helm's validator reads it best.

use serde_json::{Value, json};

use crate::visit::each;

/// Says the form of names by `patternProperties`: for `propertyNames` helm 3 and 4 report some other
/// place of the values (santhosh-tekuri/jsonschema v6 writes over the path it keeps).
#[must_use]
pub fn helm(schema: &Value) -> Value {
    let mut schema = schema.clone();
    each(&mut schema, &mut |schema| {
        let Value::Object(map) = schema else { return };
        let Some(names) = map.remove("propertyNames") else {
            return;
        };
        if let (Some(pattern), Some(value)) = (
            names["pattern"].as_str(),
            map.remove("additionalProperties"),
        ) {
            map.insert("patternProperties".to_owned(), json!({pattern: value}));
            map.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
    });
    schema
}

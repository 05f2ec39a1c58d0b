//! The schema of a values file, from the types.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::values::Values;
use crate::{close, kubernetes, plain};

/// chart/values.schema.json: draft 2020-12, self-contained, closed at every depth, described.
#[must_use]
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Values>().to_value();
    plain::plain(&mut schema);
    kubernetes::tighten(&mut schema);
    close::close(&mut schema);
    // Homes of anchors, as in Compose and GitLab files.
    schema["patternProperties"] =
        serde_json::json!({"^x-": {"description": "Anchors of your own; nothing reads it."}});
    schema
}

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

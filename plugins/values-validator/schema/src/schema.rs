//! The schema of a values file, from the types.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::kubernetes::Fields;
use crate::values::Values;
use crate::{close, kubernetes, plain};

/// chart/values.schema.json: draft 2020-12, self-contained, closed at every depth, described.
#[must_use]
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Values>().to_value();
    plain::plain(&mut schema);
    kubernetes::tighten(&mut schema, Fields::Passed);
    close::close(&mut schema);
    // Homes of anchors, as in Compose and GitLab files.
    schema["patternProperties"] =
        serde_json::json!({"^x-": {"description": "Anchors of your own; nothing reads it."}});
    schema
}

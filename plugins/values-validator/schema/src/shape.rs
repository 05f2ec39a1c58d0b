//! The compact form of the schema, which the validator's core embeds and walks.

use anyhow::Result;
use serde_json::Value;

/// What Alertmanager reads, from its types (`programs/generate`).
const ALERTMANAGER: &str = include_str!("alertmanager.json");

/// What Prometheus reads of a job of `scrape_configs`, from its types; its logins and TLS are those of Alertmanager.
const PROMETHEUS: &str = include_str!("prometheus.json");

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

/// The same with definitions of what lies below a map that is free in the chart: Helm must not refuse what a
/// newer program takes.
///
/// # Errors
/// When alertmanager.json or prometheus.json is no JSON.
pub fn with_programs(mut shape: Value) -> Result<Value> {
    for program in [ALERTMANAGER, PROMETHEUS] {
        if let (Some(Value::Object(all)), Value::Object(more)) =
            (shape.get_mut("$defs"), serde_json::from_str(program)?)
        {
            all.extend(more);
        }
    }
    Ok(shape)
}

//! The schema takes no key that it does not name, within Kubernetes' types neither.

use serde_json::{Value, json};
use values_schema::{json as text, open, schema, shape};

/// Values that other programs define.
const OPEN: [&str; 8] = [
    "/alertmanager/config",
    "/extraObjects/*",
    "/global",
    "/global/compatibility",
    "/global/compatibility/openshift",
    "/grafana/datasources/*/jsonData",
    "/prometheus/scrapeConfigs/*",
    "/tracing/policy/settings",
];

#[test]
fn every_object_is_closed_but_those_of_other_programs() {
    assert_eq!(open(&schema()), OPEN);
    assert_eq!(open(&shape(&schema())), OPEN);
}

#[test]
fn an_open_object_deep_in_kubernetes_types_is_found() {
    let mut schema = schema();
    schema["$defs"]["NodeAffinity"]
        .as_object_mut()
        .unwrap()
        .remove("additionalProperties");
    schema["$defs"]["EnvVar"]["properties"]["value"] = json!({"description": "anything"});
    let found = open(&schema);
    assert!(found.contains(&"/NodeAffinity".to_owned()), "{found:?}");
    assert!(found.contains(&"/EnvVar/value".to_owned()), "{found:?}");
}

fn schemas<'a>(schema: &'a Value, each: &mut dyn FnMut(&'a Value)) {
    each(schema);
    match schema {
        Value::Object(map) => map.values().for_each(|s| schemas(s, each)),
        Value::Array(items) => items.iter().for_each(|s| schemas(s, each)),
        _ => {}
    }
}

#[test]
fn the_schema_is_self_contained_and_of_a_size_that_a_release_can_carry() {
    let schema = schema();
    let mut unknown = Vec::new();
    schemas(&schema, &mut |s| {
        if let Some(target) = s["$ref"].as_str()
            && schema.pointer(target.trim_start_matches('#')).is_none()
        {
            unknown.push(target);
        }
    });
    assert!(unknown.is_empty(), "{unknown:?}");
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    // Early warnings: what is promised is the release's Secret (700 KiB, which holds the schema compressed
    // to a quarter) and the module with the compact one (800 kB).
    let bytes = text::pretty(&schema).len();
    assert!(bytes < 223_000, "{bytes} bytes");
    let bytes = shape(&schema).to_string().len();
    assert!(bytes < 75_000, "compact: {bytes} bytes");
}

#[test]
fn every_key_is_described() {
    fn look(schema: &Value, path: &str, bare: &mut Vec<String>) {
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            let path = format!("{path}.{key}");
            if property["description"].as_str().is_none_or(str::is_empty) {
                bare.push(path.clone());
            }
            look(property, &path, bare);
        }
    }
    let schema = schema();
    let mut bare = Vec::new();
    look(&schema, "", &mut bare);
    for (name, def) in schema["$defs"].as_object().unwrap() {
        look(def, name, &mut bare);
    }
    assert!(bare.is_empty(), "keys without a description: {bare:?}");
}

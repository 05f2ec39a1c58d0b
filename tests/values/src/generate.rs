//! Random values out of the schema itself: every file that it makes is valid in shape.

use fastrand::Rng;
use serde_json::{Map, Value as Json, json};
use values_validator_core::Value;
use values_validator_core::shape::schema::{Additional, Pattern, Schema, embedded};

/// Texts of every form that the schema's patterns ask for; the first that matches is taken.
const FORMS: [&str; 27] = [
    "0.82.0",
    "ray_vllm:",
    "vllm",
    "30s",
    "2m",
    "1m30s",
    "1h",
    "15d",
    "512Mi",
    "2Gi",
    "1",
    "http://a.example/b",
    "https://a.example",
    "http://a:16686/api/traces/{traceID}",
    "",
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "job=\"vllm\"",
    "off",
    "auto",
    "/var/lib/a",
    "app.kubernetes.io/name",
    "Name",
    "a@b.example",
    "a:1",
    "25%",
    "Memory",
    "5xx",
];

/// A random value of the chart's schema.
pub fn values(rng: &mut Rng) -> Json {
    value(rng, embedded(), 0)
}

fn value(rng: &mut Rng, schema: &Schema, depth: usize) -> Json {
    let beside = schema.min_properties;
    let schema = schema.resolved(embedded());
    let alternatives: Vec<&Schema> = schema.alternatives().collect();
    if !alternatives.is_empty() {
        let chosen = rng.usize(..alternatives.len());
        return value(rng, alternatives[chosen], depth);
    }
    if let Some(value) = &schema.one_value {
        return literal(value);
    }
    if let Some(values) = &schema.one_of_values {
        return literal(&values[rng.usize(..values.len())]);
    }
    // tests/nulls.rs has what null takes away.
    let types = schema.types.0.iter().filter(|of| *of != "null");
    let types: Vec<&str> = types.map(String::as_str).collect();
    let kind = match types.len() {
        0 => "string",
        n => types[rng.usize(..n)],
    };
    match kind {
        "boolean" => match schema.not.as_ref().and_then(|not| not.one_value.as_ref()) {
            Some(Value::Bool(no)) => json!(!no),
            _ => json!(rng.bool()),
        },
        "integer" => json!(number(rng, schema).round() as i64),
        "number" => json!(number(rng, schema)),
        "array" => {
            let most = schema.max_items.unwrap_or(3).min(3);
            let count = rng.usize(schema.min_items.unwrap_or(0)..=most.max(1));
            let items = schema.items.as_deref();
            let mut list: Vec<Json> = Vec::new();
            for _ in 0..count {
                let item = items.map_or(json!("x"), |items| value(rng, items, depth + 1));
                if !schema.unique_items || !list.contains(&item) {
                    list.push(item);
                }
            }
            Json::Array(list)
        }
        "object" => Json::Object(map(rng, schema, beside, depth)),
        _ => json!(text(rng, schema)),
    }
}

/// A scalar of the schema.
fn literal(value: &Value) -> Json {
    match value {
        Value::Bool(value) => json!(value),
        Value::Int(value) => json!(value),
        Value::Float(value) => json!(value),
        Value::Text(value) => json!(value),
        Value::Null | Value::List(_) | Value::Map(_) => Json::Null,
    }
}

/// `beside`: the least number of keys as it stands beside a reference to the schema, which counts too.
fn map(rng: &mut Rng, schema: &Schema, beside: Option<usize>, depth: usize) -> Map<String, Json> {
    let mut map = Map::new();
    // Fewer keys the deeper, or types of Kubernetes would fill the file.
    let likely = if depth < 2 { 3 } else { 2 };
    for (key, property) in schema.properties.iter() {
        if schema.required.iter().any(|one| one == key) || rng.u8(..6) < likely {
            map.insert(key.to_owned(), value(rng, property, depth + 1));
        }
    }
    let together = schema.not.as_ref().map_or(&[][..], |not| &not.required);
    if let [first, rest @ ..] = together
        && rest.iter().all(|key| map.contains_key(key))
    {
        map.remove(first);
    }
    let least = beside.max(schema.min_properties).unwrap_or(0);
    if let Some(Additional::Of(of)) = &schema.additional_properties {
        for i in 0..least.max(rng.usize(..3)) {
            map.insert(format!("k{i}"), value(rng, of, depth + 1));
        }
    }
    if let Some((key, property)) = schema.properties.iter().next()
        && map.len() < least
    {
        map.insert(key.to_owned(), value(rng, property, depth + 1));
    }
    map
}

fn number(rng: &mut Rng, schema: &Schema) -> f64 {
    let low = schema
        .minimum
        .or(schema.exclusive_minimum.map(|n| n + 0.25));
    let high = schema
        .maximum
        .or(schema.exclusive_maximum.map(|n| n - 0.25));
    let low = low.unwrap_or(high.map_or(1.0, |high| high - 1.0));
    let high = high.unwrap_or(low + 100.0);
    (low + rng.f64() * (high - low)).mul_add(4.0, 0.0).round() / 4.0
}

fn text(rng: &mut Rng, schema: &Schema) -> String {
    let fits = |pattern: &Pattern, text: &str| pattern.regex.is_match(text);
    let length = schema.min_length.unwrap_or(0)..=schema.max_length.unwrap_or(usize::MAX);
    let fitting: Vec<&str> = FORMS
        .into_iter()
        .filter(|text| {
            schema
                .pattern
                .as_ref()
                .is_none_or(|pattern| fits(pattern, text))
        })
        .filter(|text| length.contains(&text.len()))
        .collect();
    assert!(!fitting.is_empty(), "no text for {:?}", schema.pattern);
    fitting[rng.usize(..fitting.len())].to_owned()
}

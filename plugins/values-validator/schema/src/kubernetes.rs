//! What the types of Kubernetes leave out: words, bounds and forms that the API server holds to.

mod tables;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::values::{LABEL_KEY, LABEL_VALUE};
use crate::visit::each;
use tables::{BOUNDS, FORMS, NULLABLE, OBJECT_WORDS, OMITTED, WORDS};

const PREFIX: &str = "io.k8s.";
/// Longer descriptions of Kubernetes' own are cut at a sentence: they would be most of the schema.
const DESCRIPTION: usize = 110;

/// A quantity that a container may ask for: not negative, at most one suffix of the API.
pub const QUANTITY: &str =
    r"^([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$";

/// Which fields of a type are in the schema.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fields {
    /// Those that the chart passes on.
    Passed,
    /// All that the API server reads.
    All,
}

/// Tightens the definitions of Kubernetes in a schema and gives them their short names.
pub fn tighten(schema: &mut Value, fields: Fields) {
    let Some(defs) = schema["$defs"].as_object_mut() else {
        return;
    };
    for (name, def) in defs.iter_mut().filter(|(name, _)| name.starts_with(PREFIX)) {
        let name = short(name);
        if let Some(scalar) = scalar(name) {
            *def = scalar;
        }
        each(def, &mut cut);
        if let Some(Value::Object(properties)) = def.get_mut("properties") {
            if fields == Fields::Passed {
                omit(name, properties);
            }
            restrict(name, properties, fields);
        }
    }
    *defs = std::mem::take(defs)
        .into_iter()
        .map(|(name, def)| (short(&name).to_owned(), def))
        .collect();
    each(schema, &mut |schema| {
        if let Some(Value::String(target)) = schema.get_mut("$ref") {
            *target = format!("#/$defs/{}", short(target.trim_start_matches("#/$defs/")));
        }
    });
    prune(schema);
}

/// Types that say nothing of what they take.
fn scalar(name: &str) -> Option<Value> {
    match name {
        "Quantity" => Some(json!({
            "description": "An amount as Kubernetes writes it: 500m, 2, 1Gi.",
            "type": ["string", "number"],
            "minimum": 0,
            "pattern": QUANTITY,
            "x-kubernetes-quantity": true,
        })),
        "IntOrString" => Some(json!({
            "description": "A number, or a text such as a percentage or a port's name.",
            "type": ["integer", "string"],
        })),
        _ => None,
    }
}

/// Leaves out the fields that the chart does not pass on.
fn omit(name: &str, properties: &mut Map<String, Value>) {
    for (_, fields) in OMITTED.iter().filter(|(of, _)| *of == name) {
        properties.retain(|field, _| !fields.contains(&field.as_str()));
    }
}

/// Bounds the fields of a type.
fn restrict(name: &str, properties: &mut Map<String, Value>, fields: Fields) {
    for (_, fields) in NULLABLE.iter().filter(|(of, _)| *of == name) {
        for (_, field) in properties
            .iter_mut()
            .filter(|(field, _)| fields.contains(&field.as_str()))
        {
            field["type"] = json!([field["type"], "null"]);
        }
    }
    // The chart's schema is in every module: words of a volume's claim are for extra objects alone.
    let more = (fields == Fields::All).then_some(OBJECT_WORDS);
    let words = WORDS.iter().chain(more.into_iter().flatten());
    for (_, field, words) in words.filter(|(of, ..)| *of == name) {
        if let Some(field) = properties.get_mut(*field) {
            one_or_each(field)["enum"] = json!(words);
        }
    }
    for (_, field, pattern) in FORMS.iter().filter(|(of, ..)| *of == name) {
        if let Some(field) = properties.get_mut(*field) {
            one_or_each(field)["pattern"] = json!(pattern);
        }
    }
    for (_, field_name, (least, most)) in BOUNDS.iter().filter(|(of, ..)| *of == name) {
        if let Some(field) = properties.get_mut(*field_name) {
            // 0 is what the API server replaces by its default; the chart passes on what is meant.
            let of_default = name == "Probe" || matches!(*field_name, "hostPort" | "nodePort");
            let unset = fields == Fields::All && of_default;
            field["minimum"] = json!(if unset { 0 } else { *least });
            if let Some(most) = most {
                field["maximum"] = json!(most);
            }
        }
    }
}

/// The schema of a field, or that of each of its items.
fn one_or_each(field: &mut Value) -> &mut Value {
    if field["items"].is_object() {
        &mut field["items"]
    } else {
        field
    }
}

/// Removes the definitions that nothing refers to any more.
fn prune(schema: &mut Value) {
    let mut used = BTreeSet::new();
    let mut seen = vec![schema["properties"].clone()];
    while let Some(properties) = seen.pop() {
        let mut names = Vec::new();
        each(
            &mut json!({"properties": {"it": {"properties": properties}}}),
            &mut |schema| {
                names.extend(schema["$ref"].as_str().map(str::to_owned));
            },
        );
        for name in names {
            let name = name.trim_start_matches("#/$defs/").to_owned();
            seen.extend((!used.contains(&name)).then(|| json!({"it": schema["$defs"][&name]})));
            used.insert(name);
        }
    }
    if let Some(defs) = schema["$defs"].as_object_mut() {
        defs.retain(|name, _| used.contains(name));
    }
}

/// `io.k8s.api.core.v1.Toleration` is Toleration. Names of our own begin in lower case.
fn short(name: &str) -> &str {
    match name.strip_prefix(PREFIX) {
        Some(rest) => rest.rsplit('.').next().unwrap_or(rest),
        None => name,
    }
}

/// Cuts a description after its first sentence, and that at a word where it is long.
fn cut(schema: &mut Value) {
    let Some(Value::String(text)) = schema.get_mut("description") else {
        return;
    };
    let sentence = text
        .match_indices(". ")
        .map(|(i, _)| i + 1)
        .find(|end| !text[..*end].ends_with("e.g.") && !text[..*end].ends_with("i.e."));
    let end = sentence.unwrap_or(text.len());
    text.truncate(text.find('\n').map_or(end, |i| end.min(i)));
    if text.chars().count() > DESCRIPTION {
        let short: String = text.chars().take(DESCRIPTION).collect();
        let at = short.rfind(' ').unwrap_or(short.len());
        *text = format!("{}…", short[..at].trim_end_matches([',', ';']));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemars::generate::SchemaSettings;

    /// A typo in a table would silently restrict nothing.
    #[test]
    fn every_field_of_the_tables_is_one_of_its_type() {
        let settings = SchemaSettings::draft2020_12;
        let [chart, objects] = [
            (settings().into_generator()).into_root_schema_for::<crate::values::Values>(),
            (settings().into_generator()).into_root_schema_for::<crate::objects::Objects>(),
        ];
        let mut schema = objects.to_value();
        if let (Some(all), Some(of)) = (
            schema["$defs"].as_object_mut(),
            chart.to_value()["$defs"].as_object(),
        ) {
            all.extend(of.clone());
        }
        let fields = |of: &str| {
            let defs = schema["$defs"].as_object()?;
            let (_, def) = defs.iter().find(|(name, _)| short(name) == of)?;
            def["properties"].as_object()
        };
        let words = WORDS.iter().chain(OBJECT_WORDS);
        let words = words.map(|(of, field, _)| (*of, *field));
        let forms = FORMS.iter().map(|(of, field, _)| (*of, *field));
        let bounds = BOUNDS.iter().map(|(of, field, _)| (*of, *field));
        let omitted = OMITTED
            .iter()
            .chain(NULLABLE)
            .flat_map(|(of, f)| f.iter().map(|f| (*of, *f)));
        for (of, field) in words.chain(forms).chain(bounds).chain(omitted) {
            // Some types are in the tables before a value is of them.
            let known = fields(of).is_none_or(|fields| fields.contains_key(field));
            assert!(known, "{of} has no field {field}");
        }
    }
}

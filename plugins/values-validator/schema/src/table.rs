//! docs/values.md: every key, its type, its default and what it is for.

use serde_json::Value;
use serde_yaml::Value as Yaml;

const HEAD: &str = "\
# Values

Generated from the types in plugins/values-validator/schema. Unknown keys are refused at every
depth. `[]` is any entry of a list, `<name>` a name of your own choice. Types that begin with a
capital are those of the Kubernetes API; a duration is written as 30s, 2m or 1m30s. Within a list,
which has no column for it, a default is in the description.
";

/// The page. Takes the schema and chart/values.yaml.
pub fn table(schema: &Value, values: &Yaml) -> String {
    let mut out = HEAD.to_owned();
    let mut scalars = Vec::new();
    let mut sections = Vec::new();
    for key in ordered(schema, Some(values)) {
        let property = &schema["properties"][&key];
        let inner = resolve(schema, property);
        if inner["properties"].is_object() || inner["items"]["$ref"].is_string() {
            sections.push(key);
        } else {
            scalars.push(key);
        }
    }
    out.push_str("\n## Names and common things\n");
    header(&mut out);
    for key in &scalars {
        rows(
            schema,
            &schema["properties"][key],
            key,
            values.get(key),
            &mut out,
        );
    }
    for key in &sections {
        let property = &schema["properties"][key];
        let text = property["description"].as_str().unwrap_or_default();
        out.push_str(&format!("\n## `{key}`\n\n{}\n", text.replace('\n', "\n\n")));
        header(&mut out);
        children(schema, property, key, values.get(key), &mut out);
    }
    out
}

fn header(out: &mut String) {
    out.push_str("\n| Key | Type | Default | Description |\n|---|---|---|---|\n");
}

fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    match name(schema) {
        Some(name) => &root["$defs"][name],
        None => schema,
    }
}

/// The definition that a schema refers to.
fn name(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/$defs/")
}

/// Whether it is a type of Kubernetes: those begin in upper case.
fn foreign(schema: &Value) -> bool {
    name(schema).is_some_and(|n| n.starts_with(char::is_uppercase))
}

/// Keys in the order of values.yaml; what does not stand there follows, required ones first.
fn ordered(schema: &Value, values: Option<&Yaml>) -> Vec<String> {
    let Some(properties) = schema["properties"].as_object() else {
        return Vec::new();
    };
    let written: Vec<&str> = values
        .and_then(Yaml::as_mapping)
        .map(|m| m.keys().filter_map(Yaml::as_str).collect())
        .unwrap_or_default();
    let required = |key: &str| {
        let list = schema["required"].as_array();
        list.is_some_and(|list| list.iter().any(|r| r == key))
    };
    let mut keys: Vec<String> = properties.keys().cloned().collect();
    keys.sort_by_key(|key| {
        let place = written.iter().position(|w| w == key);
        (place.unwrap_or(usize::MAX), !required(key))
    });
    keys
}

/// The rows of a key: itself, and what lies in it.
fn rows(root: &Value, schema: &Value, path: &str, value: Option<&Yaml>, out: &mut String) {
    let text = schema["description"].as_str().unwrap_or_default();
    let nested = nested(root, schema);
    out.push_str(&format!(
        "| `{path}` | {} | {} | {} |\n",
        kind(root, schema),
        if nested {
            String::new()
        } else {
            default(value)
        },
        cell(text),
    ));
    if nested {
        children(root, schema, path, value, out);
    }
}

fn nested(root: &Value, schema: &Value) -> bool {
    if foreign(schema) {
        return false;
    }
    let schema = resolve(root, schema);
    let own = |s: &Value| !foreign(s) && resolve(root, s)["properties"].is_object();
    schema["properties"].is_object()
        || own(&schema["items"])
        || own(&schema["additionalProperties"])
}

fn children(root: &Value, schema: &Value, path: &str, value: Option<&Yaml>, out: &mut String) {
    let schema = resolve(root, schema);
    if schema["properties"].is_object() {
        for key in ordered(schema, value) {
            let path = format!("{path}.{key}");
            rows(
                root,
                &schema["properties"][&key],
                &path,
                value.and_then(|v| v.get(&key)),
                out,
            );
        }
    } else if schema["items"].is_object() {
        children(root, &schema["items"], &format!("{path}[]"), None, out);
    } else {
        let names: Vec<&str> = value
            .and_then(Yaml::as_mapping)
            .map(|m| m.keys().filter_map(Yaml::as_str).collect())
            .unwrap_or_default();
        children(
            root,
            &schema["additionalProperties"],
            &format!("{path}.<name>"),
            None,
            out,
        );
        for name in names {
            let inner = resolve(root, &schema["additionalProperties"]);
            let entry = value.and_then(|v| v.get(name));
            for key in ordered(inner, entry) {
                if let Some(value) = entry.and_then(|entry| entry.get(&key)) {
                    let default = default(Some(value));
                    out.push_str(&format!("| `{path}.{name}.{key}` | | {default} | |\n"));
                }
            }
        }
    }
}

/// A schema's type in words.
fn kind(root: &Value, schema: &Value) -> String {
    if foreign(schema) {
        return name(schema).unwrap_or_default().to_owned();
    }
    let named = name(schema).unwrap_or_default();
    let schema = resolve(root, schema);
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
        return format!("`{}`", words.join("` \\| `"));
    }
    match &schema["type"] {
        Value::Array(types) => {
            let types: Vec<_> = types.iter().filter_map(Value::as_str).collect();
            types.join(" or ")
        }
        Value::String(one) if one == "array" => format!("list of {}", kind(root, &schema["items"])),
        Value::String(one) if one == "object" && schema["additionalProperties"].is_object() => {
            format!("map of {}", kind(root, &schema["additionalProperties"]))
        }
        Value::String(one) if one == "string" => match named {
            "duration" | "bytes" => named.to_owned(),
            _ => "string".to_owned(),
        },
        Value::String(one) => one.clone(),
        _ => String::new(),
    }
}

fn default(value: Option<&Yaml>) -> String {
    let Some(value) = value else {
        return String::new();
    };
    let text = serde_json::to_string(value).unwrap_or_default();
    let text = match value {
        Yaml::String(s) if !s.is_empty() => s.clone(),
        _ => text,
    };
    format!("`{}`", text.replace('|', "\\|"))
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', "<br>")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn every_key_has_a_row_in_the_order_of_values_yaml() {
        let schema = json!({
            "properties": {
                "a": {"type": "string", "description": "Of one | of two."},
                "s": {"description": "A section.", "properties": {
                    "list": {"type": "array", "description": "Entries.", "items": {"$ref": "#/$defs/entry"}},
                    "mode": {"enum": ["x", "y"], "description": "How.\nx: so.\ny: otherwise."},
                    "tolerations": {"type": "array", "description": "Borne.", "items": {"$ref": "#/$defs/Toleration"}},
                    "by": {"type": "object", "description": "By name.", "additionalProperties": {"$ref": "#/$defs/entry"}},
                }},
            },
            "$defs": {
                "Toleration": {"properties": {"key": {"type": "string"}}},
                "entry": {"type": "object", "required": ["name"], "properties": {
                    "age": {"type": ["integer", "string"], "description": "Years."},
                    "name": {"type": "string", "description": "Whose."},
                }},
            },
        });
        let values = "{a: '', s: {mode: x, tolerations: [], list: [], by: {me: {age: 7}}}}";
        let page = super::table(&schema, &serde_yaml::from_str(values).unwrap());
        let rows: Vec<&str> = page.lines().filter(|l| l.starts_with("| `")).collect();
        assert_eq!(
            rows,
            [
                "| `a` | string | `\"\"` | Of one \\| of two. |",
                "| `s.mode` | `x` \\| `y` | `x` | How.<br>x: so.<br>y: otherwise. |",
                "| `s.tolerations` | list of Toleration | `[]` | Borne. |",
                "| `s.list` | list of object |  | Entries. |",
                "| `s.list[].name` | string |  | Whose. |",
                "| `s.list[].age` | integer or string |  | Years. |",
                "| `s.by` | map of object |  | By name. |",
                "| `s.by.<name>.name` | string |  | Whose. |",
                "| `s.by.<name>.age` | integer or string |  | Years. |",
                "| `s.by.me.age` | | `7` | |",
            ]
        );
        assert!(page.contains("\n## `s`\n\nA section.\n"), "{page}");
    }
}

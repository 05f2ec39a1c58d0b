//! Schemars' words in those that read best in helm's errors and in a table.

use serde_json::{Map, Value, json};

use crate::visit::each;

/// Says every schema in its plainest form: no `null` for what may be left out, `enum` for a list of
/// words, one `type` for what is a text or a number, descriptions as running text.
pub fn plain(schema: &mut Value) {
    each(schema, &mut |schema| {
        if let Value::Object(map) = schema {
            // Rust's widths say nothing to a user.
            map.remove("format");
            describe(map);
            without_null(map);
            words(map);
        }
    });
}

/// The lines of a doc comment as one; a blank line between paragraphs stays a line break.
fn describe(map: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = map.get_mut("description") {
        let paragraphs = text
            .split("\n\n")
            .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
        *text = paragraphs.collect::<Vec<_>>().join("\n");
    }
}

/// An `Option` is a key that may be absent; helm takes a `null` for that before it validates.
fn without_null(map: &mut Map<String, Value>) {
    // But where a list's entry may say so: Helm leaves a `null` within lists alone.
    let nullable = map.remove("x-nullable").is_some();
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|t| nullable || t != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            map.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(words)) = map.get_mut("enum") {
        words.retain(|w| !w.is_null());
    }
    let Some(Value::Array(mut choices)) = map.remove("anyOf") else {
        return;
    };
    choices.retain(|c| *c != json!({"type": "null"}));
    match choices.as_slice() {
        [Value::Object(only)] => adopt(map, only),
        // An untagged enum that says itself what it is.
        _ if map.contains_key("type") => {}
        _ => {
            map.insert("anyOf".to_owned(), Value::Array(choices));
        }
    }
}

/// Takes over a schema in place of a choice of one. The key's description stays, and what the words
/// of an enum mean follows it.
fn adopt(map: &mut Map<String, Value>, only: &Map<String, Value>) {
    for (key, value) in only {
        match (map.get_mut(key), value) {
            (Some(Value::String(own)), Value::String(other)) if key == "description" => {
                if let Some((_, meanings)) = other.split_once('\n') {
                    own.push('\n');
                    own.push_str(meanings);
                }
            }
            _ => {
                map.insert(key.clone(), value.clone());
            }
        }
    }
}

/// `oneOf` constants becomes `enum`, and what is said of each goes to the description, a line each.
fn words(map: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = map.get("oneOf") else {
        return;
    };
    let mut words = Vec::new();
    let mut lines = Vec::from_iter(map.get("description").and_then(Value::as_str));
    let mut meanings = Vec::new();
    for choice in choices {
        match (&choice["const"], &choice["enum"]) {
            (Value::String(word), _) => {
                words.push(json!(word));
                if let Some(text) = choice["description"].as_str() {
                    meanings.push(format!("{word}: {text}"));
                }
            }
            (_, Value::Array(several)) => words.extend(several.iter().cloned()),
            _ => return,
        }
    }
    lines.extend(meanings.iter().map(String::as_str));
    let text = lines.join("\n");
    map.insert("description".to_owned(), Value::from(text));
    map.insert("type".to_owned(), Value::from("string"));
    map.insert("enum".to_owned(), Value::Array(words));
    map.remove("oneOf");
}

//! A value in the form of a map.

use super::super::schema::{Additional, Schema};
use super::{image, scalar, text_of, value_of, written};
use crate::node::{Node, Value};

/// `text` in the form of a map of that schema; nothing where it is not plain which key is meant.
pub fn map(schema: &Schema, root: &Schema, node: &Node) -> Option<String> {
    let has = |key: &str| schema.properties.contains_key(key);
    match &node.value {
        Value::Bool(on) if has("enabled") => Some(format!("{{enabled: {on}}}")),
        Value::Bool(on) if has("create") => Some(format!("{{create: {on}}}")),
        Value::Bool(on) if has("persistent") => Some(format!("{{persistent: {on}}}")),
        // An exporter's address in the place of exporters by name.
        Value::Text(text) if text.contains("://") && free(schema) => {
            let Some(Additional::Of(of)) = &schema.additional_properties else {
                return None;
            };
            of.resolved(root).properties.get("endpoint")?;
            let host = crate::url::Url::of(text)
                .host
                .split('.')
                .next()
                .unwrap_or_default();
            let plain =
                !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            plain.then(|| format!("{{{host}: {{endpoint: {text:?}}}}}"))
        }
        Value::Text(text) => {
            if has("repository") && has("tag") {
                return image(text);
            }
            let quantity = crate::units::quantity(text).is_some();
            let time = crate::units::seconds(text).is_some();
            let key = [
                ("path", text.starts_with('/')),
                ("size", quantity && !time),
                ("alert", time),
                ("limit", time),
                ("receiver", true),
                (
                    "type",
                    text.chars().all(char::is_alphanumeric) && has("rollingUpdate"),
                ),
            ]
            .into_iter()
            .find(|(key, fits)| *fits && has(key));
            if let Some((key, _)) = key {
                return Some(format!("{{{key}: {}}}", scalar(text)));
            }
            let on = match text.as_str() {
                "on" | "yes" | "enabled" => Some(true),
                "off" | "no" | "disabled" => Some(false),
                _ => None,
            };
            if let (true, Some(on)) = (has("enabled"), on) {
                return Some(format!("{{enabled: {on}}}"));
            }
            // The name of a Secret, not what is in one.
            let name = |c: char| c.is_ascii_lowercase() || c == '-';
            if has("secretName") && text.len() < 20 && text.chars().all(name) {
                let key = if schema.required.iter().any(|key| key == "secretKey") {
                    ", secretKey: <key>"
                } else {
                    ""
                };
                return Some(format!("{{secretName: {text}{key}}}"));
            }
            if let (true, Some((name, value))) = (has("name") && has("value"), text.split_once('='))
            {
                return Some(format!(
                    "{{name: {}, value: {}}}",
                    scalar(name),
                    scalar(value)
                ));
            }
            // All that must be given is one key.
            if let [only] = schema.required.as_slice()
                && text.len() < 40
            {
                return Some(format!("{{{only}: {}}}", scalar(text)));
            }
            let pairs: Vec<_> = text
                .split(',')
                .filter_map(|pair| pair.split_once('='))
                .collect();
            if free(schema) && pairs.len() > 1 && pairs.len() == text.split(',').count() {
                let pairs = pairs.iter().map(|(key, value)| {
                    format!("{}: {}", scalar(key.trim()), scalar(value.trim()))
                });
                return Some(format!("{{{}}}", pairs.collect::<Vec<_>>().join(", ")));
            }
            if let Some((key, value)) = text.split_once('=').or_else(|| text.split_once(':'))
                && (has(key.trim()) || free(schema))
            {
                return Some(format!(
                    "{{{}: {}}}",
                    scalar(key.trim()),
                    value_of(value.trim())
                ));
            }
            None
        }
        Value::Int(_) | Value::Float(_) => {
            let key = ["objective", "maxReplicas"]
                .into_iter()
                .find(|key| has(key))?;
            Some(format!("{{{key}: {}}}", written(node)))
        }
        Value::List(items) if free(schema) => {
            let pairs: Option<Vec<String>> = items
                .iter()
                .map(|item| {
                    if let [Some(name), Some(value)] = ["name", "value"].map(|key| item.child(key))
                    {
                        return Some(format!("{}: {}", scalar(name.as_str()?), written(value)));
                    }
                    if let Value::Map(pair) = &item.value {
                        let all = written(item);
                        let all = all.strip_prefix('{')?.strip_suffix('}')?;
                        // An item with a name is more than a pair.
                        let pair = !pair.is_empty() && !pair.contains_key("name");
                        return pair.then(|| all.to_owned());
                    }
                    let text = item.as_str()?;
                    let (key, value) = text.split_once('=').or_else(|| text.split_once(':'))?;
                    Some(format!("{}: {}", scalar(key.trim()), text_of(value.trim())))
                })
                .collect();
            let pairs = pairs.filter(|pairs| !pairs.is_empty())?;
            Some(format!("{{{}}}", pairs.join(", ")))
        }
        // The list without the key that it is below.
        Value::List(items)
            if let [only] = schema.required.as_slice()
                && let Some(of) = schema.properties.get(only)
                && let Some(of) = of.resolved(root).items.as_deref()
                && (items.iter()).all(|item| {
                    let of = &of.resolved(root).properties;
                    item.entries().len() > 0 && item.entries().all(|(key, _)| of.contains_key(key))
                }) =>
        {
            Some(format!("{{{only}: {}}}", written(node)))
        }
        Value::List(items) => match items.as_slice() {
            [only] => {
                let Value::Map(_) = only.value else {
                    return None;
                };
                let _ = root;
                Some(written(only))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether its keys are anybody's.
fn free(schema: &Schema) -> bool {
    matches!(&schema.additional_properties, Some(Additional::Of(_)))
}

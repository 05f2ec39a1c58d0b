//! Values of the user's own in the form that the chart takes: `tracing: {enabled: false}`.

use super::schema::{Additional, Schema};
use crate::finding::in_quotes;
use crate::node::{Node, Value};
use vllm_catalog::number::Shown;

/// A value in YAML's flow style, as it would be written again.
pub fn written(node: &Node) -> String {
    value(&node.value)
}

/// The same of a value that has no place.
pub fn value(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(b) => b.to_string(),
        Value::Int(i) => i.to_string(),
        Value::Float(f) => Shown(*f).to_string(),
        Value::Text(text) => scalar(text),
        Value::List(items) => format!(
            "[{}]",
            items.iter().map(written).collect::<Vec<_>>().join(", ")
        ),
        Value::Map(map) => {
            let entries = map
                .iter()
                .map(|(key, node)| format!("{}: {}", scalar(key), written(node)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A text as YAML has it between brackets: in quotes where it needs them.
pub fn scalar(text: &str) -> String {
    let plain =
        |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '=' | ':' | '+' | '%');
    let simple = !text.is_empty()
        && text.chars().all(plain)
        && !text.starts_with(['-', ':', '%'])
        && !text.ends_with(':')
        && matches!(crate::yaml::resolve(text), Value::Text(_));
    if simple {
        text.to_owned()
    } else {
        in_quotes(text)
    }
}

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

/// The number of `99.9%`, `100k`, `50,000` and `512B`; with `ratio` 90 % is 0.9.
pub fn number(text: &str, ratio: bool) -> Option<String> {
    let text = text.trim();
    if let (true, Some(percent)) = (ratio, text.strip_suffix('%')) {
        let percent = crate::units::float(percent.trim())?;
        return Some(Shown((percent * 1e4).round() / 1e6).to_string());
    }
    if let Some(bare) = text.strip_suffix(['k', 'K', 'M']) {
        let zeros = if text.ends_with('M') { "000000" } else { "000" };
        return bare
            .parse::<u32>()
            .is_ok()
            .then(|| format!("{bare}{zeros}"));
    }
    let plain = text.replace(',', "");
    let end = plain.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (bare, unit) = plain.split_at(end.unwrap_or(plain.len()));
    let known = ["", "%", "B", "s", "x", "Mi", "MiB", "MB", "/min", "/s"].contains(&unit.trim());
    // `99,5` is no thousand.
    let groups = (text.split(',').skip(1)).all(|group| group.trim_end_matches(unit).len() == 3);
    (known && groups && bare != text && crate::units::float(bare).is_some())
        .then(|| bare.to_owned())
}

fn value_of(text: &str) -> String {
    if matches!(crate::yaml::resolve(text), Value::Text(_)) {
        scalar(text)
    } else {
        text.to_owned()
    }
}

fn text_of(text: &str) -> String {
    scalar(text)
}

/// Whether its keys are anybody's.
fn free(schema: &Schema) -> bool {
    matches!(&schema.additional_properties, Some(Additional::Of(_)))
}

fn image(text: &str) -> Option<String> {
    if text.contains(char::is_whitespace) || text.is_empty() {
        return None;
    }
    let (name, digest) = match text.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (text, None),
    };
    let (repository, tag) = match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (name, None),
    };
    let mut parts = vec![format!("repository: {}", scalar(repository))];
    parts.extend(tag.map(|tag| format!("tag: {}", scalar(tag))));
    parts.extend(digest.map(|digest| format!("digest: {digest:?}")));
    Some(format!("{{{}}}", parts.join(", ")))
}

/// A value in the form of a list: a text as its words or its one item, a map of names as `{name, value}`.
pub fn list(items: Option<&Schema>, root: &Schema, node: &Node) -> Option<String> {
    let of = items.map(|items| items.resolved(root));
    let has = |key: &str| of.is_some_and(|of| of.properties.contains_key(key));
    match &node.value {
        Value::Text(text) => {
            let digits = text
                .split(',')
                .all(|word| word.trim().parse::<u32>().is_ok());
            let kinds = |of: &Schema, kind: &str| of.types.0.iter().any(|t| t == kind);
            let numbers = of.is_some_and(|of| {
                kinds(of, "integer")
                    || of
                        .alternatives()
                        .any(|of| kinds(of.resolved(root), "integer"))
            });
            if digits && numbers {
                return Some(format!("[{text}]"));
            }
            let texts = of.is_some_and(|of| {
                kinds(of, "string")
                    || of
                        .alternatives()
                        .any(|of| kinds(of.resolved(root), "string"))
            });
            if !texts {
                return None;
            }
            if let Some((shell, script)) = text.split_once(" -c ")
                && shell.ends_with("sh")
            {
                let script = script.trim().trim_matches(['"', '\'']);
                return Some(format!("[{shell}, -c, {}]", scalar(script)));
            }
            let words: Vec<&str> = if text.starts_with('-') || text.contains(", ") {
                text.split([' ', ','])
                    .filter(|word| !word.is_empty() && *word != "-")
                    .collect()
            } else if text.contains(',') {
                text.split(',')
                    .map(str::trim)
                    .filter(|word| !word.is_empty())
                    .collect()
            } else {
                vec![text]
            };
            let words = words.into_iter().map(|word| {
                if word.starts_with('-') {
                    in_quotes(word)
                } else if numbers && word.parse::<u32>().is_ok() {
                    word.to_owned()
                } else {
                    scalar(word)
                }
            });
            Some(format!("[{}]", words.collect::<Vec<_>>().join(", ")))
        }
        Value::Map(map) if has("name") && has("value") && !map.contains_key("name") => {
            let all: Option<Vec<String>> = map
                .iter()
                .map(|(key, value)| {
                    let value = match &value.value {
                        Value::Map(_) => {
                            return Some(format!(
                                "{{name: {}, valueFrom: {}}}",
                                scalar(key),
                                written(value.child("valueFrom")?)
                            ));
                        }
                        Value::List(_) => return None,
                        Value::Text(text) => scalar(text),
                        _ => format!("\"{}\"", written(value)),
                    };
                    Some(format!("{{name: {}, value: {value}}}", scalar(key)))
                })
                .collect();
            Some(format!("[{}]", all?.join(", ")))
        }
        Value::Map(map) if map.is_empty() => Some("[]".into()),
        Value::Map(map) if map.contains_key("any") => Some("[\"*\"]".into()),
        Value::Int(_) | Value::Float(_) => Some(format!("[{}]", written(node))),
        Value::Map(map)
            if !map.is_empty()
                && of.is_some_and(|of| map.keys().all(|key| of.properties.contains_key(key))) =>
        {
            Some(format!("[{}]", written(node)))
        }
        _ => None,
    }
}

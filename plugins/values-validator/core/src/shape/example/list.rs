//! A value in the form of a list.

use super::super::schema::Schema;
use super::{scalar, written};
use crate::finding::in_quotes;
use crate::node::{Node, Value};

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

//! Items of lists, and texts, in another form: a key and its value as an item, a map as a list, a key that is
//! an argument of vLLM.

use super::moved::last;
use super::targets::walked;
use crate::embedded;
use crate::finding::Finding;
use crate::node::{Node, Value};
use crate::shape::{scalar, written};
use crate::{Place, Source};

type Form = Option<(String, String)>;

/// A map of one key in the place of an item with a name and a value: `- NAME: value`.
pub fn pair(source: &Source, root: &Node, path: &[String]) -> Form {
    let [list @ .., name, _, key] = path else {
        return None;
    };
    let above = &path[..path.len() - 1];
    let (item, value) = (walked(root, above)?, walked(root, path)?);
    if item.entries().len() != 1 || list.is_empty() {
        return None;
    }
    let text = match &value.value {
        Value::Text(text) => scalar(text),
        Value::Int(_) | Value::Float(_) | Value::Bool(_) => format!("\"{}\"", written(value)),
        _ => return None,
    };
    let new = match name.as_str() {
        "env" | "extraEnv" => format!("{{name: {key}, value: {text}}}"),
        "matchExpressions" | "selectorExpressions" => {
            format!("{{key: {}, operator: In, values: [{text}]}}", scalar(key))
        }
        _ => return None,
    };
    let mut place = value.key?;
    (place.end_line, place.end_column) = (value.place.end_line, value.place.end_column);
    if source
        .text
        .split('\n')
        .nth(item.place.line as usize - 1)?
        .chars()
        .nth(item.place.column as usize - 1)?
        == '{'
    {
        place = item.place;
    }
    (place.line == place.end_line)
        .then(|| Some((source.replaced(place, &new)?, format!("write {new}"))))?
}

/// An argument of `vllm serve` in the place of a key.
pub fn argument(source: &Source, root: &Node, path: &[String], node: &Node) -> Form {
    let [_, _, deploy, key] = path else {
        return None;
    };
    let flag = format!("--{}", kebab(key));
    let known = deploy == "deploy" && embedded::flags().lines().any(|known| known == flag);
    let argument = match &node.value {
        _ if !known => return None,
        Value::Bool(true) => format!("\"{flag}\""),
        Value::Text(_) | Value::Int(_) | Value::Float(_) => {
            let text = written(node);
            format!("\"{flag}={}\"", text.trim_matches('"'))
        }
        _ => return None,
    };
    let mut place = node.key?;
    (place.end_line, place.end_column) = (node.place.end_line, node.place.end_column);
    let args = walked(root, &path[..3])?.child("args");
    let Some(item) = args.and_then(|args| args.items().last()) else {
        let new = format!("args: [{argument}]");
        return Some((source.replaced(place, &new)?, format!("write {new}")));
    };
    let line = source.text.split('\n').nth(item.place.line as usize - 1)?;
    let before = line.get(..item.place.column as usize - 1)?;
    let more = if before.trim() == "-" {
        format!("\n{before}{argument}")
    } else {
        format!(", {argument}")
    };
    let mut end = item.place;
    (end.line, end.column) = (end.end_line, end.end_column);
    let mut edits = [(source.alone(place)?, String::new()), (end, more)];
    edits.sort_by_key(|(place, _)| std::cmp::Reverse((place.line, place.column)));
    let mut new = source.clone();
    for (place, text) in edits {
        new.text = new.replaced(place, &text)?;
    }
    Some((new.text, format!("write {argument} in args")))
}

/// Small letters with hyphens: `maxModelLen` and `max_model_len` are `max-model-len`.
fn kebab(key: &str) -> String {
    let mut all = String::new();
    for c in key.chars() {
        if c.is_ascii_uppercase() {
            all.push('-');
        }
        all.push(if c == '_' {
            '-'
        } else {
            c.to_ascii_lowercase()
        });
    }
    all
}

/// A text as YAML had it for a map of one key, or the text with what its form lacks.
pub fn texts(source: &Source, node: &Node) -> Vec<(String, String)> {
    let mut all: Vec<String> = Vec::new();
    match &node.value {
        Value::Map(map) => {
            if let (Some((key, value)), 1) = (map.first_key_value(), map.len())
                && value.value == Value::Null
            {
                all.extend([key.clone(), format!("{key}:")]);
            }
        }
        Value::Text(text) => {
            let number = |rest: &&str| rest.starts_with(|c: char| c.is_ascii_digit());
            all.extend(text.strip_prefix('v').filter(number).map(str::to_owned));
            // A prefix of names may lack its colon; a path or an address does not.
            if text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                all.push(format!("{text}:"));
            }
        }
        _ => {}
    }
    let mut place = node.place;
    let line = source.text.split('\n').nth(place.end_line as usize - 1);
    // The colon belongs to it.
    if line.and_then(|line| line.chars().nth(place.end_column as usize - 1)) == Some(':') {
        place.end_column += 1;
    }
    let made = all.iter().filter_map(|text| {
        let text = if text.contains('"') {
            format!("'{text}'")
        } else {
            format!("{text:?}")
        };
        Some((source.replaced(place, &text)?, format!("write {text}")))
    });
    made.collect()
}

/// A map as the texts that a list of such things has: matchers of PromQL, arguments.
pub fn list(finding: &Finding, source: &Source, node: &Node) -> Form {
    let Value::Map(map) = &node.value else {
        return None;
    };
    let mut items = Vec::new();
    for (key, value) in map {
        let text = match &value.value {
            Value::Map(_) | Value::List(_) | Value::Null => return None,
            Value::Text(text) => text.clone(),
            _ => written(value),
        };
        items.push(if finding.path.ends_with("matchers") {
            format!("'{key}=\"{text}\"'")
        } else if finding.path.ends_with("rgs") {
            format!("\"--{}={text}\"", key.trim_start_matches('-'))
        } else {
            return None;
        });
    }
    let new = format!("[{}]", items.join(", "));
    let words = format!("write {new}");
    let end = Place {
        end_line: last(node),
        ..node.place
    };
    let rest = source.text.split('\n').nth(end.end_line as usize - 1)?;
    let flow = node.place.line == node.place.end_line;
    let place = if flow {
        node.place
    } else {
        Place {
            end_column: rest.chars().count() as u32 + 1,
            ..end
        }
    };
    Some((source.replaced(place, &new)?, words))
}

/// A number with a word behind it, or below zero, as the number.
pub fn number(source: &Source, node: &Node) -> Form {
    let new = match &node.value {
        Value::Text(text) => {
            let (number, word) = text.split_once(' ')?;
            let word = word.trim();
            let times = ["sec", "min", "hour", "day", "week", "month", "milli"];
            let plain = word.chars().all(char::is_alphabetic) && word.len() > 2;
            if !plain || times.iter().any(|time| word.starts_with(time)) {
                return None;
            }
            number.parse::<u32>().ok()?.to_string()
        }
        // -1 is no limit elsewhere.
        Value::Int(number) if *number < -1 => number.checked_neg()?.to_string(),
        _ => return None,
    };
    Some((source.replaced(node.place, &new)?, format!("write {new}")))
}

//! Our values in helm's form, and whether two are the same.

use serde_json::{Value as Json, json};
use values_validator_core::{Node, Severity, Value, merged_over};

use crate::helm::Case;

/// A node as JSON.
#[must_use]
pub fn json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(b) => json!(b),
        Value::Int(i) => json!(i),
        Value::Float(f) => json!(f),
        Value::Text(text) => json!(text),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(map) => map
            .iter()
            .map(|(key, node)| (key.clone(), json(node)))
            .collect(),
    }
}

/// Whether two values are the same; numbers by what they are, not by how they are written.
#[must_use]
pub fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a == b,
            _ => a.as_f64() == b.as_f64(),
        },
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// What we make of a case: the values that templates would see, or why helm would refuse it.
///
/// # Errors
/// The findings about reading, as text.
pub fn ours(case: &Case) -> Result<Json, String> {
    let (defaults, input) = case.input();
    let (values, findings, _) = merged_over(defaults, &input);
    let refused: Vec<String> = findings
        .0
        .iter()
        .filter(|f| f.severity == Severity::Error && f.code != "duplicate-key")
        .map(|f| format!("{:?}: found {}, expected {}", f.place, f.found, f.expected))
        .collect();
    if refused.is_empty() {
        Ok(json(&values.root))
    } else {
        Err(refused.join("\n"))
    }
}

/// What differs between helm's answer and ours; none when both refuse, or both have the same.
#[must_use]
pub fn difference(case: &Case, helm: &Result<Json, String>) -> Option<String> {
    let ours = ours(case);
    let same = match (&ours, helm) {
        (Ok(ours), Ok(helm)) => same(ours, helm),
        (Err(_), Err(_)) => true,
        _ => false,
    };
    if same {
        return None;
    }
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    let mut words = format!("defaults:\n{}\n", text(&case.defaults));
    for file in &case.files {
        words += &format!("file:\n{}\n", text(file));
    }
    for set in &case.sets {
        words += &format!("{} {:?}\n", set.kind.flag(), set.text);
    }
    let shown = |answer: &Result<Json, String>| match answer {
        Ok(json) => json.to_string(),
        Err(words) => format!("refused: {words}"),
    };
    Some(format!(
        "{words}ours: {}\nhelm: {}\n",
        shown(&ours),
        shown(helm)
    ))
}

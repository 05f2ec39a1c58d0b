//! A file in which one value after the other becomes another, and what the validator says of it.

use serde_yaml::Value;
use values_validator_core::{Input, Severity, Source, check};

/// What is put in the place of each value.
pub const PROBES: [&str; 9] = [
    "5", "1.5", "true", "\"true\"", "5m", "\"\"", "null", "[a]", "{a: 1}",
];

/// What makes the file of a value at one place.
type Put<'a> = &'a dyn Fn(Value) -> Value;

/// Each value directly below one, with its path and what makes the file of another value there.
fn below(value: &Value, path: &str, put: Put<'_>, visit: &mut dyn FnMut(&Value, &str, Put<'_>)) {
    match value {
        Value::Mapping(map) => {
            for (key, inner) in map {
                let put = |new| {
                    let mut map = map.clone();
                    map.insert(key.clone(), new);
                    put(Value::Mapping(map))
                };
                let path = format!("{path}.{}", key.as_str().unwrap_or("?"));
                visit(inner, &path, &put);
            }
        }
        Value::Sequence(items) => {
            for (at, inner) in items.iter().enumerate() {
                let put = |new| {
                    let mut items = items.clone();
                    items[at] = new;
                    put(Value::Sequence(items))
                };
                visit(inner, &format!("{path}[{at}]"), &put);
            }
        }
        _ => {}
    }
}

/// The file with another value at one place, for each place: its path, and the file. The root comes first.
pub fn each(value: &Value, path: &str, new: &Value, put: Put<'_>) -> Vec<(String, Value)> {
    let mut all = vec![(path.to_owned(), put(new.clone()))];
    below(value, path, put, &mut |value, path, put| {
        all.extend(each(value, path, new, put));
    });
    all
}

/// The file with one key misspelt, for each key that is not a name of the user's: its path, and the file.
pub fn misspelt(
    value: &Value,
    path: &str,
    free: &dyn Fn(&str) -> bool,
    put: Put<'_>,
) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    if let Value::Mapping(map) = value
        && !free(path)
    {
        for key in map.keys() {
            let name = key.as_str().unwrap_or("?");
            let renamed = map.iter().map(|(other, value)| {
                let new = if other == key {
                    format!("{name}q").into()
                } else {
                    other.clone()
                };
                (new, value.clone())
            });
            let file = put(Value::Mapping(renamed.collect()));
            all.push((format!("{path}.{name}"), file));
        }
    }
    below(value, path, put, &mut |value, path, put| {
        all.extend(misspelt(value, path, free, put));
    });
    all
}

/// The errors of values, each as its path and what was found.
///
/// # Errors
/// When they cannot be written as YAML.
pub fn errors(values: &Value) -> Result<Vec<String>, serde_yaml::Error> {
    let report = check(&Input {
        sources: vec![Source::new("values.yaml", serde_yaml::to_string(values)?)],
        sets: Vec::new(),
    });
    let errors = report
        .findings
        .iter()
        .filter(|f| f.severity == Severity::Error);
    Ok(errors.map(|f| format!("{}: {}", f.path, f.found)).collect())
}

//! A file in which one value after the other becomes another, and what the validator says of it.

use serde_yaml::Value;
use values_validator_core::{Input, Severity, Source, check};

/// What is put in the place of each value.
pub const PROBES: [&str; 9] = [
    "5", "1.5", "true", "\"true\"", "5m", "\"\"", "null", "[a]", "{a: 1}",
];

/// The file with another value at one place, for each place: its path, and the file. The root comes first.
pub fn each(
    value: &Value,
    path: &str,
    new: &Value,
    put: &dyn Fn(Value) -> Value,
) -> Vec<(String, Value)> {
    let mut all = vec![(path.to_owned(), put(new.clone()))];
    match value {
        Value::Mapping(map) => {
            for (key, below) in map {
                let put = |new| {
                    let mut map = map.clone();
                    map.insert(key.clone(), new);
                    put(Value::Mapping(map))
                };
                let path = format!("{path}.{}", key.as_str().unwrap_or("?"));
                all.extend(each(below, &path, new, &put));
            }
        }
        Value::Sequence(items) => {
            for (at, below) in items.iter().enumerate() {
                let put = |new| {
                    let mut items = items.clone();
                    items[at] = new;
                    put(Value::Sequence(items))
                };
                all.extend(each(below, &format!("{path}[{at}]"), new, &put));
            }
        }
        _ => {}
    }
    all
}

/// The file with one key misspelt, for each key that is not a name of the user's: its path, and the file.
pub fn misspelt(
    value: &Value,
    path: &str,
    free: &dyn Fn(&str) -> bool,
    put: &dyn Fn(Value) -> Value,
) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    match value {
        Value::Mapping(map) => {
            for (key, below) in map {
                let name = key.as_str().unwrap_or("?");
                let path_of_key = format!("{path}.{name}");
                if !free(path) {
                    let renamed = map.iter().map(|(other, value)| {
                        let same = other == key;
                        let new = if same {
                            format!("{name}q").into()
                        } else {
                            other.clone()
                        };
                        (new, value.clone())
                    });
                    all.push((path_of_key.clone(), put(Value::Mapping(renamed.collect()))));
                }
                let put = |new| {
                    let mut map = map.clone();
                    map.insert(key.clone(), new);
                    put(Value::Mapping(map))
                };
                all.extend(misspelt(below, &path_of_key, free, &put));
            }
        }
        Value::Sequence(items) => {
            for (at, below) in items.iter().enumerate() {
                let put = |new| {
                    let mut items = items.clone();
                    items[at] = new;
                    put(Value::Sequence(items))
                };
                all.extend(misspelt(below, &format!("{path}[{at}]"), free, &put));
            }
        }
        _ => {}
    }
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

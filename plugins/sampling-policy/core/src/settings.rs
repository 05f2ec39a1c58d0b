//! The operator's settings: one JSON object, checked as a whole.
//!
//! Every mistake is reported at once, each with its place, what was found there and what is
//! expected, because a rollout that stops once per mistake costs the operator a rollout each.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::duration;
use crate::rules::{Limits, OFF, RULES};

/// Longest piece of the operator's text that an error repeats, in characters.
const EXCERPT: usize = 60;

/// Largest edit distance at which a key counts as a slip of the pen.
const SLIP: usize = 3;

/// Reads the settings document.
///
/// Keys are the names of [`RULES`]; a rule that is not named has its default.
///
/// # Errors
///
/// [`Mistakes`]: all of them, in the order of the document.
pub fn parse(json: &[u8]) -> Result<Limits, Mistakes> {
    let Document(entries) = serde_json::from_slice(json).map_err(|error| {
        Mistakes(vec![format!(
            "settings: found {error}; expected one JSON object such as {{\"e2e_latency\":\"120s\"}}"
        )])
    })?;

    let mut limits = Limits::DEFAULT;
    let mut mistakes = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (key, value) in &entries {
        let limit = limits
            .0
            .iter_mut()
            .zip(RULES)
            .find_map(|(limit, rule)| (rule.name == key).then_some(limit));
        let Some(limit) = limit else {
            mistakes.push(unknown(key));
            continue;
        };
        if seen.contains(&key.as_str()) {
            mistakes.push(format!("settings.{key}: found it twice; expected it once"));
            continue;
        }
        seen.push(key);
        match read_limit(value) {
            Ok(seconds) => *limit = seconds,
            Err(mistake) => mistakes.push(format!("settings.{key}: {mistake}")),
        }
    }
    if mistakes.is_empty() {
        Ok(limits)
    } else {
        Err(Mistakes(mistakes))
    }
}

/// Writes the limits as a settings document that [`parse`] reads to the same limits.
#[must_use]
pub fn to_json(limits: &Limits) -> String {
    RULES
        .iter()
        .zip(limits.0)
        .map(|(rule, seconds)| (rule.name.to_owned(), Value::String(limit_text(seconds))))
        .collect::<Map<_, _>>()
        .into_iter()
        .collect::<Value>()
        .to_string()
}

/// Writes the limits for a reader: `e2e_latency=120s time_to_first_token=10s decode_time=off`.
#[must_use]
pub fn to_text(limits: &Limits) -> String {
    let parts: Vec<String> = RULES
        .iter()
        .zip(limits.0)
        .map(|(rule, seconds)| format!("{}={}", rule.name, limit_text(seconds)))
        .collect();
    parts.join(" ")
}

fn limit_text(seconds: f64) -> String {
    if seconds == OFF {
        "off".to_owned()
    } else {
        duration::format(seconds)
    }
}

/// Reads one limit, or says what was found and what is expected.
fn read_limit(value: &Value) -> Result<f64, String> {
    const EXPECTED: &str = r#"expected a duration such as "120s", "1m30s" or "250ms", or "off""#;
    match value {
        // YAML reads a bare `off` as false.
        Value::Bool(false) => Ok(OFF),
        Value::String(text) if text == "off" => Ok(OFF),
        Value::String(text) => match duration::parse(text) {
            Some(seconds) if seconds > 0.0 => Ok(seconds),
            Some(_) => Err(format!(
                r#"found {}; expected more than zero, or "off" to turn the rule off"#,
                quote(text)
            )),
            None => Err(format!("found {}; {EXPECTED}", quote(text))),
        },
        Value::Number(number) => Err(format!(
            "found the number {number}, which has no unit; {EXPECTED}"
        )),
        Value::Null => Err(format!("found null; {EXPECTED}")),
        Value::Bool(true) => Err(format!("found true; {EXPECTED}")),
        Value::Array(_) => Err(format!("found a list; {EXPECTED}")),
        Value::Object(_) => Err(format!("found an object; {EXPECTED}")),
    }
}

fn unknown(key: &str) -> String {
    let names = RULES.map(|rule| rule.name);
    let mut mistake = format!(
        "settings: found the unknown key {}; expected one of {}",
        quote(key),
        names.join(", ")
    );
    // The distance takes time and memory by the product of the lengths.
    if key.len() <= EXCERPT {
        let plain = key.to_ascii_lowercase().replace('-', "_");
        let nearest = names
            .iter()
            .map(|name| (strsim::levenshtein(name, &plain), name))
            .min();
        if let Some((distance, name)) = nearest
            && distance <= SLIP
        {
            mistake.push_str(&format!("; did you mean {name}?"));
        }
    }
    mistake
}

/// Quotes a piece of the operator's text on one line, and no more of it than a reader needs.
fn quote(text: &str) -> String {
    let mut excerpt: String = text.chars().take(EXCERPT).collect();
    if excerpt.len() < text.len() {
        excerpt.push('…');
    }
    format!("{excerpt:?}")
}

/// Everything that is wrong with a settings document, one text per mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(pub Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Mistakes {}

/// The entries of a JSON object in their order. A map would swallow a key that stands twice.
struct Document(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Document;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Document(entries))
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

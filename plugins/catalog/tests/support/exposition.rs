//! Reads the Prometheus text format as vLLM's Python client writes it.
//!
//! Written by hand: the comparison needs the families in TYPE lines and the labels as written, `le` texts above all, which a parser into
//! numbers loses. Strict: what it does not understand is an error with its line.

use std::collections::BTreeMap;

/// One `/metrics` body.
#[derive(Debug, Default)]
pub struct Body {
    /// Type word by family, from the TYPE lines.
    pub types: BTreeMap<String, String>,
    /// Every sample, in order.
    pub samples: Vec<Sample>,
}

/// One sample.
#[derive(Debug, PartialEq)]
pub struct Sample {
    pub line: usize,
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

/// Reads a body.
pub fn parse(text: &str) -> Result<Body, String> {
    let mut body = Body::default();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let error = |what: &str| format!("line {number}: {what}: {line:?}");
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest
                .split_once(' ')
                .ok_or_else(|| error("TYPE without a type"))?;
            if body
                .types
                .insert(name.to_owned(), kind.to_owned())
                .is_some()
            {
                return Err(error("second TYPE line of a family"));
            }
        } else if !line.is_empty() && !line.starts_with('#') {
            let (series, value) = line.rsplit_once(' ').ok_or_else(|| error("no value"))?;
            let (name, labels) = match series.split_once('{') {
                None => (series, BTreeMap::new()),
                Some((name, rest)) => {
                    let inner = rest
                        .strip_suffix('}')
                        .ok_or_else(|| error("labels without an end"))?;
                    (
                        name,
                        labels(inner).ok_or_else(|| error("labels that cannot be read"))?,
                    )
                }
            };
            let value = value
                .parse()
                .map_err(|_| error("value that is no number"))?;
            body.samples.push(Sample {
                line: number,
                name: name.to_owned(),
                labels,
                value,
            });
        }
    }
    Ok(body)
}

/// `a="x",b="y"`, with `\\`, `\"` and `\n` in the values.
fn labels(mut rest: &str) -> Option<BTreeMap<String, String>> {
    let mut labels = BTreeMap::new();
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut characters = after.char_indices();
        let end = loop {
            match characters.next()? {
                (at, '"') => break at,
                (_, '\\') => value.push(match characters.next()?.1 {
                    'n' => '\n',
                    other => other,
                }),
                (_, other) => value.push(other),
            }
        };
        if labels.insert(name.to_owned(), value).is_some() {
            return None;
        }
        let after = &after[end + 1..];
        rest = after.strip_prefix(',').unwrap_or(after);
        if !after.is_empty() && rest.len() == after.len() {
            return None;
        }
    }
    Some(labels)
}

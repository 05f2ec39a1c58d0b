//! Prometheus' text format, as a metrics page serves it.

use std::collections::BTreeMap;

/// One sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Metric name; empty where an expression dropped it.
    pub name: String,
    /// Labels without the name.
    pub labels: BTreeMap<String, String>,
    /// Value.
    pub value: f64,
}

impl Sample {
    /// A label's value, "" where it is not there (as Prometheus has it).
    #[must_use]
    pub fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

/// Samples of a page.
///
/// # Errors
/// The first line that is neither a comment nor `name{labels} value [time]`.
pub fn parse(page: &str) -> Result<Vec<Sample>, String> {
    page.lines()
        .filter(|text| !text.is_empty() && !text.starts_with('#'))
        .map(|text| line(text).ok_or_else(|| format!("not a metric line: {text}")))
        .collect()
}

/// Samples whose name starts with `prefix`: the reader's settings decide on the suffix (`_total`, a
/// unit).
pub fn named<'a>(samples: &'a [Sample], prefix: &str) -> impl Iterator<Item = &'a Sample> {
    (samples.iter()).filter(move |sample| sample.name.starts_with(prefix))
}

fn line(text: &str) -> Option<Sample> {
    let end = text.find(['{', ' '])?;
    let (name, mut rest) = text.split_at(end);
    let mut labels = BTreeMap::new();
    if let Some(mut inside) = rest.strip_prefix('{') {
        loop {
            inside = inside.trim_start_matches([',', ' ']);
            if let Some(after) = inside.strip_prefix('}') {
                rest = after;
                break;
            }
            let (key, after) = inside.split_once("=\"")?;
            let (value, after) = quoted(after)?;
            labels.insert(key.to_owned(), value);
            inside = after;
        }
    }
    let value = rest.split_whitespace().next()?.parse().ok()?;
    Some(Sample {
        name: name.to_owned(),
        labels,
        value,
    })
}

/// The text up to the closing quote without escapes, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    loop {
        match chars.next()? {
            (at, '"') => return Some((value, &text[at + 1..])),
            (_, '\\') => match chars.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            (_, other) => value.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_with_escapes_and_without_labels() {
        let page =
            "# TYPE a counter\na{x=\"1\",y=\"q\\\"\\n,}\"} 2.5\nup 1 1700000000\n\nb{} +Inf\n";
        let samples = parse(page).unwrap();
        assert_eq!(samples[0].label("y"), "q\"\n,}");
        assert_eq!((samples[0].value, samples[1].value), (2.5, 1.0));
        assert!(samples[2].value.is_infinite() && samples[2].label("x").is_empty());
        assert_eq!(named(&samples, "u").count(), 1);
    }

    #[test]
    fn a_broken_line_is_an_error_that_shows_it() {
        for line in ["a{x=\"1\" 2", "a{x=1} 2", "a two", "a"] {
            let said = parse(line).unwrap_err();
            assert!(said.contains(line), "{said}");
        }
    }
}

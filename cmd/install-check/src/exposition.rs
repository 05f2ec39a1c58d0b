//! The collector's metrics page: Prometheus' text format.

/// One sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Metric name.
    pub name: String,
    /// Labels in their order.
    pub labels: Vec<(String, String)>,
    /// Value.
    pub value: f64,
}

impl Sample {
    /// A label's value, "" where it is not there (as Prometheus has it).
    #[must_use]
    pub fn label(&self, name: &str) -> &str {
        (self.labels.iter())
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    }
}

/// Every sample whose name starts with `prefix`. The prefix, since the reader's settings decide on
/// the suffix (`_total`, a unit). A line that cannot be read is left out.
#[must_use]
pub fn samples(page: &str, prefix: &str) -> Vec<Sample> {
    page.lines()
        .filter(|line| line.starts_with(prefix))
        .filter_map(line)
        .collect()
}

fn line(text: &str) -> Option<Sample> {
    let end = text.find(['{', ' '])?;
    let (name, mut rest) = text.split_at(end);
    let mut labels = Vec::new();
    if let Some(mut inside) = rest.strip_prefix('{') {
        loop {
            inside = inside.trim_start_matches([',', ' ']);
            if let Some(after) = inside.strip_prefix('}') {
                rest = after;
                break;
            }
            let (key, after) = inside.split_once("=\"")?;
            let (value, after) = quoted(after)?;
            labels.push((key.to_owned(), value));
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
    fn samples_are_read_with_escapes_and_without_labels() {
        let page = "# TYPE a counter\na_total{x=\"1\",y=\"q\\\"\\n,}\"} 2.5\na 1 1700000000\nb 3\n";
        let read = samples(page, "a");
        assert_eq!(read[0].label("y"), "q\"\n,}");
        assert_eq!((read[0].value, read[1].value, read.len()), (2.5, 1.0, 2));
        assert_eq!(read[1].label("y"), "");
    }

    #[test]
    fn a_broken_line_is_left_out() {
        assert_eq!(samples("a{x=\"1\" 2\na{x=\"1\"} two\na", "a"), []);
    }
}

//! Small questions to servers on loopback.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

/// GET, 2 s at most; the body as text.
///
/// # Errors
/// When nothing answers or the status is not 2xx.
pub fn get(url: &str) -> Result<String> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(2)))
        .build();
    let agent: ureq::Agent = config.into();
    let mut answer = agent
        .get(url)
        .call()
        .with_context(|| format!("GET {url}"))?;
    answer
        .body_mut()
        .with_config()
        .limit(64 << 20)
        .read_to_string()
        .with_context(|| format!("GET {url}"))
}

/// One sample of a metrics page or of a query's answer.
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

/// Samples of a metrics page in the text format; lines it cannot read are an error.
///
/// # Errors
/// When a line is neither a comment nor `name{labels} value [time]`.
pub fn parse_metrics(text: &str) -> Result<Vec<Sample>> {
    text.lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .map(|line| parse_line(line).ok_or_else(|| anyhow!("not a metric line: {line}")))
        .collect()
}

fn parse_line(line: &str) -> Option<Sample> {
    let end = line.find(['{', ' '])?;
    let name = line[..end].to_owned();
    let mut labels = BTreeMap::new();
    let mut rest = &line[end..];
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
        name,
        labels,
        value,
    })
}

/// Text up to the closing quote, unescaped, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

/// Prometheus's HTTP API.
#[derive(Debug, Clone)]
pub struct Prometheus {
    /// As `http://127.0.0.1:9090`.
    pub url: String,
}

/// One active alert.
#[derive(Debug, Clone, Deserialize)]
pub struct Alert {
    /// All labels, `alertname` among them.
    pub labels: BTreeMap<String, String>,
    /// Annotations, templates filled in.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// `pending` or `firing`.
    pub state: String,
}

impl Alert {
    /// The alert's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.labels.get("alertname").map_or("", String::as_str)
    }
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}
#[derive(Deserialize)]
struct Vector {
    result: Vec<Entry>,
}
#[derive(Deserialize)]
struct Entry {
    metric: BTreeMap<String, String>,
    value: (f64, String),
}
#[derive(Deserialize)]
struct Alerts {
    alerts: Vec<Alert>,
}

impl Prometheus {
    fn ask<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T> {
        let url = format!("{}{path}", self.url);
        let answer: Answer<T> = serde_json::from_str(&get(&url)?)
            .with_context(|| format!("{url}: not an answer of Prometheus's API"))?;
        Ok(answer.data)
    }

    /// An instant query whose answer is a vector.
    ///
    /// # Errors
    /// When Prometheus refuses or answers something else.
    pub fn query(&self, expression: &str) -> Result<Vec<Sample>> {
        let vector: Vector = self.ask(&format!("/api/v1/query?query={}", percent(expression)))?;
        let mut samples = Vec::with_capacity(vector.result.len());
        for Entry {
            mut metric,
            value: (_, text),
        } in vector.result
        {
            let name = metric.remove("__name__").unwrap_or_default();
            let Ok(value) = text.parse() else {
                bail!("{expression}: value '{text}' is no number")
            };
            samples.push(Sample {
                name,
                labels: metric,
                value,
            });
        }
        Ok(samples)
    }

    /// All alerts that are pending or firing.
    ///
    /// # Errors
    /// When Prometheus does not answer.
    pub fn alerts(&self) -> Result<Vec<Alert>> {
        Ok(self.ask::<Alerts>("/api/v1/alerts")?.alerts)
    }
}

fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, b| {
        if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) {
            out.push(b.into());
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metric_lines_are_read_with_escapes_and_without_labels() {
        let text = "# TYPE a counter\na{x=\"1\",y=\"q\\\"\\n,}\"} 2.5\nup 1 1700000000\nb{} +Inf\n";
        let samples = parse_metrics(text).unwrap();
        assert_eq!(samples[0].label("y"), "q\"\n,}");
        assert_eq!((samples[0].value, samples[1].value), (2.5, 1.0));
        assert!(samples[2].value.is_infinite() && samples[2].label("x").is_empty());
    }

    #[test]
    fn a_broken_metric_line_is_an_error_that_shows_it() {
        for line in ["a{x=\"1\" 2", "a{x=1} 2", "a two", "a"] {
            let said = parse_metrics(line).unwrap_err().to_string();
            assert!(said.contains(line), "{said}");
        }
    }

    #[test]
    fn expressions_are_escaped() {
        assert_eq!(percent("up{a=\"b\"}+1"), "up%7Ba%3D%22b%22%7D%2B1");
    }
}

//! A metrics page, and Prometheus's HTTP API.

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow, bail};
pub use install_check::exposition::Sample;
use install_check::{exposition, net};
use serde::Deserialize;

use super::get;

/// Samples of a metrics page in the text format; lines it cannot read are an error.
///
/// # Errors
/// When a line is neither a comment nor `name{labels} value [time]`.
pub fn parse_metrics(text: &str) -> Result<Vec<Sample>> {
    exposition::parse(text).map_err(|e| anyhow!(e))
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
        let vector: Vector =
            self.ask(&format!("/api/v1/query?query={}", net::percent(expression)))?;
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

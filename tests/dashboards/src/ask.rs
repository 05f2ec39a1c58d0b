//! Queries as a dashboard asks them, and what Prometheus counts meanwhile.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::http;
use serde_json::Value;

/// How long an answer may take: the largest reads tens of millions of samples.
const LIMIT: Duration = Duration::from_secs(120);

/// A series of an answer.
#[derive(Debug, Clone)]
pub struct Series {
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Unix seconds and values.
    pub values: Vec<(f64, f64)>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its series.
    pub series: Vec<Series>,
    /// Samples that the query read.
    pub samples: u64,
}

/// Over time: from `start` to `end` in steps, all in seconds.
///
/// # Errors
/// When Prometheus refuses the query.
pub fn range(url: &str, query: &str, (start, end): (u64, u64), step: u64) -> Result<Answer> {
    let query = encoded(query);
    let path = format!(
        "{url}/api/v1/query_range?query={query}&start={start}&end={end}&step={step}&stats=1"
    );
    read(&path)
}

/// At one moment.
///
/// # Errors
/// When Prometheus refuses the query.
pub fn at(url: &str, query: &str, time: u64) -> Result<Answer> {
    read(&format!(
        "{url}/api/v1/query?query={}&time={time}&stats=1",
        encoded(query)
    ))
}

fn read(url: &str) -> Result<Answer> {
    let body: Value = serde_json::from_str(&http::get_within(url, LIMIT)?)?;
    ensure!(body["status"] == "success", "{url}: {body}");
    let samples = body["data"]["stats"]["samples"]["totalQueryableSamples"].as_u64();
    let mut series = Vec::new();
    for result in body["data"]["result"].as_array().into_iter().flatten() {
        let labels = serde_json::from_value(result["metric"].clone()).unwrap_or_default();
        let one = result["value"]
            .as_array()
            .map(|_| vec![result["value"].clone()]);
        let pairs = one
            .or_else(|| result["values"].as_array().cloned())
            .unwrap_or_default();
        let values = pairs
            .iter()
            .filter_map(|pair| Some((pair[0].as_f64()?, pair[1].as_str()?.parse().ok()?)));
        series.push(Series {
            labels,
            values: values.collect(),
        });
    }
    Ok(Answer {
        series,
        samples: samples.context("an answer without stats")?,
    })
}

/// For a URL's query.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

//! OTLP/JSON lines (one `ExportTraceServiceRequest` a line, as the collector's file exporter writes
//! it) and OTLP over gRPC.
//!
//! A line is kept as [`serde_json::Value`], so that a test can judge what was said without the
//! protocol's messages; only sending over gRPC goes through them.

#[cfg(feature = "full")]
mod grpc;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

#[cfg(feature = "full")]
pub use grpc::{Message, Sender, to_bytes, to_message};

/// Reads OTLP/JSON lines; empty lines are skipped.
///
/// # Errors
/// Names file and line of the first that is no JSON object with `resourceSpans`.
pub fn read_lines(path: &Path) -> Result<Vec<Value>> {
    let text =
        fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    parse_lines(&text).with_context(|| path.display().to_string())
}

/// As [`read_lines`], from text.
///
/// # Errors
/// Names the first bad line.
pub fn parse_lines(text: &str) -> Result<Vec<Value>> {
    let mut requests = Vec::new();
    for (n, line) in text
        .lines()
        .enumerate()
        .filter(|(_, l)| !l.trim().is_empty())
    {
        let value: Value =
            serde_json::from_str(line).with_context(|| format!("line {}: not JSON", n + 1))?;
        if !value["resourceSpans"].is_array() {
            bail!(
                "line {}: expected an OTLP/JSON trace export, an object with the list resourceSpans",
                n + 1
            );
        }
        requests.push(value);
    }
    Ok(requests)
}

/// Writes requests as lines.
///
/// # Errors
/// When the file cannot be written.
pub fn write_lines<'a>(path: &Path, requests: impl IntoIterator<Item = &'a Value>) -> Result<()> {
    let text: String = requests.into_iter().map(|r| format!("{r}\n")).collect();
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

/// One span in its place: `(resource, scope, span)` as JSON.
pub type Placed<'a> = (&'a Value, &'a Value, &'a Value);

/// All spans of a request, in order.
pub fn spans(request: &Value) -> impl Iterator<Item = Placed<'_>> {
    list(request, "resourceSpans").flat_map(|rs| {
        list(rs, "scopeSpans")
            .flat_map(move |ss| list(ss, "spans").map(move |s| (&rs["resource"], &ss["scope"], s)))
    })
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
}

/// A request of one span.
#[must_use]
pub fn request(resource: &Value, scope: &Value, span: &Value) -> Value {
    serde_json::json!({"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "spans": [span]}]}]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captured_spans_of_every_version_survive_the_protocols_messages() {
        let mut seen = 0;
        for capture in captures::traced().unwrap() {
            let version = capture.name();
            for line in read_lines(&capture.path("traces.jsonl")).unwrap() {
                let back = serde_json::to_value(to_message(&line).unwrap()).unwrap();
                for ((_, _, was), (_, _, is)) in spans(&line).zip(spans(&back)) {
                    for key in [
                        "traceId",
                        "spanId",
                        "name",
                        "kind",
                        "startTimeUnixNano",
                        "endTimeUnixNano",
                        "attributes",
                    ] {
                        assert_eq!(doubles(&was[key]), doubles(&is[key]), "{version} {key}");
                    }
                    seen += 1;
                }
                assert_eq!(spans(&line).count(), spans(&back).count());
            }
        }
        assert!(seen > 1500, "{seen}");
    }

    /// The value with every `doubleValue` as a double: JSON writes 1 and 1.0 for the same one.
    fn doubles(value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(doubles).collect(),
            Value::Object(fields) => fields
                .iter()
                .map(|(key, field)| match (key.as_str(), field.as_f64()) {
                    ("doubleValue", Some(double)) => (key.clone(), double.into()),
                    _ => (key.clone(), doubles(field)),
                })
                .collect(),
            other => other.clone(),
        }
    }

    #[test]
    fn a_bad_line_is_named() {
        for (text, said) in [
            ("{\"resourceSpans\":[]}\n\n{", "line 3: not JSON"),
            ("{\"resourceLogs\":[]}", "line 1: expected"),
        ] {
            let error = format!("{:#}", parse_lines(text).unwrap_err());
            assert!(error.contains(said), "{error}");
        }
    }
}

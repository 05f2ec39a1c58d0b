//! Recorded spans: OTLP/JSON lines as the collector's file exporter writes them, and the documents
//! that Jaeger (`/api/traces`, `/api/v3/traces`) and Tempo (`/api/traces/ID`, `/api/v2/traces/ID`)
//! give out.

use std::io::BufRead;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value as Json;

use crate::trace::{self, Span, Value};

/// A span with what a trial needs besides.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The id of its trace.
    pub trace_id: [u8; 16],
    /// Its end, unix nanoseconds.
    pub end: u64,
    /// Its size as JSON, without its resource.
    pub bytes: u64,
    /// What the policy can see.
    pub span: Span,
}

/// Reads the documents of a file one after the other and gives the spans of each to `take`: for
/// OTLP/JSON lines, an export; else all. `read` is told how many bytes were read so far.
///
/// # Errors
/// Names the first line that is none of the known forms.
pub fn read(
    mut from: impl BufRead,
    read: &mut dyn FnMut(u64),
    take: &mut dyn FnMut(Vec<Recorded>),
) -> Result<()> {
    let (mut text, mut line, mut bytes) = (String::new(), 0usize, 0u64);
    loop {
        text.clear();
        line += 1;
        let length = from
            .read_line(&mut text)
            .with_context(|| format!("line {line}"))?;
        if length == 0 {
            return Ok(());
        }
        bytes += length as u64;
        if !text.trim().is_empty() {
            let document = match serde_json::from_str::<Json>(&text) {
                Ok(document) => document,
                // One document over many lines: the rest of it is the rest of the file.
                Err(error) if error.is_eof() => {
                    from.read_to_string(&mut text)
                        .with_context(|| format!("line {line}"))?;
                    bytes += (text.len() - length) as u64;
                    serde_json::from_str(&text)
                        .with_context(|| format!("from line {line} on: not JSON"))?
                }
                Err(error) => return Err(error).context(format!("line {line}: not JSON")),
            };
            take(spans(&document).with_context(|| format!("line {line}"))?);
        }
        read(bytes);
    }
}

/// The spans of a document, in its order; those of a store, which has none, by their end.
///
/// # Errors
/// When it has none of the known forms, or a span without an id or an end.
pub fn spans(document: &Json) -> Result<Vec<Recorded>> {
    let otlp = [
        ("/resourceSpans", true),
        ("/trace/resourceSpans", false),
        ("/result/resourceSpans", false),
        ("/batches", false),
        ("/trace/batches", false),
    ];
    for (at, in_order) in otlp {
        if let Some(Json::Array(resources)) = document.pointer(at) {
            let mut spans = Vec::new();
            for resource in resources {
                of_resource(resource, &mut spans)?;
            }
            if !in_order {
                spans.sort_by_key(|span| span.end);
            }
            return Ok(spans);
        }
    }
    let Some(Json::Array(traces)) = document.pointer("/data") else {
        bail!(
            "found none of resourceSpans (OTLP/JSON), batches (Tempo) and data (Jaeger); expected \
             an export of spans, or a trace as Jaeger or Tempo gives it out"
        );
    };
    let mut spans = Vec::new();
    for trace in traces {
        of_jaeger(trace, &mut spans)?;
    }
    spans.sort_by_key(|span| span.end);
    Ok(spans)
}

fn list<'a>(json: &'a Json, key: &str) -> impl Iterator<Item = &'a Json> {
    json[key].as_array().into_iter().flatten()
}

fn of_resource(of: &Json, spans: &mut Vec<Recorded>) -> Result<()> {
    let resource = Arc::new(trace::attributes(&of["resource"]["attributes"]));
    // Tempo before 2.0 has the names of OTLP before 0.19.
    let scopes = list(of, "scopeSpans").map(|of| (of, &of["scope"]));
    let older =
        list(of, "instrumentationLibrarySpans").map(|of| (of, &of["instrumentationLibrary"]));
    for (of, scope) in scopes.chain(older) {
        for span in list(of, "spans") {
            let end = &span["endTimeUnixNano"];
            let end = end.as_str().map_or(end.as_u64(), |text| text.parse().ok());
            spans.push(Recorded {
                trace_id: trace_id(&span["traceId"])?,
                end: end.context("a span without endTimeUnixNano")?,
                bytes: span.to_string().len() as u64,
                span: Span {
                    resource: Arc::clone(&resource),
                    ..Span::from_json(&Json::Null, scope, span)
                },
            });
        }
    }
    Ok(())
}

/// A trace id: 32 hexadecimal digits, fewer where a store leaves zeros out, or base64 of 16 bytes.
fn trace_id(id: &Json) -> Result<[u8; 16]> {
    let text = id.as_str().context("a span without a traceId")?;
    let hex = u128::from_str_radix(text, 16)
        .ok()
        .filter(|_| text.len() <= 32);
    let id = match hex {
        Some(id) => Some(id),
        None => base64(text).and_then(|bytes| Some(u128::from_be_bytes(bytes.try_into().ok()?))),
    };
    let id = id.with_context(|| {
        format!("traceId: found {text:?}; expected 32 hexadecimal digits, or base64 of 16 bytes")
    })?;
    ensure!(id != 0, "traceId: found zeros alone");
    Ok(id.to_be_bytes())
}

/// Six bits a character. An id is all that is ever base64 here.
fn base64(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for c in text.trim_end_matches('=').bytes() {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Some(bytes)
}

fn of_jaeger(trace: &Json, spans: &mut Vec<Recorded>) -> Result<()> {
    for span in list(trace, "spans") {
        let process = match &span["process"] {
            Json::Null => &trace["processes"][span["processID"].as_str().unwrap_or_default()],
            own => own,
        };
        let mut resource = tags(&process["tags"]);
        if let Some(name) = process["serviceName"].as_str() {
            resource.push(("service.name".to_owned(), Value::Text(name.to_owned())));
        }
        let attributes = tags(&span["tags"]);
        let text = |keys: [&str; 2]| {
            let found = keys
                .iter()
                .find_map(|key| trace::attribute(&attributes, key));
            match found {
                Some(Value::Text(text)) => text.clone(),
                _ => String::new(),
            }
        };
        let micros = |key: &str| {
            span[key]
                .as_u64()
                .with_context(|| format!("a span without {key}"))
        };
        spans.push(Recorded {
            trace_id: trace_id(&span["traceID"])?,
            end: (micros("startTime")? + micros("duration")?) * 1000,
            bytes: span.to_string().len() as u64,
            span: Span {
                name: span["operationName"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
                scope: text(["otel.scope.name", "otel.library.name"]),
                status: if failed(&span["tags"]) { 2 } else { 0 },
                attributes,
                resource: Arc::new(resource),
            },
        });
    }
    Ok(())
}

/// What Jaeger makes of OTLP's status ERROR.
fn failed(tags: &Json) -> bool {
    tags.as_array().into_iter().flatten().any(|tag| {
        (tag["key"] == "error" && tag["value"] == true)
            || (tag["key"] == "otel.status_code" && tag["value"] == "ERROR")
    })
}

fn tags(tags: &Json) -> trace::Attributes {
    let tags = tags.as_array().into_iter().flatten();
    tags.map(|tag| {
        let value = match &tag["value"] {
            Json::String(text) => Value::Text(text.clone()),
            // A float64 of Jaeger may be written without a fraction.
            Json::Number(number) if tag["type"] == "float64" || number.is_f64() => {
                Value::Double(number.as_f64().unwrap_or(f64::NAN))
            }
            Json::Number(number) => number.as_i64().map_or(Value::Other, Value::Int),
            _ => Value::Other,
        };
        (tag["key"].as_str().unwrap_or_default().to_owned(), value)
    })
    .collect()
}

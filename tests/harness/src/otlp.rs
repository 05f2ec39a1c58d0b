//! OTLP/JSON lines (one `ExportTraceServiceRequest` a line, as the collector's file exporter writes
//! it) and OTLP over gRPC.
//!
//! A line is kept as [`serde_json::Value`], so that a test can judge what was said without the
//! protocol's messages; only sending goes through them.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::{Buf, BufMut};
pub use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest as Message;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use prost::Message as _;
use serde_json::Value;
use tokio::runtime::Runtime;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};

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

/// The protocol's message of a JSON line.
///
/// # Errors
/// When a field has not the type that OTLP/JSON gives it.
pub fn to_message(request: &Value) -> Result<Message> {
    serde_json::from_value(request.clone()).context("not an OTLP/JSON trace export")
}

/// The bytes of a message, in which `mark` is replaced by bytes of the same length: by some that are
/// no UTF-8, which a message here cannot have.
///
/// # Errors
/// As [`to_message`], and where the lengths differ.
pub fn to_bytes(request: &Value, mark: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut all = to_message(request)?.encode_to_vec();
    if mark.len() != bytes.len() {
        bail!("{mark}: {} bytes to replace it by", bytes.len());
    }
    let mut at = 0;
    while let Some(next) = all[at..]
        .windows(mark.len())
        .position(|w| w == mark.as_bytes())
    {
        at += next;
        all[at..at + bytes.len()].copy_from_slice(bytes);
    }
    Ok(all)
}

/// Sends exports over gRPC, one after the other, from ordinary (not async) code.
#[derive(Debug)]
pub struct Sender {
    runtime: Runtime,
    client: TraceServiceClient<Channel>,
    channel: Channel,
}

/// Bytes as they are; of the answer nothing.
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = ();
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = ();
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<()>, Status> {
        buffer.advance(buffer.remaining());
        Ok(Some(()))
    }
}

impl Sender {
    /// Connects to `127.0.0.1:port`.
    ///
    /// # Errors
    /// When nothing listens there.
    pub fn connect(port: u16) -> Result<Self> {
        Self::connect_to(&format!("http://127.0.0.1:{port}"))
    }

    /// Connects to a receiver at `http://host:port`.
    ///
    /// # Errors
    /// When that is no address, or nothing listens there.
    pub fn connect_to(url: &str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let endpoint = Endpoint::from_shared(url.to_owned())?.timeout(Duration::from_secs(60));
        let channel = runtime
            .block_on(endpoint.connect())
            .with_context(|| format!("OTLP receiver at {url}"))?;
        Ok(Self {
            runtime,
            client: TraceServiceClient::new(channel.clone()),
            channel,
        })
    }

    /// Sends one export and waits for the receiver's word.
    ///
    /// # Errors
    /// When the receiver refuses it, wholly or in part.
    pub fn send(&mut self, request: &Value) -> Result<()> {
        self.send_message(to_message(request)?)
    }

    /// Sends these bytes in place of a message, as a sender does who means harm; the receiver's status
    /// where it refuses them.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> Result<Result<(), Status>> {
        let path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
        let mut client = tonic::client::Grpc::new(self.channel.clone());
        self.runtime.block_on(async {
            client.ready().await.context("OTLP export")?;
            let path = PathAndQuery::from_static(path);
            let request = tonic::Request::new(bytes.to_vec());
            Ok(client.unary(request, path, Raw).await.map(drop))
        })
    }

    /// As [`Sender::send`], of what is a message already.
    ///
    /// # Errors
    /// When the receiver refuses it, wholly or in part.
    pub fn send_message(&mut self, message: Message) -> Result<()> {
        let answer = self
            .runtime
            .block_on(self.client.export(message))
            .context("OTLP export")?
            .into_inner();
        match answer.partial_success {
            Some(p) if p.rejected_spans > 0 => bail!(
                "the receiver rejected {} spans: {}",
                p.rejected_spans,
                p.error_message
            ),
            _ => Ok(()),
        }
    }
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

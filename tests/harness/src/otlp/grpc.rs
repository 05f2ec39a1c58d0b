//! The protocol's own messages, and OTLP over gRPC.

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

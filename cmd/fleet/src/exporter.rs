//! Sends spans over OTLP/gRPC as the SDK's batch processor does: every few seconds, or when many wait.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::trace::v1::ResourceSpans;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};

/// The SDK's own time between exports.
pub const SCHEDULE_DELAY: Duration = Duration::from_secs(5);

/// Spans of one export at most.
const BATCH: usize = 512;

/// Tries of an export, with doubled pauses between them, before its spans are given up.
const TRIES: u32 = 6;

/// The sending end.
#[derive(Debug)]
pub struct Exporter {
    spans: mpsc::UnboundedSender<ResourceSpans>,
    task: JoinHandle<()>,
}

impl Exporter {
    /// Begins to send to `endpoint` (`http://host:4317` or `host:4317`); connects when there is
    /// something to send.
    ///
    /// # Errors
    /// When the endpoint is no address, or asks for TLS.
    pub fn start(endpoint: &str, delay: Duration) -> Result<Self> {
        if endpoint.starts_with("https://") {
            bail!(
                "--otlp-traces-endpoint: found '{endpoint}'; this simulator has no TLS, expected http://HOST:PORT"
            );
        }
        let uri = if endpoint.contains("://") {
            endpoint.to_owned()
        } else {
            format!("http://{endpoint}")
        };
        let channel = Endpoint::from_shared(uri)
            .with_context(|| {
                format!("--otlp-traces-endpoint: found '{endpoint}', expected http://HOST:PORT")
            })?
            .timeout(Duration::from_secs(10))
            .connect_lazy();
        let (spans, received) = mpsc::unbounded_channel();
        let task = tokio::spawn(run(TraceServiceClient::new(channel), received, delay));
        Ok(Self { spans, task })
    }

    /// Hands spans over.
    pub fn send(&self, spans: ResourceSpans) {
        // The receiving end lives as long as this one.
        let _ = self.spans.send(spans);
    }

    /// Sends what waits, `limit` long at most.
    pub async fn stop(self, limit: Duration) {
        drop(self.spans);
        let _ = tokio::time::timeout(limit, self.task).await;
    }
}

async fn run(
    mut client: TraceServiceClient<Channel>,
    mut received: mpsc::UnboundedReceiver<ResourceSpans>,
    delay: Duration,
) {
    let mut ticks = tokio::time::interval(delay.max(Duration::from_millis(10)));
    // By process and scope: one export speaks of one resource, as a process's own does.
    let mut waiting: BTreeMap<String, Vec<ResourceSpans>> = BTreeMap::new();
    loop {
        tokio::select! {
            next = received.recv() => match next {
                Some(spans) => {
                    let key = instance(&spans);
                    let queue = waiting.entry(key.clone()).or_default();
                    add(queue, spans);
                    if count(queue) >= BATCH {
                        export(&mut client, waiting.remove(&key).unwrap_or_default()).await;
                    }
                }
                None => break,
            },
            _ = ticks.tick() => {
                for queue in std::mem::take(&mut waiting).into_values() {
                    export(&mut client, queue).await;
                }
            }
        }
    }
    for queue in waiting.into_values() {
        export(&mut client, queue).await;
    }
}

fn instance(spans: &ResourceSpans) -> String {
    let attributes = spans.resource.iter().flat_map(|r| &r.attributes);
    attributes
        .filter(|attribute| attribute.key == "service.instance.id")
        .map(|attribute| format!("{:?}", attribute.value))
        .collect()
}

/// Adds spans to the list of the same scope.
fn add(queue: &mut Vec<ResourceSpans>, spans: ResourceSpans) {
    let scope = |s: &ResourceSpans| s.scope_spans.first().and_then(|s| s.scope.clone());
    match queue.first_mut() {
        Some(first)
            if first.scope_spans.len() == 1
                && spans.scope_spans.len() == 1
                && scope(first) == scope(&spans) =>
        {
            let more = spans.scope_spans.into_iter().flat_map(|s| s.spans);
            first.scope_spans[0].spans.extend(more);
        }
        Some(first) => first.scope_spans.extend(spans.scope_spans),
        None => queue.push(spans),
    }
}

fn count(queue: &[ResourceSpans]) -> usize {
    let scopes = queue.iter().flat_map(|r| &r.scope_spans);
    scopes.map(|s| s.spans.len()).sum()
}

async fn export(client: &mut TraceServiceClient<Channel>, resource_spans: Vec<ResourceSpans>) {
    let spans = count(&resource_spans);
    let message = ExportTraceServiceRequest { resource_spans };
    let mut pause = Duration::from_millis(500);
    for attempt in 1..=TRIES {
        match client.export(message.clone()).await {
            Ok(_) => return,
            Err(status) if attempt == TRIES => {
                eprintln!("traces: {spans} spans were not sent: {status}");
            }
            Err(_) => tokio::time::sleep(pause).await,
        }
        pause *= 2;
    }
}

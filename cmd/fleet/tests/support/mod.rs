//! An OTLP receiver that keeps what it was sent, as OTLP/JSON.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use harness::otlp;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use serde_json::Value;
use tonic::{Request, Response, Status};

#[derive(Clone, Default)]
struct Store(Arc<Mutex<Vec<Value>>>);

#[tonic::async_trait]
impl TraceService for Store {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let export = serde_json::to_value(request.into_inner()).unwrap();
        self.0.lock().unwrap().push(export);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

/// A received span.
pub struct Received {
    resource: Value,
    /// The span.
    pub span: Value,
}

impl Received {
    fn of<'a>(attributes: &'a Value, key: &str) -> &'a Value {
        let list = attributes.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter()
            .find(|a| a["key"] == key)
            .map_or(&Value::Null, |a| &a["value"])
    }

    /// A text attribute of its resource.
    pub fn resource(&self, key: &str) -> String {
        let value = Self::of(&self.resource["attributes"], key);
        value["stringValue"].as_str().unwrap_or_default().to_owned()
    }

    /// An attribute's value.
    pub fn attribute(&self, key: &str) -> &Value {
        Self::of(&self.span["attributes"], key)
    }
}

/// It runs until the test ends.
pub struct Receiver {
    /// On loopback.
    pub port: u16,
    store: Store,
    _runtime: tokio::runtime::Runtime,
}

impl Receiver {
    /// Listens on a free port.
    pub fn start() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let store = Store::default();
        let service = TraceServiceServer::new(store.clone());
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let incoming = tonic::transport::server::TcpIncoming::from(listener);
            let server = tonic::transport::Server::builder().add_service(service);
            server.serve_with_incoming(incoming).await.unwrap();
        });
        Self {
            port,
            store,
            _runtime: runtime,
        }
    }

    /// All spans so far.
    pub fn spans(&self) -> Vec<Received> {
        let exports = self.store.0.lock().unwrap();
        let placed = exports.iter().flat_map(otlp::spans);
        placed
            .map(|(resource, _, span)| Received {
                resource: resource.clone(),
                span: span.clone(),
            })
            .collect()
    }

    /// Those of requests.
    pub fn requests(&self) -> Vec<Received> {
        let mut spans = self.spans();
        spans.retain(|received| received.span["name"] == "llm_request");
        spans
    }
}

//! An OTLP receiver (gRPC) that keeps each export request as one line of OTLP/JSON.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use tonic::codec::CompressionEncoding;
use tonic::{Request, Response, Status};

/// The name of vLLM's span of a request.
const REQUEST: &str = "llm_request";

#[derive(Debug, Default)]
struct Kept {
    lines: Vec<String>,
    requests: usize,
}

#[derive(Clone, Default)]
struct Store(Arc<Mutex<Kept>>);

#[tonic::async_trait]
impl TraceService for Store {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let export = request.into_inner();
        let line = serde_json::to_string(&export).map_err(|e| Status::internal(e.to_string()))?;
        let scopes = export
            .resource_spans
            .iter()
            .flat_map(|group| &group.scope_spans);
        let requests = scopes
            .flat_map(|scope| &scope.spans)
            .filter(|span| span.name == REQUEST);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.requests += requests.count();
        kept.lines.push(line);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

/// It listens until it is dropped.
pub struct Receiver {
    store: Store,
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

impl Receiver {
    /// Listens for OTLP over gRPC.
    ///
    /// # Errors
    /// If the address is taken.
    pub fn start(address: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(address).with_context(|| {
            format!("OTLP receiver: {address} is not free; choose another with --otlp")
        })?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let store = Store::default();
        let service =
            TraceServiceServer::new(store.clone()).accept_compressed(CompressionEncoding::Gzip);
        let guard = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        drop(guard);
        runtime.spawn(async move {
            let incoming = tonic::transport::server::TcpIncoming::from(listener);
            let server = tonic::transport::Server::builder().add_service(service);
            server.serve_with_incoming(incoming).await
        });
        Ok(Self {
            store,
            address,
            _runtime: runtime,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Requests whose span arrived.
    pub(crate) fn requests(&self) -> usize {
        self.store
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .requests
    }

    /// What arrived, one export request a line.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.store
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .lines
            .clone()
    }
}

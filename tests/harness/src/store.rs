//! A store of traces that answers as a test wants: OTLP over HTTP, on loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

/// Bytes of the largest request that is taken: the default of gRPC, which most stores leave as it is.
const LARGEST: usize = 4 << 20;

/// A running store. It refuses, as strict readers of protobuf do, a request with a text that is no UTF-8. Its threads end with the process.
#[derive(Debug)]
pub struct Store {
    /// Its port on 127.0.0.1.
    pub port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    status: AtomicU16,
    rejects: AtomicU8,
    takes: Duration,
    requests: AtomicUsize,
    ids: Mutex<Vec<String>>,
}

impl Store {
    /// Starts one that gives each request this status, after this long. Port 0 is any free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn start(port: u16, status: u16, takes: Duration) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).context("a store's port")?;
        let shared = Arc::new(Shared {
            status: AtomicU16::new(status),
            rejects: AtomicU8::new(0),
            takes,
            requests: AtomicUsize::new(0),
            ids: Mutex::default(),
        });
        let port = listener.local_addr()?.port();
        let of = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&of);
                // A connection that breaks is the sender's to mend.
                thread::spawn(move || drop(serve(&stream, &shared)));
            }
        });
        Ok(Self { port, shared })
    }

    /// The status from now on.
    pub fn answer(&self, status: u16) {
        self.shared.status.store(status, Ordering::SeqCst);
    }

    /// Says of so many spans of each request from now on, below 128, that they are rejected: with status 200, in
    /// `partial_success`.
    pub fn reject(&self, spans: u8) {
        self.shared.rejects.store(spans, Ordering::SeqCst);
    }

    /// Requests so far, refused ones too.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// The trace id of each span that was taken, in hexadecimal; of one sent twice it is there twice.
    #[must_use]
    pub fn taken(&self) -> Vec<String> {
        let ids = self.shared.ids.lock();
        ids.map(|ids| ids.clone()).unwrap_or_default()
    }
}

fn serve(stream: &TcpStream, shared: &Shared) -> Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut length, mut gzip, mut lines) = (0, false, 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() && lines > 0 {
                break;
            }
            lines += 1;
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            gzip |= line.starts_with("content-encoding:") && line.ends_with("gzip");
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        shared.requests.fetch_add(1, Ordering::SeqCst);
        thread::sleep(shared.takes);
        let status = shared.status.load(Ordering::SeqCst);
        if status == 200 {
            if gzip {
                let mut plain = Vec::new();
                GzDecoder::new(body.as_slice()).read_to_end(&mut plain)?;
                body = plain;
            }
            let request = match ExportTraceServiceRequest::decode(body.as_slice()) {
                _ if body.len() > LARGEST => Err(413),
                Ok(request) => Ok(request),
                Err(_) => Err(400),
            };
            let request = match request {
                Ok(request) => request,
                Err(status) => {
                    answer(stream, status, &[])?;
                    continue;
                }
            };
            let spans = request.resource_spans.iter().flat_map(|r| &r.scope_spans);
            let ids = spans.flat_map(|s| &s.spans).map(|s| {
                let bytes = s.trace_id.iter();
                bytes.map(|byte| format!("{byte:02x}")).collect::<String>()
            });
            if let Ok(mut all) = shared.ids.lock() {
                all.extend(ids);
            }
        }
        // ExportTraceServiceResponse{partial_success: {rejected_spans}}.
        match shared.rejects.load(Ordering::SeqCst) {
            0 => answer(stream, status, &[])?,
            spans => answer(stream, status, &[0x0a, 2, 0x08, spans])?,
        }
    }
}

fn answer(mut stream: &TcpStream, status: u16, body: &[u8]) -> Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status} answer\r\nContent-Type: application/x-protobuf\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )?;
    stream.write_all(body)?;
    Ok(())
}

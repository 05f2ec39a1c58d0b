//! Replicas that answer `/metrics` with what a real vLLM answered, body after body.

use std::io::Read;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

/// Time each captured body is served. They were captured every 5 s: the demo runs at 2.5 times the
/// speed.
const STEP: Duration = Duration::from_secs(2);

/// The model name in the captured bodies.
const CAPTURED_MODEL: &str = "qwen3-235b";

/// The bodies of a captured series with their unix seconds, in order of time.
///
/// # Errors
/// When the archive cannot be read or holds no body.
pub fn bodies(archive: &Path) -> Result<Vec<(u64, String)>> {
    let file = std::fs::File::open(archive).with_context(|| archive.display().to_string())?;
    let mut bodies = Vec::new();
    for entry in tar::Archive::new(flate2::read::GzDecoder::new(file)).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // scrape-<unix seconds>.txt; other forms of the same moment stand beside it.
        let Some(seconds) = name
            .strip_prefix("scrape-")
            .and_then(|name| name.strip_suffix(".txt"))
            .and_then(|seconds| seconds.parse::<u64>().ok())
        else {
            continue;
        };
        let mut body = String::new();
        entry.read_to_string(&mut body)?;
        bodies.push((seconds, body));
    }
    if bodies.is_empty() {
        bail!("{}: found no scrape-<seconds>.txt", archive.display());
    }
    bodies.sort_by_key(|(seconds, _)| *seconds);
    Ok(bodies)
}

/// A replica to serve.
#[derive(Debug, Clone)]
pub struct Replica {
    /// Name of its pod.
    pub pod: String,
    /// Name of the entry in `models`, which is its model_name too.
    pub model: &'static str,
    /// Its pod IP: an address of the loopback range, so that each replica has the same port.
    pub ip: Ipv4Addr,
    /// The part of the series it repeats: unix seconds of the capture.
    pub part: RangeInclusive<u64>,
    /// The body of that part with which it starts.
    pub offset: usize,
}

impl Replica {
    /// Serves the replica's `/metrics` from a thread of its own until the process ends.
    ///
    /// # Errors
    /// When the address is taken.
    pub fn serve(&self, port: u16, series: &[(u64, String)], start: Instant) -> Result<()> {
        let server = tiny_http::Server::http((self.ip, port)).map_err(|error| {
            anyhow!(
                "port {port} of {} is taken ({error}); {} needs it",
                self.ip,
                self.pod
            )
        })?;
        let bodies: Vec<String> = series
            .iter()
            .filter(|(seconds, _)| self.part.contains(seconds))
            .map(|(_, body)| body.replace(CAPTURED_MODEL, self.model))
            .collect();
        if bodies.is_empty() {
            bail!("{}: the capture has no body in {:?}", self.pod, self.part);
        }
        let offset = self.offset;
        std::thread::spawn(move || {
            for request in server.incoming_requests() {
                let step = (start.elapsed().as_millis() / STEP.as_millis()) as usize;
                let body = &bodies[(offset + step) % bodies.len()];
                let response = tiny_http::Response::from_string(body.as_str());
                // A scrape that went away meanwhile is Prometheus' to count.
                let _ = match request.url() {
                    "/metrics" => request.respond(response),
                    _ => request.respond(tiny_http::Response::empty(404)),
                };
            }
        });
        Ok(())
    }
}

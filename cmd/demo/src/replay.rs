//! Replicas that answer `/metrics` with what a real vLLM answered, body after body.

use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};

use crate::captured::{MODEL, QUIET_MODEL};

/// Time each captured body is served. They were captured every 5 s: the demo runs at 2.5 times the
/// speed.
const STEP: Duration = Duration::from_secs(2);

/// The model name in the captured bodies.
const CAPTURED_MODEL: &str = "qwen3-235b";

/// Of the capture, the phase with a full KV cache and preemptions.
const RUSH_HOUR: RangeInclusive<u64> = 1_795_489_090..=1_795_489_235;

/// Of the capture, a phase of short requests, one at a time.
const QUIET: RangeInclusive<u64> = 1_795_489_285..=1_795_489_340;

/// Three replicas of the first model, in the capture's rush hour; a fourth is expected and missing.
/// One replica of the second model, in a quiet phase.
#[must_use]
pub fn fleet() -> Vec<Replica> {
    let busy = |n: u8| Replica {
        pod: format!("{MODEL}-{n}"),
        model: MODEL,
        ip: Ipv4Addr::new(127, 0, 1, n),
        part: RUSH_HOUR,
        offset: 3 * usize::from(n),
    };
    let mut fleet: Vec<Replica> = (1..=3).map(busy).collect();
    fleet.push(Replica {
        pod: format!("{QUIET_MODEL}-1"),
        model: QUIET_MODEL,
        ip: Ipv4Addr::new(127, 0, 1, 11),
        part: QUIET,
        offset: 0,
    });
    fleet
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

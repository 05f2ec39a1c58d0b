//! Agents that call a model twice in one trace: fast, and long after that slowly. Beside the fleet, whose
//! requests are a trace each, they show that a slow request is kept however late in its trace it comes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use harness::otlp;
use serde_json::{Value, json};

use crate::captured::captured;
use crate::ledger::Ledger;

/// Between two agents.
const EVERY: Duration = Duration::from_secs(2);

/// From an agent's fast call to its slow one: more than twice the demo's `decisionWait`.
const PAUSE: Duration = Duration::from_secs(6);

/// What they send.
pub struct Agents {
    sender: otlp::Sender,
    /// A captured request: resource, scope, span.
    call: (Value, Value, Value),
    /// Traces whose slow call is due.
    due: VecDeque<(Instant, String)>,
    next: Instant,
    made: u64,
}

impl Agents {
    /// Agents that send to the collector's `port`.
    ///
    /// # Errors
    /// When nothing listens there, or the capture has no request.
    pub fn start(port: u16) -> Result<Self> {
        let exports = otlp::read_lines(&captured().join("traces.jsonl"))?;
        let mut spans = exports.iter().flat_map(otlp::spans);
        let (resource, scope, span) = spans
            .find(|(_, _, span)| span["name"] == "llm_request")
            .context("the capture holds no request")?;
        Ok(Self {
            call: (resource.clone(), scope.clone(), span.clone()),
            sender: otlp::Sender::connect(port)?,
            due: VecDeque::new(),
            next: Instant::now(),
            made: 0,
        })
    }

    /// Sends what is due.
    ///
    /// # Errors
    /// When the collector refuses it.
    pub fn tick(&mut self, ledger: &mut Ledger) -> Result<()> {
        let now = Instant::now();
        if now >= self.next {
            self.next = now + EVERY;
            self.made += 1;
            // No trace of the fleet's begins so.
            let trace = format!("a9e47a9e47000000{:016x}", self.made);
            self.send(&trace, 1, 0.5, ledger)?;
            self.due.push_back((now + PAUSE, trace));
        }
        while let Some((_, trace)) = self.due.pop_front_if(|(at, _)| now >= *at) {
            self.send(&trace, 2, 130.0, ledger)?;
            ledger.late.insert(trace);
        }
        Ok(())
    }

    fn send(&mut self, trace: &str, call: u64, seconds: f64, ledger: &mut Ledger) -> Result<()> {
        let (resource, scope, span) = &self.call;
        let mut span = span.clone();
        span["traceId"] = json!(trace);
        span["spanId"] = json!(format!("{call:08x}{:08x}", self.made));
        // The agent's own span, which it sends elsewhere.
        span["parentSpanId"] = json!("a9e47a9e47a9e47a");
        for attribute in span["attributes"].as_array_mut().into_iter().flatten() {
            let key = attribute["key"].as_str().unwrap_or_default();
            if key.starts_with("gen_ai.latency.") {
                attribute["value"] = json!({"doubleValue": seconds});
            }
        }
        let export = otlp::request(resource, scope, &span);
        self.sender.send(&export)?;
        ledger.note_export(&export);
        Ok(())
    }
}

//! What is sent: captured request spans, one trace each, with planted slow ones.

use std::collections::BTreeSet;

use anyhow::Result;
use harness::otlp::{self, Message};
use harness::repo;
use harness::traffic::{LIMITS, Traffic, slow_traces};
use serde_json::{Value, json};

/// Spans in one export, as a batching exporter sends them.
const BATCH: usize = 512;

/// Exports that are ready to be sent, and what must be kept of them.
pub struct Load {
    /// The exports.
    pub messages: Vec<Message>,
    /// Traces in them, of one span each.
    pub traces: usize,
    /// Ids of the slow traces, in hex.
    pub slow: BTreeSet<String>,
}

impl Load {
    /// Makes the traces from the capture of vLLM 0.32.
    ///
    /// # Errors
    /// When the capture cannot be read.
    pub fn new(traces: usize) -> Result<Self> {
        let capture = repo::root().join("tests/fixtures/vllm/0.32.0/traces.jsonl");
        let mut traffic = Traffic::new(&otlp::read_lines(&capture)?, 5)?;
        let (mut messages, mut slow) = (Vec::new(), BTreeSet::new());
        let mut made = 0;
        while made < traces {
            let batch: Vec<Value> = (0..BATCH.min(traces - made))
                .map(|_| Ok(traffic.next()?.export))
                .collect::<Result<_>>()?;
            made += batch.len();
            slow.extend(slow_traces(&batch, &LIMITS).into_keys());
            let lists: Vec<&Value> = batch
                .iter()
                .flat_map(|e| e["resourceSpans"].as_array())
                .flatten()
                .collect();
            messages.push(otlp::to_message(&json!({"resourceSpans": lists}))?);
        }
        Ok(Self {
            messages,
            traces,
            slow,
        })
    }
}

//! The latencies that values set limits for, and vLLM's histograms of them.

use vllm_catalog::{Bounds, Neighbours, family};

use super::look::duration;
use crate::sorted::sort;

/// A latency under `thresholds` and `slos`.
#[derive(Debug, Clone, Copy)]
pub struct Latency {
    /// Its key there.
    pub key: &'static str,
    /// The histogram that counts it.
    pub family: &'static str,
}

/// Those that a histogram counts. `decodeTime` is judged in spans, which have the exact time.
pub const LATENCIES: [Latency; 3] = [
    Latency {
        key: "e2eLatency",
        family: "vllm:e2e_request_latency_seconds",
    },
    Latency {
        key: "timeToFirstToken",
        family: "vllm:time_to_first_token_seconds",
    },
    Latency {
        key: "interTokenLatency",
        family: "vllm:inter_token_latency_seconds",
    },
];

impl Latency {
    /// The bounds of its buckets.
    pub fn bounds(self) -> Option<&'static Bounds> {
        family(self.family)?.bounds
    }

    /// The bounds on either side of a number of seconds.
    pub fn neighbours(self, seconds: f64) -> Option<Neighbours> {
        Some(self.bounds()?.neighbours(seconds))
    }

    /// The first and the last bound, in seconds.
    pub fn range(self) -> Option<(f64, f64)> {
        let finite = self.bounds()?.finite(0);
        Some((*finite.first()?, *finite.last()?))
    }
}

/// `20s or 40s`, the nearer first.
pub fn sides(near: Neighbours, seconds: f64) -> (Vec<f64>, String) {
    let mut bounds: Vec<f64> = [near.below, near.above].into_iter().flatten().collect();
    sort(&mut bounds, |a, b| {
        (a - seconds).abs().total_cmp(&(b - seconds).abs())
    });
    let texts: Vec<String> = bounds.iter().map(|b| duration(*b)).collect();
    (bounds, texts.join(" or "))
}

//! What vLLM's HTTP layer counts (`prometheus-fastapi-instrumentator`).

use vllm_catalog::{HTTP_BY_HANDLER, HTTP_HIGH_RESOLUTION};

use crate::model::Histogram;

/// One finished HTTP request.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// The route.
    pub handler: &'static str,
    /// GET or POST.
    pub method: &'static str,
    /// `2xx`, `4xx`, `5xx`.
    pub status: &'static str,
    /// Seconds.
    pub seconds: f64,
    /// Bytes of the request's body.
    pub request_bytes: u64,
    /// Bytes of the response's body.
    pub response_bytes: u64,
}

/// Number, sum, and when it began (seconds since 1970).
#[derive(Debug, Clone)]
pub struct Entry<K, V> {
    /// Its label values.
    pub key: K,
    /// What was counted.
    pub value: V,
    /// Seconds since 1970.
    pub created: f64,
}

/// All of it, in the order in which label values were first seen.
#[derive(Debug, Clone)]
pub struct HttpStats {
    /// By handler, method, status.
    pub requests: Vec<Entry<[&'static str; 3], u64>>,
    /// Requests and responses by handler: count, bytes of requests, bytes of responses.
    pub sizes: Vec<Entry<&'static str, [u64; 3]>>,
    /// Of all handlers.
    pub high_resolution: Histogram,
    /// By handler and method.
    pub durations: Vec<Entry<[&'static str; 2], Histogram>>,
}

impl Default for HttpStats {
    fn default() -> Self {
        Self {
            requests: Vec::new(),
            sizes: Vec::new(),
            high_resolution: Histogram::new(HTTP_HIGH_RESOLUTION.finite(0)),
            durations: Vec::new(),
        }
    }
}

impl HttpStats {
    /// Counts a call that ended at `now` (seconds since 1970).
    pub fn count(&mut self, call: &Call, now: f64) {
        let key = [call.handler, call.method, call.status];
        *entry(&mut self.requests, key, now, || 0) += 1;
        let sizes = entry(&mut self.sizes, call.handler, now, || [0; 3]);
        sizes[0] += 1;
        sizes[1] += call.request_bytes;
        sizes[2] += call.response_bytes;
        self.high_resolution.observe(call.seconds, 1);
        let key = [call.handler, call.method];
        entry(&mut self.durations, key, now, || {
            Histogram::new(HTTP_BY_HANDLER.finite(0))
        })
        .observe(call.seconds, 1);
    }
}

fn entry<K: PartialEq, V>(
    entries: &mut Vec<Entry<K, V>>,
    key: K,
    now: f64,
    new: impl FnOnce() -> V,
) -> &mut V {
    let index = entries
        .iter()
        .position(|entry| entry.key == key)
        .unwrap_or_else(|| {
            entries.push(Entry {
                key,
                value: new(),
                created: now,
            });
            entries.len() - 1
        });
    &mut entries[index].value
}

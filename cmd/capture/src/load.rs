//! Requests of each kind that matters to a metric or a span, by a few clients, while the server is scraped.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use serde_json::{Value, json};

use crate::Options;
use crate::client::Client;
use crate::scrapes::Series;

/// Clients in the busy middle of the load; before and after it there is [`FEW`].
const MANY: usize = 12;
/// Clients at the start and the end.
const FEW: usize = 2;
/// How long a client of the kind `abort` waits.
const PATIENCE: Duration = Duration::from_millis(300);
/// Tokens of a long answer.
const LONG: u64 = 200;

/// Kinds of requests, in the order in which they are sent, again and again.
const KINDS: [&str; 12] = [
    "comp",
    "chat",
    "stream",
    "long",
    "comp",
    "n3",
    "chat",
    "batch",
    "abort",
    "invalid-model",
    "invalid-temp",
    "invalid-too-long",
];

/// Sends requests for `options.load` and scrapes meanwhile: the client's record, one object a request, and the series.
pub fn run(client: &Client, options: &Options) -> Result<(Vec<Value>, Series)> {
    let started = Instant::now();
    let (over, next) = (AtomicBool::new(false), AtomicUsize::new(0));
    let record = Mutex::new(Vec::new());
    let series = std::thread::scope(|threads| {
        for number in 0..MANY {
            let (over, next, record) = (&over, &next, &record);
            threads.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let passed = started.elapsed().as_secs_f64() / options.load.as_secs_f64();
                    if number >= FEW && !(0.25..0.75).contains(&passed) {
                        std::thread::sleep(PATIENCE);
                        continue;
                    }
                    let kind = KINDS[next.fetch_add(1, Ordering::Relaxed) % KINDS.len()];
                    let done = request(client, &options.model, kind);
                    record
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(done);
                }
            });
        }
        let series = scrape(client, options, started);
        over.store(true, Ordering::Relaxed);
        series
    })?;
    let mut record = record.into_inner().unwrap_or_else(PoisonError::into_inner);
    record.sort_by(|a, b| {
        a["start"]
            .as_f64()
            .unwrap_or(0.0)
            .total_cmp(&b["start"].as_f64().unwrap_or(0.0))
    });
    Ok((record, series))
}

fn scrape(client: &Client, options: &Options, started: Instant) -> Result<Series> {
    let mut series = Series::default();
    while started.elapsed() < options.load {
        let began = Instant::now();
        series.push(now() as u64, client.get("/metrics")?.body);
        std::thread::sleep(options.every.saturating_sub(began.elapsed()));
    }
    Ok(series)
}

/// One request of a kind, and what became of it.
fn request(client: &Client, model: &str, kind: &str) -> Value {
    let text = "the quick brown fox jumps over the lazy dog ";
    let (path, mut body) = match kind {
        "chat" | "stream" => (
            "/chat/completions",
            json!({"messages": [{"role": "user", "content": text}], "max_tokens": 32}),
        ),
        _ => ("/completions", json!({"prompt": text, "max_tokens": 16})),
    };
    body["model"] = json!(model);
    match kind {
        "stream" => {
            body["stream"] = json!(true);
            body["stream_options"] = json!({"include_usage": true});
        }
        "long" | "abort" => body["max_tokens"] = json!(LONG),
        "n3" => body["n"] = json!(3),
        "batch" => body["prompt"] = json!([text, text]),
        "invalid-model" => body["model"] = json!("no-such-model"),
        "invalid-temp" => body["temperature"] = json!(-3.0),
        // Longer than any context is long.
        "invalid-too-long" => body["prompt"] = json!(text.repeat(100_000)),
        _ => {}
    }
    let mut record = json!({
        "kind": kind,
        "path": path,
        "start": now(),
        "max_tokens": body["max_tokens"],
        "n": body.get("n").cloned().unwrap_or(json!(1)),
        "stream": kind == "stream",
        "id": null,
    });
    let limit = (kind == "abort").then_some(PATIENCE);
    match client.post(&format!("/v1{path}"), &body, limit) {
        Ok(answer) => {
            record["status"] = json!(answer.status);
            let said = last_document(&answer.body);
            record["id"] = said["id"].clone();
            if said["usage"].is_object() {
                record["usage"] = said["usage"].clone();
            }
            if answer.status != 200 {
                record["error"] = json!(answer.body.chars().take(300).collect::<String>());
            }
        }
        Err(error) => record["error"] = json!(format!("{error:#}")),
    }
    record["end"] = json!(now());
    record
}

/// The answer's document; of a stream the last one, which has the usage.
fn last_document(body: &str) -> Value {
    let mut events = body.lines().filter_map(|line| line.strip_prefix("data: "));
    let last = events.rfind(|event| *event != "[DONE]");
    serde_json::from_str(last.unwrap_or(body)).unwrap_or(Value::Null)
}

/// Unix seconds.
fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |d| d.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::last_document;

    #[test]
    fn a_streams_last_document_is_found_and_so_is_a_plain_answer() {
        let stream = "data: {\"id\":\"a\"}\n\ndata: {\"id\":\"a\",\"usage\":{\"prompt_tokens\":1}}\n\ndata: [DONE]\n\n";
        assert_eq!(last_document(stream)["usage"]["prompt_tokens"], 1);
        assert_eq!(last_document("{\"id\":\"b\"}")["id"], "b");
        assert!(last_document("Internal Server Error").is_null());
    }
}

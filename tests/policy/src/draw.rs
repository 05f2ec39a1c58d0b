//! Random traces and settings from a seed. Values lie at and next to the limits more often than
//! chance would put them there.

use fastrand::Rng;
use serde_json::{Map, json};

use std::sync::Arc;

use vllm_policy::trace::{Span, Value};

use crate::oracle::{DEFAULT, Limits, Settings};

const KEYS: [&str; 3] = [
    "gen_ai.latency.e2e",
    "gen_ai.latency.time_to_first_token",
    "gen_ai.latency.time_in_model_decode",
];

/// One of the items.
fn pick<'a, T: ?Sized>(rng: &mut Rng, items: &[&'a T]) -> &'a T {
    items[rng.usize(..items.len())]
}

/// A settings document without memory (limits, errors or both), and what it puts in force.
#[must_use]
pub fn settings(rng: &mut Rng) -> (String, Settings) {
    let mut document = Map::new();
    let mut limits = DEFAULT;
    for (name, limit) in [
        ("e2e_latency", &mut limits.e2e),
        ("time_to_first_token", &mut limits.first_token),
        ("decode_time", &mut limits.decode),
    ] {
        let (written, seconds) = match rng.u8(..8) {
            0 => continue, // the default
            1 => (json!("off"), None),
            2 => (json!(false), None),
            3 => {
                let ms = rng.u32(1..1_000_000);
                (json!(format!("{ms}ms")), Some(f64::from(ms) / 1000.0))
            }
            4 => {
                let (m, s) = (rng.u32(..60), rng.u32(1..60));
                (json!(format!("{m}m{s}s")), Some(f64::from(60 * m + s)))
            }
            5 => {
                // Eighths are the same double however they are added up.
                let (h, eighths) = (rng.u32(..30), rng.u32(1..8));
                let text = format!("{h}h{}ms", 125 * eighths);
                (
                    json!(text),
                    Some(f64::from(3600 * h) + f64::from(eighths) / 8.0),
                )
            }
            6 => {
                let seconds = rng.f64() * 300.0 + f64::MIN_POSITIVE;
                (json!(format!("{seconds}s")), Some(seconds))
            }
            _ => {
                let s = rng.u32(1..500);
                (json!(format!("{s}s")), Some(f64::from(s)))
            }
        };
        document.insert(name.to_owned(), written);
        *limit = seconds;
    }
    let errors = rng.bool().then(|| match rng.u8(..3) {
        0 => (json!({}), (429..=429).chain(499..=599).collect()),
        1 => (json!({"status_codes": []}), Vec::new()),
        _ => (
            json!({"status_codes": ["4xx", 503, 599]}),
            (400..=499).chain([503, 599]).collect(),
        ),
    });
    let errors = errors.map(|(written, codes)| {
        document.insert("errors".to_owned(), written);
        codes
    });
    let document = serde_json::Value::Object(document).to_string();
    (document, Settings { limits, errors })
}

/// A trace, its values drawn around the limits.
#[must_use]
pub fn trace(rng: &mut Rng, settings: &Settings) -> Vec<Span> {
    let spans = match rng.u8(..100) {
        0..5 => 0,
        5..60 => 1,
        60..98 => rng.usize(2..8),
        _ => rng.usize(8..80),
    };
    // Some traces have fast spans only, or every long one would be kept for its first span.
    let slow = rng.f64();
    let fails = if rng.u8(..4) == 0 { 3 } else { 0 };
    (0..spans)
        .map(|_| span(rng, &settings.limits, slow, fails))
        .collect()
}

/// What a resource says of its model, and what it does not.
fn resource(rng: &mut Rng) -> Vec<(String, Value)> {
    let text = |key: &str, text: &str| (key.to_owned(), Value::Text(text.to_owned()));
    match rng.u8(..6) {
        0 => vec![],
        1 => vec![text("service.name", "unknown_service")],
        2 => vec![
            text("service.name", "vllm"),
            text("gen_ai.response.model", "Qwen/Qwen3-8B"),
        ],
        3 => vec![
            text("gen_ai.response.model", ""),
            text("service.name", "größer"),
        ],
        4 => vec![
            ("gen_ai.response.model".to_owned(), Value::Int(7)),
            text("service.name", "llama"),
        ],
        _ => vec![text("gen_ai.response.model", &format!("m{}", rng.u8(..)))],
    }
}

/// Attributes by which a call counts as failed, or nearly.
fn failure(rng: &mut Rng) -> (u16, Vec<(String, Value)>) {
    let code = *pick(
        rng,
        &[
            &200i64, &399, &400, &404, &428, &429, &430, &499, &500, &503, &599, &600,
        ],
    );
    let key = pick(
        rng,
        &["http.response.status_code", "http.status_code", "http.code"],
    );
    let code = match rng.u8(..3) {
        0 => Value::Int(code),
        1 => Value::Text(code.to_string()),
        _ => Value::Double(code as f64),
    };
    match rng.u8(..5) {
        0 => (2, vec![]),
        1 => (1, vec![]),
        2 => (
            0,
            vec![("error.type".to_owned(), Value::Text("timeout".to_owned()))],
        ),
        3 => (2, vec![(key.to_owned(), code)]),
        _ => (0, vec![(key.to_owned(), code)]),
    }
}

fn span(rng: &mut Rng, limits: &Limits, slow: f64, fails: u8) -> Span {
    let name = if rng.u8(..5) > 0 {
        "llm_request"
    } else {
        let others = [
            "llm_request ",
            "LLM_request",
            "llm_requests",
            "llm",
            "POST /v1/completions",
            "",
        ];
        pick(rng, &others)
    };
    let scope = match rng.u8(..10) {
        0..5 => "vllm.tracing.otel",
        5..8 => "vllm.llm_engine",
        _ => pick(
            rng,
            &[
                "vllm.tracing",
                "vllm.tracing.otel2",
                "vllm",
                "opentelemetry.fastapi",
                "",
            ],
        ),
    };
    let mut attributes = Vec::new();
    let of_rule = [limits.e2e, limits.first_token, limits.decode];
    for (key, limit) in KEYS.into_iter().zip(of_rule) {
        // Once as a rule; sometimes not at all, sometimes twice: the first one counts.
        for _ in 0..[0, 1, 1, 1, 1, 1, 1, 1, 1, 2][rng.usize(..10)] {
            attributes.push((key.to_owned(), value(rng, limit.unwrap_or(60.0), slow)));
        }
    }
    for _ in 0..rng.usize(..3) {
        let near = [
            "gen_ai.latency.time_in_scheduler",
            "gen_ai.latency.e2e_",
            "gen_ai.latency.e2",
            "e2e",
        ];
        attributes.push((pick(rng, &near).to_owned(), Value::Double(1e9)));
    }
    for key in [
        "gen_ai.latency.time_in_queue",
        "gen_ai.latency.time_in_model_prefill",
    ] {
        if rng.u8(..6) > 0 {
            attributes.push((key.to_owned(), value(rng, 20.0, slow)));
        }
    }
    let mut status = 0;
    if rng.u8(..10) < fails {
        let (code, failed) = failure(rng);
        status = code;
        attributes.extend(failed);
    }
    rng.shuffle(&mut attributes);
    Span {
        name: name.to_owned(),
        scope: scope.to_owned(),
        status,
        attributes,
        resource: Arc::new(resource(rng)),
    }
}

fn value(rng: &mut Rng, limit: f64, slow: f64) -> Value {
    if rng.f64() > slow {
        return Value::Double(limit * rng.f64());
    }
    match rng.u8(..16) {
        0..3 => Value::Double(limit),
        3 => Value::Double(limit.next_up()),
        4 => Value::Double(limit.next_down()),
        5..8 => Value::Double(limit * 2.0 * rng.f64()),
        8 => Value::Int(limit as i64),
        9 => Value::Int(limit as i64 + rng.i64(-1..3)),
        10 => Value::Int(*pick(
            rng,
            &[&i64::MIN, &-1, &0, &i64::MAX, &(1 << 53), &((1 << 53) + 1)],
        )),
        11 => Value::Double(-limit * 2.0),
        12 => Value::Double(*pick(
            rng,
            &[
                &f64::NAN,
                &-f64::NAN,
                &f64::INFINITY,
                &f64::NEG_INFINITY,
                &0.0,
                &-0.0,
                &f64::MAX,
                &f64::MIN,
                &f64::MIN_POSITIVE,
                &5e-324,
            ],
        )),
        13 => Value::Double(f64::from_bits(rng.u64(..))),
        14 => Value::Text(pick(rng, &["999999", "1e2", "1_000", "", "soon"]).to_owned()),
        _ => Value::Other,
    }
}

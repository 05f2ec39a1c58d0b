//! Random traces and settings from a seed. Values lie at and next to the limits more often than
//! chance would put them there.

use fastrand::Rng;
use serde_json::{Map, json};

use crate::oracle::{DEFAULT, Limits};
use crate::trace::{Span, Value};

const KEYS: [&str; 3] = [
    "gen_ai.latency.e2e",
    "gen_ai.latency.time_to_first_token",
    "gen_ai.latency.time_in_model_decode",
];

/// One of the items.
fn pick<'a, T: ?Sized>(rng: &mut Rng, items: &[&'a T]) -> &'a T {
    items[rng.usize(..items.len())]
}

/// A settings document, and what it puts in force.
#[must_use]
pub fn settings(rng: &mut Rng) -> (String, Limits) {
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
    (serde_json::Value::Object(document).to_string(), limits)
}

/// A trace, its values drawn around the limits.
#[must_use]
pub fn trace(rng: &mut Rng, limits: &Limits) -> Vec<Span> {
    let spans = match rng.u8(..100) {
        0..5 => 0,
        5..60 => 1,
        60..98 => rng.usize(2..8),
        _ => rng.usize(8..80),
    };
    // Some traces have fast spans only, or every long one would be kept for its first span.
    let slow = rng.f64();
    (0..spans).map(|_| span(rng, limits, slow)).collect()
}

fn span(rng: &mut Rng, limits: &Limits, slow: f64) -> Span {
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
            "gen_ai.latency.time_in_queue",
            "gen_ai.latency.e2e_",
            "gen_ai.latency.e2",
            "e2e",
        ];
        attributes.push((pick(rng, &near).to_owned(), Value::Double(1e9)));
    }
    rng.shuffle(&mut attributes);
    Span {
        name: name.to_owned(),
        scope: scope.to_owned(),
        attributes,
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
        14 => Value::Text("999999".to_owned()),
        _ => Value::Other,
    }
}

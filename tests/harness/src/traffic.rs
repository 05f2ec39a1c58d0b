//! The spans that are sent: captured ones with new ids and times, and planted ones.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::otlp;

/// The default limits of the chart in seconds by attribute, written here once more on purpose: a
/// verdict must not read what it judges.
pub const LIMITS: [(&str, f64); 3] = [(E2E, 120.0), (FIRST_TOKEN, 10.0), (DECODE, 60.0)];

const E2E: &str = "gen_ai.latency.e2e";
const FIRST_TOKEN: &str = "gen_ai.latency.time_to_first_token";
const DECODE: &str = "gen_ai.latency.time_in_model_decode";

/// Every so many requests one is planted.
const PLANT_EVERY: usize = 10;

/// One trace of one span.
pub struct Trace {
    /// Its id in hex.
    pub id: String,
    /// The export that carries it.
    pub export: Value,
}

/// What is planted: captured spans with one thing changed.
#[derive(Debug, Clone, Copy)]
enum Plant {
    /// Slow by one rule alone, as a double.
    Slow(&'static str, f64),
    /// The same as an integer: vLLM sends doubles, other senders may not.
    SlowInteger(&'static str, i64),
    /// Exactly at a limit: not slow.
    AtLimit(&'static str, f64),
    /// A long number in a text: not a number.
    Text(&'static str),
    /// No latency at all.
    Absent,
    /// A start-up span of five minutes.
    StartUp,
    /// A span of FastAPI's own, five minutes long, with the attributes of a slow request.
    FastApi,
}

const PLANTS: [Plant; 12] = [
    Plant::Slow(E2E, 120.001),
    Plant::AtLimit(E2E, 120.0),
    Plant::Slow(FIRST_TOKEN, 10.001),
    Plant::AtLimit(FIRST_TOKEN, 10.0),
    Plant::Slow(DECODE, 60.001),
    Plant::AtLimit(DECODE, 60.0),
    Plant::SlowInteger(E2E, 121),
    Plant::Text(E2E),
    Plant::SlowInteger(FIRST_TOKEN, 11),
    Plant::Absent,
    Plant::StartUp,
    Plant::FastApi,
];

/// Makes traces out of captured exports, for ever.
pub struct Traffic {
    requests: Vec<(Value, Value, Value)>,
    start_ups: Vec<(Value, Value, Value)>,
    made: usize,
    seed: u64,
}

impl Traffic {
    /// Takes the captured exports apart.
    ///
    /// # Errors
    /// When they hold no request span or no start-up span.
    pub fn new(exports: &[Value], seed: u64) -> Result<Self> {
        let (mut requests, mut start_ups) = (Vec::new(), Vec::new());
        for (resource, scope, span) in exports.iter().flat_map(otlp::spans) {
            let placed = (resource.clone(), scope.clone(), span.clone());
            if span["name"] == "llm_request" {
                requests.push(placed);
            } else {
                start_ups.push(placed);
            }
        }
        if requests.is_empty() || start_ups.is_empty() {
            bail!("the capture holds no request spans or no start-up spans");
        }
        Ok(Self {
            requests,
            start_ups,
            made: 0,
            seed,
        })
    }

    /// The next trace: a captured span with a new id that ends now, every tenth with a plant.
    ///
    /// # Errors
    /// When the clock stands before 1970.
    #[allow(clippy::should_implement_trait)] // an iterator would have to hide the error
    pub fn next(&mut self) -> Result<Trace> {
        let n = self.made;
        self.made += 1;
        let plant = n
            .is_multiple_of(PLANT_EVERY)
            .then(|| PLANTS[n / PLANT_EVERY % PLANTS.len()]);
        let pool = match plant {
            Some(Plant::StartUp) => &self.start_ups,
            _ => &self.requests,
        };
        let (resource, scope, mut span) = pool[n % pool.len()].clone();
        let mut scope = scope;
        let id = format!("{:016x}{:016x}", self.seed, n + 1);
        let end = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .context("the clock stands before 1970")?
            .as_nanos();
        let mut took = nanoseconds(&span["endTimeUnixNano"])
            .saturating_sub(nanoseconds(&span["startTimeUnixNano"]));
        match plant {
            Some(Plant::Slow(key, seconds) | Plant::AtLimit(key, seconds)) => {
                calm(&mut span);
                set(&mut span, key, Some(json!({"doubleValue": seconds})));
            }
            Some(Plant::SlowInteger(key, seconds)) => {
                calm(&mut span);
                set(
                    &mut span,
                    key,
                    Some(json!({"intValue": seconds.to_string()})),
                );
            }
            Some(Plant::Text(key)) => {
                calm(&mut span);
                set(&mut span, key, Some(json!({"stringValue": "999s"})));
            }
            Some(Plant::Absent) => {
                for key in [E2E, FIRST_TOKEN, DECODE] {
                    set(&mut span, key, None);
                }
                took = 300_000_000_000;
            }
            Some(Plant::StartUp) => took = 300_000_000_000,
            Some(Plant::FastApi) => {
                span["name"] = json!("POST /v1/completions");
                scope["name"] = json!("fastapi");
                set(&mut span, E2E, Some(json!({"doubleValue": 300.0})));
                took = 300_000_000_000;
            }
            None => {}
        }
        span["traceId"] = json!(id);
        span["spanId"] = json!(format!("{:016x}", n + 1));
        if let Some(fields) = span.as_object_mut() {
            fields.remove("parentSpanId");
        }
        span["startTimeUnixNano"] = json!((end - took).to_string());
        span["endTimeUnixNano"] = json!(end.to_string());
        Ok(Trace {
            export: otlp::request(&resource, &scope, &span),
            id,
        })
    }
}

fn nanoseconds(value: &Value) -> u128 {
    value
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

/// Makes a request fast in every respect.
fn calm(span: &mut Value) {
    for key in [E2E, FIRST_TOKEN, DECODE] {
        set(span, key, Some(json!({"doubleValue": 0.5})));
    }
}

fn set(span: &mut Value, key: &str, value: Option<Value>) {
    let Some(attributes) = span["attributes"].as_array_mut() else {
        return;
    };
    attributes.retain(|attribute| attribute["key"] != key);
    if let Some(value) = value {
        attributes.push(json!({"key": key, "value": value}));
    }
}

/// Which traces of the exports must be kept, and by which rule: computed from the JSON itself, by
/// code that shares nothing with the policy.
///
/// `limits` are seconds by attribute.
pub fn slow_traces<'a>(
    exports: impl IntoIterator<Item = &'a Value>,
    limits: &[(&str, f64)],
) -> BTreeMap<String, String> {
    let mut slow = BTreeMap::new();
    for (_, scope, span) in exports.into_iter().flat_map(otlp::spans) {
        let by_vllm = matches!(
            scope["name"].as_str(),
            Some("vllm.tracing.otel" | "vllm.llm_engine")
        );
        if span["name"] != "llm_request" || !by_vllm {
            continue;
        }
        for (key, limit) in limits {
            if number(span, key).is_some_and(|seconds| seconds > *limit) {
                let id = span["traceId"].as_str().unwrap_or_default().to_lowercase();
                slow.entry(id).or_insert_with(|| (*key).to_owned());
            }
        }
    }
    slow
}

fn number(span: &Value, key: &str) -> Option<f64> {
    let attributes = span["attributes"].as_array()?;
    let value = &attributes.iter().find(|a| a["key"] == key)?["value"];
    match (&value["doubleValue"], &value["intValue"]) {
        (Value::Number(double), _) => double.as_f64(),
        (_, Value::String(integer)) => integer.parse().ok(),
        (_, Value::Number(integer)) => integer.as_f64(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured() -> Vec<Value> {
        let dir = crate::repo::root().join("tests/fixtures/vllm/0.32.0");
        otlp::read_lines(&dir.join("traces.jsonl")).unwrap()
    }

    #[test]
    fn every_plant_is_slow_or_not_as_its_name_says() {
        let mut traffic = Traffic::new(&captured(), 7).unwrap();
        for n in 0..PLANT_EVERY * PLANTS.len() {
            let trace = traffic.next().unwrap();
            let slow = slow_traces([&trace.export], &LIMITS).contains_key(&trace.id);
            if n % PLANT_EVERY == 0 {
                let plant = PLANTS[n / PLANT_EVERY];
                let should = matches!(plant, Plant::Slow(..) | Plant::SlowInteger(..));
                assert_eq!(slow, should, "{plant:?}");
            }
        }
    }

    #[test]
    fn ids_are_never_given_twice() {
        let mut traffic = Traffic::new(&captured(), 7).unwrap();
        let ids: std::collections::BTreeSet<_> =
            (0..500).map(|_| traffic.next().unwrap().id).collect();
        assert_eq!(ids.len(), 500);
    }

    #[test]
    fn the_captured_spans_hold_slow_ones_too() {
        let slow = slow_traces(&captured(), &LIMITS);
        assert!(
            !slow.is_empty() && slow.values().all(|key| key == FIRST_TOKEN),
            "{slow:?}"
        );
    }
}

//! Traces as callers make them, each a list of what arrives when: a gateway before vLLM, agents that
//! call it many times, clients that use one traceparent for all they do, FastAPI's own spans.

use collector_tests::captured;
use harness::otlp;
use serde_json::{Value, json};

/// What of a trace comes together, from one sender.
pub struct Event {
    /// Seconds after the start at which it is sent.
    pub at: f64,
    /// Its spans, as an export.
    pub export: Value,
}

/// A trace.
pub struct Trace {
    pub id: String,
    /// What it is a case of, for the words of a failure.
    pub name: String,
    pub events: Vec<Event>,
}

/// What can come of a request, in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A span of the caller's that ended before the request: `auth`, a retrieval step.
    Early,
    /// Another, fast call of the same trace.
    Fast,
    /// The slow one.
    Slow,
    /// The caller's span around all.
    Root,
    /// The gateway failed after vLLM had answered.
    Error,
    /// What FastAPI's instrumentation records in vLLM's own process.
    FastApi,
}

use Part::{Early, Error, Fast, FastApi, Root, Slow};

const PARTS: [Part; 6] = [Early, Fast, Slow, Root, Error, FastApi];

/// Makes traces out of captured spans.
pub struct Maker {
    request: (Value, Value, Value),
    fastapi: Value,
    made: u64,
}

impl Maker {
    pub fn new() -> Self {
        let exports = captured("0.32.0");
        let (resource, scope, span) = exports
            .iter()
            .flat_map(otlp::spans)
            .find(|(_, _, span)| span["name"] == "llm_request")
            .expect("a captured request");
        // The spans of one request that FastAPI recorded, as they came: together.
        let line = captured("0.20.2/fastapi-0.165.0")
            .iter()
            .flat_map(otlp::spans)
            .find(|(_, _, span)| span["name"] == "POST /v1/chat/completions")
            .map(|(_, _, span)| span["traceId"].clone())
            .expect("a captured request of FastAPI's");
        let mut resources = Vec::new();
        for (resource, scope, span) in captured("0.20.2/fastapi-0.165.0")
            .iter()
            .flat_map(otlp::spans)
        {
            if span["traceId"] == line {
                let one = otlp::request(resource, scope, span);
                resources.push(one["resourceSpans"][0].clone());
            }
        }
        let mut fastapi = resources.remove(0);
        for one in resources {
            let span = one["scopeSpans"][0]["spans"][0].clone();
            let spans = fastapi["scopeSpans"][0]["spans"].as_array_mut();
            spans.expect("a list").push(span);
        }
        Self {
            request: (resource.clone(), scope.clone(), span.clone()),
            fastapi,
            made: 0,
        }
    }

    /// A trace of these parts, one after the other, so many seconds apart.
    pub fn trace(&mut self, name: String, parts: &[(f64, &[Part])]) -> Trace {
        self.made += 1;
        let id = format!("{:016x}{:016x}", 0xa11_u64, self.made);
        let (mut at, mut spans, mut events) = (0.0, 0, Vec::new());
        for (gap, together) in parts {
            at += gap;
            let mut resources: Vec<Value> = Vec::new();
            for part in *together {
                resources.push(self.part(*part, &id, &mut spans));
            }
            // Children of one request leave in one batch of one resource.
            if together.len() > 1 {
                let rest = resources.split_off(1);
                let list = resources[0]["scopeSpans"].as_array_mut().expect("a list");
                for other in rest {
                    list.push(other["scopeSpans"][0].clone());
                }
            }
            events.push(Event {
                at,
                export: json!({"resourceSpans": resources}),
            });
        }
        Trace { id, name, events }
    }

    fn part(&self, part: Part, trace: &str, spans: &mut u64) -> Value {
        let root = format!("{}ff", &trace[18..]);
        let mut own = || {
            *spans += 1;
            format!("{}{spans:02x}", &trace[18..])
        };
        let gateway = |name: &str, id: String, parent: &str, status: u8| {
            let span = json!({
                "traceId": trace, "spanId": id, "parentSpanId": parent, "name": name, "kind": 3,
                "startTimeUnixNano": "1795508851160510410", "endTimeUnixNano": "1795508855341305524",
                "status": {"code": status},
            });
            let resource = json!({"attributes": [
                {"key": "service.name", "value": {"stringValue": "gateway"}},
            ]});
            otlp::request(&resource, &json!({"name": "gateway"}), &span)["resourceSpans"][0].clone()
        };
        match part {
            Early => gateway("auth", own(), &root, 0),
            Root => gateway("POST /chat", root.clone(), "", 0),
            Error => gateway("upstream", own(), &root, 2),
            Fast | Slow => {
                let (resource, scope, span) = &self.request;
                let mut span = span.clone();
                span["traceId"] = json!(trace);
                span["spanId"] = json!(own());
                span["parentSpanId"] = json!(root);
                let seconds = if part == Slow { 130.0 } else { 0.5 };
                for attribute in span["attributes"].as_array_mut().expect("a list") {
                    if attribute["key"]
                        .as_str()
                        .unwrap_or_default()
                        .starts_with("gen_ai.latency.")
                    {
                        attribute["value"] = json!({"doubleValue": seconds});
                    }
                }
                otlp::request(resource, scope, &span)["resourceSpans"][0].clone()
            }
            FastApi => {
                let mut resource = self.fastapi.clone();
                let list = resource["scopeSpans"][0]["spans"].as_array_mut();
                let server = own();
                for span in list.expect("a list") {
                    span["traceId"] = json!(trace);
                    let is_server = span["name"]
                        .as_str()
                        .unwrap_or_default()
                        .starts_with("POST");
                    let (id, parent) = if is_server {
                        (server.clone(), root.clone())
                    } else {
                        (own(), server.clone())
                    };
                    span["spanId"] = json!(id);
                    span["parentSpanId"] = json!(parent);
                }
                resource
            }
        }
    }
}

/// All orders of these.
fn orders(parts: &[Part]) -> Vec<Vec<Part>> {
    if parts.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (i, first) in parts.iter().enumerate() {
        let mut rest = parts.to_vec();
        rest.remove(i);
        for mut order in orders(&rest) {
            order.insert(0, *first);
            all.push(order);
        }
    }
    all
}

/// Every order of the six parts, with gaps of `short` and `long` seconds: all short, all long, and two
/// of the 30 mixtures, others for each order. And every order without the slow request.
pub fn every_order(maker: &mut Maker, short: f64, long: f64) -> Vec<Trace> {
    let mut traces = Vec::new();
    let without: Vec<Part> = PARTS.into_iter().filter(|part| *part != Slow).collect();
    for (n, order) in orders(&PARTS).iter().chain(&orders(&without)).enumerate() {
        for pattern in [0, 31, (7 * n + 3) % 32, (13 * n + 11) % 32] {
            let gap = |i: usize| match i {
                0 => 0.0,
                _ if pattern >> (i - 1) & 1 == 1 => long,
                _ => short,
            };
            let parts: Vec<(f64, &[Part])> = (order.iter().enumerate())
                .map(|(i, part)| (gap(i), std::slice::from_ref(part)))
                .collect();
            traces.push(maker.trace(format!("{order:?}, gaps {pattern:05b}"), &parts));
        }
    }
    traces
}

/// Traces that are longer than one request, `step` seconds from call to call.
pub fn long_ones(maker: &mut Maker, step: f64) -> Vec<Trace> {
    let mut agent: Vec<(f64, &[Part])> = vec![(0.0, &[Early])];
    for call in 1..=40 {
        agent.push((step, if call == 37 { &[Slow] } else { &[Fast] }));
    }
    agent.push((step, &[Root]));
    vec![
        maker.trace("an agent, its 37th of 40 calls slow".to_owned(), &agent),
        maker.trace(
            "one traceparent for all that a client does".to_owned(),
            &[
                (0.0, &[Fast]),
                (9.0 * step, &[Fast]),
                (9.0 * step, &[Slow]),
                (step, &[Fast]),
                (9.0 * step, &[Slow]),
                (9.0 * step, &[Fast]),
            ],
        ),
        maker.trace(
            "n: 3, in one batch".to_owned(),
            &[
                (0.0, &[Early]),
                (9.0 * step, &[Fast, Slow, Fast]),
                (step, &[Root]),
            ],
        ),
        maker.trace(
            "n: 3, in three".to_owned(),
            &[
                (0.0, &[Fast]),
                (step, &[Fast]),
                (step, &[Slow]),
                (9.0 * step, &[Root]),
            ],
        ),
    ]
}

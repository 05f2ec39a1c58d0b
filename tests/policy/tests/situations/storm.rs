//! A gateway that answers with 5xx three hundred times a second, while vLLM is fast.

use std::time::Instant;

use fastrand::Rng;
use harness::otlp;
use serde_json::{Value, json};

use super::length::length;
use super::{by_trace, id, rendered, request_of, send, stamp, start, usual, wait};

const A_SECOND: f64 = 300.0;

fn failed(rng: &mut Rng, service: &str) -> Value {
    let resource =
        json!({"attributes": [{"key": "service.name", "value": {"stringValue": service}}]});
    let code = ["500", "502", "503", "504"][rng.usize(..4)];
    let span = json!({
        "traceId": format!("{:032x}", rng.u128(1..)),
        "spanId": format!("{:016x}", rng.u64(1..)),
        "name": "POST",
        "kind": 3,
        "attributes": [{"key": "http.response.status_code", "value": {"intValue": code}}],
    });
    otlp::request(&resource, &json!({"name": "gateway"}), &span)
}

fn adjusted_count(span: &Value) -> Option<f64> {
    let mut attributes = span["attributes"].as_array()?.iter();
    let count = attributes.find(|a| a["key"] == "vllm.sampling.adjusted_count")?;
    count["value"]["doubleValue"].as_f64()
}

#[test]
fn a_storm_of_errors_stays_within_the_budget_keeps_its_count_and_the_first_of_every_other_kind() {
    let of = length();
    let dir = tempfile::tempdir().expect("a folder");
    let mut collector = start(dir.path(), &rendered(of.values));
    let mut sender = otlp::Sender::connect(collector.otlp).expect("a receiver");
    let mut rng = Rng::with_seed(11);
    let (since, mut errors, mut requests) = (Instant::now(), 0, 0);
    let mut firsts = Vec::new();
    let all = A_SECOND * of.storm as f64;
    while (errors as f64) < all {
        let elapsed = since.elapsed().as_secs_f64();
        let due = (elapsed * A_SECOND).min(all) as usize;
        let mut exports: Vec<Value> = (errors..due).map(|_| failed(&mut rng, "gateway")).collect();
        errors = due;
        // Ten requests a second of each of two models.
        let due = (elapsed * 10.0) as usize;
        for model in ["8b", "235b"] {
            exports.extend((requests..due).map(|_| usual(&mut rng, model)));
        }
        requests = due;
        if firsts.is_empty() && errors as f64 > all / 2.0 {
            // In the midst of it: the first slow request of each of two models.
            for model in ["70b", "moe"] {
                let slow = request_of(&mut rng, model, [20.0, 21.0, 1.0], 100);
                firsts.push(slow);
            }
            exports.extend(firsts.iter().cloned());
        }
        send(&mut sender, &exports);
        wait(0.03);
    }
    let lasted = since.elapsed().as_secs_f64();
    let exports = collector.stop().expect("what was kept");
    let kept = by_trace(&exports);
    for export in &firsts {
        let found = kept.get(&id(export)).map(|span| stamp(span, "reason"));
        assert_eq!(
            found.as_deref(),
            Some("time_to_first_token"),
            "the first of its kind: {export}"
        );
    }
    let of_errors: Vec<&&Value> = kept
        .values()
        .filter(|span| stamp(span, "reason") == "error")
        .collect();
    let others = kept.len() - of_errors.len();
    let estimate: f64 = of_errors
        .iter()
        .filter_map(|span| adjusted_count(span))
        .sum();
    eprintln!(
        "{all} errors in {lasted:.0} s: {} kept, which stand for {estimate:.0}; {others} others kept",
        of_errors.len()
    );
    // The burst, the rate, a second for a collector that lags behind, and the first of each kind.
    let rate = f64::from(of.budget) / of.unit.as_secs_f64();
    let most = f64::from(of.budget * of.burst) + rate * (lasted + 1.0) + 12.0;
    assert!(kept.len() as f64 <= most, "{} of {most}", kept.len());
    // What failed comes first: of the rest only the first of each kind is kept.
    assert!(others < 12, "{others}");
    let off = (estimate / all - 1.0).abs();
    assert!(off < of.estimate, "{estimate} of {all}");
}

//! A KV cache that is full: the requests of one model wait for blocks of it, longer and longer, and those of another
//! are as usual.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use fastrand::Rng;
use harness::otlp;
use policy_tests::calls::normal;
use serde_json::Value;

use super::length::length;
use super::{rendered, request_of, send, stamp, start, wait};

const MODELS: [&str; 2] = ["large", "small"];

/// A request of a model with so many seconds of waiting for the cache.
fn request(rng: &mut Rng, model: &str, waits: f64) -> Value {
    let prefill = 0.3 * (0.2 * normal(rng)).exp();
    let decode = (0.1 * normal(rng)).exp();
    request_of(rng, model, [waits, waits + prefill, decode], 100)
}

/// A stamped span of a kept trace.
struct Kept {
    /// The unit in which it ended, counted from the begin of the incident.
    at: i64,
    /// Seconds since the begin of the incident.
    seconds: f64,
    model: String,
    reason: String,
    cause: String,
    /// The largest part of the latency, by the span's own attributes.
    largest: &'static str,
}

fn kept_of(span: &Value, begin: SystemTime, unit: f64) -> Option<Kept> {
    let reason = stamp(span, "reason");
    let number = |key: &str| {
        let found = span["attributes"].as_array()?.iter();
        let mut found = found.filter(|a| a["key"] == format!("gen_ai.latency.{key}"));
        found.next()?["value"]["doubleValue"].as_f64()
    };
    let nanos: u64 = span["endTimeUnixNano"].as_str()?.parse().ok()?;
    let begin = begin.duration_since(UNIX_EPOCH).ok()?.as_secs_f64();
    let seconds = nanos as f64 / 1e9 - begin;
    let first = number("time_to_first_token")?;
    let (queue, prefill) = (number("time_in_queue")?, number("time_in_model_prefill")?);
    let mut parts = [
        (queue, "queue"),
        (prefill, "prefill"),
        (first - queue - prefill, "frontend"),
    ];
    parts.sort_by(|a, b| b.0.total_cmp(&a.0));
    (!reason.is_empty()).then(|| Kept {
        at: (seconds / unit).floor() as i64,
        seconds,
        model: String::new(),
        cause: stamp(span, "cause"),
        largest: parts[0].1,
        reason,
    })
}

#[test]
fn a_kv_incident_keeps_the_budget_in_every_unit_names_the_queue_and_baseline_comes_back() {
    let of = length();
    let unit = of.unit.as_secs_f64();
    let [before, during, after] = of.incident.map(f64::from).map(|units| units * unit);
    let dir = tempfile::tempdir().expect("a folder");
    let mut collector = start(dir.path(), &rendered(of.values));
    let mut sender = otlp::Sender::connect(collector.otlp).expect("a receiver");
    let mut rng = Rng::with_seed(9);
    let since = Instant::now();
    let begin = SystemTime::now() + std::time::Duration::from_secs_f64(before);
    let mut sent = 0;
    loop {
        let now = since.elapsed().as_secs_f64();
        if now >= before + during + after {
            break;
        }
        let due = (now * f64::from(of.requests)) as u64;
        let exports: Vec<Value> = (sent..due)
            .flat_map(|n| MODELS.map(|model| (n, model)))
            .map(|(n, model)| {
                let incident = model == "large" && (before..before + during).contains(&now);
                // One in twenty is served at once. The others wait for 3 s at first, and for 40 s at the end.
                let waits = match incident && n % 20 != 0 {
                    true => (3.0 + 37.0 * (now - before) / during) * (0.7 + 0.6 * rng.f64()),
                    false => 0.01,
                };
                request(&mut rng, model, waits)
            })
            .collect();
        sent = due;
        send(&mut sender, &exports);
        wait(0.1);
    }
    let exports = collector.stop().expect("what was kept");
    let kept: Vec<Kept> = exports
        .iter()
        .flat_map(otlp::spans)
        .filter_map(|(resource, _, span)| {
            let named = resource["attributes"].as_array()?.iter();
            let mut named = named.filter(|a| a["key"] == "service.name");
            let model = named.next()?["value"]["stringValue"].as_str()?.to_owned();
            kept_of(span, begin, unit).map(|kept| Kept { model, ..kept })
        })
        .collect();

    // What was kept in each unit, for the record.
    let (first, last) = (
        -i64::from(of.incident[0]),
        i64::from(of.incident[1] + of.incident[2]),
    );
    for at in first..last {
        let of_reason = |reason: &str| {
            kept.iter()
                .filter(|k| k.at == at && k.reason == reason)
                .count()
        };
        let reasons = ["time_to_first_token", "slow_first_token", "baseline"];
        eprintln!(
            "unit {at}: kept {} ({})",
            kept.iter().filter(|k| k.at == at).count(),
            reasons
                .map(|reason| format!("{reason} {}", of_reason(reason)))
                .join(", ")
        );
    }

    let (budget, burst) = (f64::from(of.budget), f64::from(of.budget * of.burst));
    // Beyond the budget: the first of each model and reason in five minutes, and what a collector that lags behind
    // by a second decides later than it was sent.
    let beyond = 12.0 + budget / unit;
    for from in first..last {
        for to in from + 1..=last {
            let count = kept.iter().filter(|k| (from..to).contains(&k.at)).count() as f64;
            let most = burst + budget * (to - from) as f64 + beyond;
            assert!(count <= most, "unit {from} to {to}: {count} of {most}");
        }
    }
    let end = i64::from(of.incident[1]);
    let slow: Vec<&Kept> = kept
        .iter()
        .filter(|k| k.model == "large" && k.reason != "baseline" && (0..end).contains(&k.at))
        .collect();
    for at in 0..end {
        let count = slow.iter().filter(|k| k.at == at).count() as f64;
        // The first unit has the burst besides; a higher class than before may use a part of it that was left to it.
        let most = budget + beyond + if at == 0 { burst } else { 0.5 * burst };
        assert!(count <= most, "unit {at}: {count} of {most}");
        assert!(at > 0 || count >= 10.0, "{count} of the first unit");
    }
    let least = budget * f64::from(of.incident[1]) / 2.0;
    assert!(slow.len() as f64 > least, "{} of {least}", slow.len());
    let queued = slow.iter().filter(|k| k.cause == "queue").count();
    eprintln!("{queued} of {} slow ones have the cause queue", slow.len());
    assert!(queued * 10 >= slow.len() * 9, "{queued} of {}", slow.len());
    for k in &slow {
        assert_eq!(k.cause, k.largest, "{} s after its begin", k.seconds);
    }
    let back = kept
        .iter()
        .filter(|k| k.reason == "baseline" && k.at >= end);
    assert!(back.count() > 0, "no baseline after the incident");
}

//! Which spans are kept by the times at which they arrive: every order of what a request leaves
//! behind, with gaps below and above `decisionWait`, through the real collector as the chart renders it.
//! What must be kept is said by [`model`].

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

mod model;
mod traces;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use collector_tests::balancer::Balancer;
use collector_tests::{WHOLE, metric, render, start};
use harness::collector::Collector;
use harness::otlp::{self, Message, Sender};
use harness::traffic::{LIMITS, slow_traces};
use model::{Arrival, Fate};
use serde_json::{Value, json};
use tempfile::TempDir;
use traces::{Maker, Trace};

/// `decisionWait` in seconds.
const WAIT: f64 = 1.0;
/// Five gaps of this are less than the wait.
const SHORT: f64 = 0.1;
/// One of this is more than the wait and the second within which it is noticed.
const LONG: f64 = 3.0;
/// Events in an export.
const TOGETHER: usize = 300;

/// Counts spans that came after the decision on their trace.
const LATE: &str = "otelcol_processor_tail_sampling_early_releases_from_cache_decision";

/// Collectors that the spans of this test reach at `otlp`.
struct Tier {
    samplers: Vec<Collector>,
    balancer: Option<Balancer>,
    _dirs: Vec<TempDir>,
}

impl Tier {
    fn start(samplers: usize, set: &[&str]) -> Self {
        let mut set: Vec<String> = set.iter().map(|value| (*value).to_owned()).collect();
        // What leaves is another test's subject.
        set.push("tracing.redaction.enabled=false".to_owned());
        if samplers > 1 {
            set.push(format!("tracing.collector.replicas={samplers}"));
            set.push("tracing.balancer.enabled=true".to_owned());
        }
        let rendered = render(&format!("{WAIT}s"), &set);
        let dirs: Vec<TempDir> = (0..=samplers)
            .map(|_| tempfile::tempdir().unwrap())
            .collect();
        let samplers: Vec<Collector> = (dirs[1..].iter())
            .map(|dir| start(dir.path(), &rendered, &json!({})))
            .collect();
        let ports: Vec<u16> = samplers.iter().map(|sampler| sampler.otlp).collect();
        let balancer = (ports.len() > 1)
            .then(|| Balancer::start(dirs[0].path(), &rendered, &ports, &json!({})));
        Self {
            samplers,
            balancer,
            _dirs: dirs,
        }
    }

    fn otlp(&self) -> u16 {
        (self.balancer.as_ref()).map_or(self.samplers[0].otlp, |balancer| balancer.otlp)
    }

    /// Ends it, and gives how often each span of each trace was kept; no trace may be in two samplers.
    fn kept(mut self) -> BTreeMap<String, BTreeMap<String, usize>> {
        if let Some(balancer) = &mut self.balancer {
            assert!(
                balancer
                    .child
                    .terminate(collector_tests::LIMIT)
                    .unwrap()
                    .success()
            );
        }
        let mut all: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        let mut owners: BTreeMap<String, usize> = BTreeMap::new();
        for (n, sampler) in self.samplers.iter_mut().enumerate() {
            for (_, _, span) in sampler.stop().unwrap().iter().flat_map(otlp::spans) {
                let text = |key: &str| span[key].as_str().unwrap_or_default().to_lowercase();
                let id = text("traceId");
                assert_eq!(*owners.entry(id.clone()).or_insert(n), n, "{id} is split");
                *all.entry(id)
                    .or_default()
                    .entry(text("spanId"))
                    .or_default() += 1;
            }
        }
        all
    }
}

/// The traces of this test, and all that is sent in the order of time: made once for all tiers.
struct Plan {
    traces: Vec<Trace>,
    /// Whether a slow request is among the spans of an event, and whether a root is.
    facts: Vec<Vec<(bool, bool)>>,
    batches: Vec<Batch>,
}

/// What goes into one export.
struct Batch {
    at: f64,
    /// By trace and place in it.
    events: Vec<(usize, usize)>,
    message: Message,
}

static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    let mut maker = Maker::new();
    let mut traces = traces::every_order(&mut maker, SHORT, LONG);
    traces.extend(traces::long_ones(&mut maker, 3.0 * SHORT));
    let facts = (traces.iter())
        .map(|trace| {
            let of = |event: &traces::Event| {
                let slow = !slow_traces([&event.export], &LIMITS).is_empty();
                let mut spans = otlp::spans(&event.export);
                (slow, spans.any(|(_, _, span)| span["parentSpanId"] == ""))
            };
            trace.events.iter().map(of).collect()
        })
        .collect();
    let mut events: Vec<(f64, usize, usize)> = Vec::new();
    for (t, trace) in traces.iter().enumerate() {
        let own = trace.events.iter().enumerate();
        events.extend(own.map(|(e, event)| (event.at, t, e)));
    }
    events.sort_by(|a, b| a.0.total_cmp(&b.0));
    let batches = (events.chunk_by(|a, b| (a.0 - b.0).abs() < 1e-6))
        .flat_map(|same| same.chunks(TOGETHER))
        .map(|batch| {
            let mut message = Message::default();
            for (_, t, e) in batch {
                let one = otlp::to_message(&traces[*t].events[*e].export).unwrap();
                message.resource_spans.extend(one.resource_spans);
            }
            Batch {
                at: batch[0].0,
                events: batch.iter().map(|(_, t, e)| (*t, *e)).collect(),
                message,
            }
        })
        .collect();
    Plan {
        traces,
        facts,
        batches,
    }
});

impl Plan {
    /// Sends everything, each at its time, and gives when each event of each trace arrived.
    fn send(&self, port: u16) -> Vec<Vec<Arrival>> {
        let mut arrivals: Vec<Vec<Arrival>> = (self.facts.iter())
            .map(|facts| {
                let of = |(slow, root): &(bool, bool)| Arrival {
                    before: 0.0,
                    after: 0.0,
                    slow: *slow,
                    root: *root,
                };
                facts.iter().map(of).collect()
            })
            .collect();
        let mut sender = Sender::connect(port).unwrap();
        let began = Instant::now();
        for batch in &self.batches {
            // The times are what is tested: this waits for the clock, not for the collector.
            std::thread::sleep(Duration::from_secs_f64(batch.at).saturating_sub(began.elapsed()));
            let before = began.elapsed().as_secs_f64();
            sender.send_message(batch.message.clone()).unwrap();
            let after = began.elapsed().as_secs_f64();
            for (t, e) in &batch.events {
                (arrivals[*t][*e].before, arrivals[*t][*e].after) = (before, after);
            }
        }
        arrivals
    }
}

fn span_ids(export: &Value) -> impl Iterator<Item = String> + '_ {
    otlp::spans(export).map(|(_, _, span)| span["spanId"].as_str().unwrap_or_default().to_owned())
}

/// Holds what was kept against what the model says of each event.
///
/// Spans that a slow request should not find any more do no harm where it does: on a machine that
/// stalls for a second a hold ends late. So a few of these may be kept, and nothing else may differ.
fn judge(
    name: &str,
    traces: &[Trace],
    fates: &[Vec<Fate>],
    kept: &BTreeMap<String, BTreeMap<String, usize>>,
) {
    let (mut wrong, mut lost, mut late) = (Vec::new(), 0, 0);
    for (trace, fates) in traces.iter().zip(fates) {
        let found = kept.get(&trace.id);
        for (n, (event, fate)) in trace.events.iter().zip(fates).enumerate() {
            for span in span_ids(&event.export) {
                let times = found
                    .and_then(|found| found.get(&span))
                    .copied()
                    .unwrap_or(0);
                lost += usize::from(*fate == Fate::Lost);
                let right = match fate {
                    Fate::Kept => times == 1,
                    Fate::Lost if times == 1 => {
                        late += 1;
                        true
                    }
                    Fate::Lost => times == 0,
                    Fate::Either => times <= 1,
                };
                if !right {
                    let (id, of) = (&trace.id, &trace.name);
                    wrong.push(format!(
                        "{id} ({of}): event {n} {fate:?}, kept {times} times"
                    ));
                }
            }
        }
    }
    let some = wrong.len().min(10);
    let first = &wrong[..some];
    assert!(
        wrong.is_empty(),
        "{name}: {} wrong, so {first:#?}",
        wrong.len()
    );
    assert!(
        late * 50 <= lost && lost > 1000,
        "{name}: {late} of {lost} were held too long"
    );
    let ids: BTreeSet<&String> = traces.iter().map(|trace| &trace.id).collect();
    assert!(
        kept.keys().all(|id| ids.contains(id)),
        "{name}: unknown traces"
    );
}

/// A wait after a root that is shorter than the other: a root then ends the hold of its trace.
const ROOT: &str = "tracing.sampling.decisionWaitAfterRoot=0s";

#[test]
fn a_slow_request_is_kept_at_any_time_of_its_trace_with_what_is_held_and_all_that_follows() {
    let (ottl, wasm) = ("tracing.policy.engine=ottl", "tracing.policy.engine=wasm");
    // As the chart renders it by default, with a bound that thousands of spans at once stay below.
    let bounded = [
        "tracing.policy.budget.enabled=true",
        "tracing.policy.budget.spansPerSecond=1000000",
    ];
    let cases: [(&str, usize, &[&str], f64); 5] = [
        ("ottl", 1, &[ottl, bounded[0], bounded[1]], 6.0),
        ("wasm", 1, &[wasm], 6.0),
        ("ottl behind a balancer", 3, &[ottl], 6.0),
        ("wasm behind a balancer", 3, &[wasm], 6.0),
        ("ottl, short after a root", 1, &[ottl, ROOT], 0.0),
    ];
    std::thread::scope(|scope| {
        for (name, samplers, set, after_root) in cases {
            scope.spawn(move || {
                let plan = &*PLAN;
                let tier = Tier::start(samplers, set);
                let arrivals = plan.send(tier.otlp());
                let fates: Vec<Vec<Fate>> = (arrivals.iter())
                    .map(|arrivals| model::immediate(arrivals, WAIT, after_root))
                    .collect();
                let kept = tier.kept();
                judge(name, &plan.traces, &fates, &kept);
                // Whatever the clock did: no slow request is missing, and no other trace is there.
                for (trace, facts) in plan.traces.iter().zip(&plan.facts) {
                    let slow = facts.iter().any(|(slow, _)| *slow);
                    assert_eq!(kept.contains_key(&trace.id), slow, "{name}: {}", trace.name);
                }
            });
        }
    });
}

/// What `whole` loses, and that it is counted.
#[test]
fn whole_keeps_what_arrives_within_the_wait_and_counts_what_it_drops_later() {
    let plan = &*PLAN;
    let tier = Tier::start(1, &["tracing.policy.engine=ottl", WHOLE]);
    let arrivals = plan.send(tier.otlp());
    let fates: Vec<Vec<Fate>> = (arrivals.iter())
        .map(|arrivals| vec![model::whole(arrivals, WAIT); arrivals.len()])
        .collect();
    // The last decisions are due a second after the wait.
    std::thread::sleep(Duration::from_secs_f64(WAIT));
    let counted = metric(&tier.samplers[0], LATE, &[("sampled", "false")]);
    let kept = tier.kept();
    judge("whole", &plan.traces, &fates, &kept);
    let lost: usize = (plan.traces.iter().zip(&fates).zip(&arrivals))
        .filter(|((_, fates), _)| fates[0] == Fate::Lost)
        .flat_map(|((trace, _), arrivals)| {
            let late = arrivals[0].after + WAIT + model::LATE;
            (trace.events.iter().zip(arrivals))
                .filter(move |(_, arrival)| arrival.before > late)
                .map(|(event, _)| span_ids(&event.export).count())
        })
        .sum();
    assert!(
        lost > 0 && counted >= lost as f64,
        "{counted} counted of {lost}"
    );
}

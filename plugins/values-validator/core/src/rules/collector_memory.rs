//! The collector holds every trace for `decisionWait`, up to `numTraces` of them; a trace of one vLLM
//! span takes 2.9 kB there, and more with each span of the caller's. Above three fifths of its memory
//! limit it refuses spans. So `numTraces` must fit into the memory and, with `sampling.mode: whole`, be at
//! least the traces a second times `decisionWait`: a replica in use ends some two requests a second. With
//! `immediate` a slow request is kept before it could wait; what does not fit is its callers' earlier spans.

use super::Rule;
use super::look::{models, seconds};
use crate::node::blamed;
use crate::{Findings, Node, Severity, Values};
use vllm_catalog::number::Shown;

/// `tracing.sampling` against the collector's memory and the fleet's size.
pub const RULE: Rule = Rule {
    code: "collector-memory",
    severity: Severity::Warning,
    title: text!("The collector has too little memory for undecided traces"),
    check,
};

/// Bytes of the collector's heap that a waiting trace of one captured span takes; measured in the real
/// collector by `make bench` (docs/benchmarks.md), which fails when it is a third off.
pub const BYTES_PER_TRACE: f64 = 2900.0;
/// The share of its limit from which on the collector refuses: `memory_limiter` in the chart's
/// configuration, `limit_percentage` less `spike_limit_percentage`.
pub const USABLE: f64 = 0.6;
/// Bytes that the collector holds without a trace, its caches of decisions full: 9 MB measured without
/// them, some 100 bytes for each of twice `decisionCacheSize`.
pub const IDLE: f64 = 64.0 * 1_048_576.0;
/// Bytes of memory for each byte of a queue that is on no disk: a request of 940 bytes takes 5 kB (docs/tracing.md).
const IN_MEMORY: f64 = 5.0;
/// Requests a second that a replica in use ends: the captured one of vLLM 0.32 ended 1,044 in 483 s
/// (tests/fixtures/vllm/0.32.0/requests.jsonl).
pub const RATE: f64 = 2.0;

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    super::kept_room::check(&RULE, BYTES_PER_TRACE, values, findings);
    if !super::look::on(values, "tracing.enabled") {
        return;
    }
    let path = "tracing.sampling.numTraces";
    let Some(traces) = values.get(path) else {
        return;
    };
    let Some(count) = traces.as_f64() else {
        return;
    };
    let limit_path = "tracing.collector.resources.limits.memory";
    if let Some(limit) = values.get(limit_path)
        && let Some(bytes) = limit.as_quantity().filter(|bytes| *bytes >= 1_048_576.0)
    {
        let room = (bytes * USABLE - IDLE).max(0.0);
        let needed = count * BYTES_PER_TRACE;
        if needed > room {
            let at = blamed(&[limit, traces]).unwrap_or(traces);
            let path = if std::ptr::eq(at, traces) {
                path
            } else {
                limit_path
            };
            // Rounded to where it fits.
            let most = (room / BYTES_PER_TRACE).floor();
            let least = ((needed + IDLE) / USABLE / MEBIBYTE).ceil();
            findings.push(
                RULE.at(path, &at.place)
                    .found(format!(
                        "{} traces of 2.9 kB or more, that is {}Mi, and room for {}Mi",
                        Shown(count),
                        mebi(needed),
                        mebi(room)
                    ))
                    .expected(format!(
                        "at most {} traces, or a limit of {}Mi",
                        Shown(most),
                        Shown(least)
                    ))
                    .why(text!(
                        "The collector refuses spans when its memory is full, and vLLM drops them."
                    ))
                    .fix(if crate::FULL {
                        format!(
                            "write numTraces: {} or less, or a memory limit of {}Mi or more",
                            Shown(most),
                            Shown(least)
                        )
                    } else {
                        text!("lower numTraces, or raise the memory limit")
                            .as_str()
                            .to_owned()
                    })
                    .related(limit.place, "the memory limit")
                    .related(traces.place, "the traces it may hold"),
            );
        }
    }
    // Without a disk the queue is in the same memory.
    let queue = values.get("tracing.queue.size");
    if let (Some(queue), Some(limit)) = (queue, values.get(limit_path))
        && !super::look::on(values, "tracing.storage.persistent")
        && let (Some(size), Some(bytes)) = (queue.as_quantity(), limit.as_quantity())
        && size * IN_MEMORY > bytes
    {
        findings.push(
            RULE.finds(
                "tracing.queue.size",
                &queue.place,
                format!(
                    "{}Mi of queue, which takes five times as much in memory, and {}Mi of memory",
                    mebi(size),
                    mebi(bytes)
                ),
                text!("a queue well below the memory limit, or one on a disk"),
                text!("The collector refuses spans when its memory is full, and vLLM drops them."),
            )
            .fix(if crate::FULL {
                #[expect(clippy::cast_precision_loss, reason = "a number of exporters")]
                let room = super::storage_fit::queues(values) as f64 * size;
                let disk = values
                    .get("tracing.storage.size")
                    .and_then(Node::as_quantity);
                let more = if disk.is_some_and(|disk| disk >= room) {
                    String::new()
                } else {
                    format!(
                        " and tracing.storage.size: {}Gi or more",
                        Shown((1.25 * room / GIBIBYTE).ceil())
                    )
                };
                let wait = values.get("tracing.queue.drainSeconds");
                let wait = if wait.is_some_and(|node| !node.is_default()) {
                    " without drainSeconds"
                } else {
                    ""
                };
                let share = mebi(bytes / 16.0);
                format!(
                    "write size: {share}Mi, or set tracing.storage.persistent: true{more}{wait}"
                )
            } else {
                text!("write size: 128Mi, or set tracing.storage.persistent: true")
                    .as_str()
                    .to_owned()
            })
            .related(limit.place, "the memory limit"),
        );
    }
    if super::look::text(values, "tracing.sampling.mode") == "whole" {
        rate(values, traces, count, findings);
    }
}

const MEBIBYTE: f64 = 1_048_576.0;
const GIBIBYTE: f64 = 1_073_741_824.0;

fn mebi(bytes: f64) -> Shown {
    Shown((bytes / MEBIBYTE).round_ties_even())
}

/// The fleet's traces against what may wait.
fn rate(values: &Values, traces: &Node, count: f64, findings: &mut Findings) {
    let replicas: f64 = models(values)
        .iter()
        .filter_map(|model| model.node.child("replicas")?.as_f64())
        .sum();
    let wait_path = "tracing.sampling.decisionWait";
    let (Some(wait), Some(node)) = (seconds(values, wait_path), values.get(wait_path)) else {
        return;
    };
    let needed = replicas * RATE * wait;
    if needed <= count {
        return;
    }
    let (needed, count, replicas) = (Shown(needed.ceil()), Shown(count), Shown(replicas));
    let rate = Shown(RATE);
    let at = blamed(&[traces, node]).unwrap_or(traces);
    let path = if std::ptr::eq(at, traces) {
        "tracing.sampling.numTraces"
    } else {
        wait_path
    };
    findings.push(
        RULE.at(path, &at.place)
            .found(format!("room for {count} traces; {replicas} replicas end {needed} requests within decisionWait, at {rate} a second each"))
            .expected(format!("numTraces of at least {needed}"))
            .why(text!("The oldest traces are dropped before they are decided."))
            .fix(text!("raise numTraces and the memory limit, or wait less long"))
            .related(node.place, "how long traces wait"),
    );
}

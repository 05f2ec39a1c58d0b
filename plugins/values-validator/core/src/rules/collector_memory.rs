//! The collector holds every trace for `decisionWait`, up to `numTraces` of them; a trace of one vLLM
//! span takes some 6 KiB there. Above four fifths of its memory limit it refuses spans. So `numTraces`
//! must fit into the memory, and be at least the traces a second times `decisionWait`.

use super::Rule;
use super::look::{models, seconds};
use crate::node::blamed;
use crate::{Findings, Node, Severity, Values};

/// `tracing.sampling` against the collector's memory and the fleet's size.
pub const RULE: Rule = Rule {
    code: "collector-memory",
    severity: Severity::Warning,
    title: "The collector cannot hold the traces that wait for a decision",
    check,
};

/// A trace of one span with vLLM's 13 attributes, held by tail_sampling.
const BYTES_PER_TRACE: f64 = 6.0 * 1024.0;
/// Where the chart's memory limiter begins to refuse, of the limit.
const USABLE: f64 = 0.8;
/// What the collector takes without a trace.
const IDLE: f64 = 100.0 * 1_048_576.0;
/// Requests a second that a replica in use ends, at the least.
const RATE: f64 = 1.0;

fn check(values: &Values, findings: &mut Findings) {
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
            findings.push(
                RULE.at(path, at.place)
                    .found(format!(
                        "{count} traces of some 6 KiB, that is {:.0} MiB, in {:.0} MiB",
                        mebi(needed),
                        mebi(room)
                    ))
                    .expected(format!(
                        "at most {:.0} traces, or a limit of {:.0}Mi",
                        room / BYTES_PER_TRACE,
                        mebi((needed + IDLE) / USABLE).ceil()
                    ))
                    .why(
                        "The collector refuses spans when its memory is full, and vLLM drops them.",
                    )
                    .fix("lower numTraces, or raise the memory limit")
                    .related(limit.place, "the memory limit")
                    .related(traces.place, "the traces it may hold"),
            );
        }
    }
    rate(values, traces, count, findings);
}

fn mebi(bytes: f64) -> f64 {
    bytes / 1_048_576.0
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
    let at = blamed(&[traces, node]).unwrap_or(traces);
    let path = if std::ptr::eq(at, traces) {
        "tracing.sampling.numTraces"
    } else {
        wait_path
    };
    findings.push(
        RULE.at(path, at.place)
            .found(format!("room for {count} traces; {replicas} replicas end {needed:.0} requests in decisionWait, at one a second"))
            .expected(format!("numTraces of at least {needed:.0}"))
            .why("The oldest traces are thrown away before they are decided.")
            .fix("raise numTraces and the memory limit, or wait less long")
            .related(node.place, "how long traces wait"),
    );
}

//! With `sampling.mode: whole` a trace is decided on once, `decisionWait` after its first span, and vLLM's
//! span comes when its request has ended: where a caller's span comes first, a request that takes longer
//! than `decisionWait` is decided on without its own span, and lost. With `immediate` the rest of a trace is
//! held for `decisionWaitAfterRoot` after its root, which can come 5 s before vLLM's span, because an
//! OpenTelemetry SDK sends what has ended every 5 s.

#[cfg(feature = "full")]
mod rate;

use super::Rule;
use super::latency::LATENCIES;
use super::look::{duration, keep_traces, on, seconds, text};
use crate::node::blamed;
use crate::{Findings, Severity, Values};

/// `tracing.sampling` against the slowest requests that are to be kept.
pub const RULE: Rule = Rule {
    code: "sampling-wait",
    severity: Severity::Warning,
    title: text!("Traces are decided or dropped before their slow request arrives"),
    check,
};

/// Seconds that an OpenTelemetry SDK keeps a finished span before it sends it: the default of
/// `OTEL_BSP_SCHEDULE_DELAY` in OpenTelemetry's specification, which vLLM leaves as it is.
const SDK_DELAY: f64 = 5.0;

fn check(values: &Values, findings: &mut Findings) {
    if !on(values, "tracing.enabled") {
        return;
    }
    match text(values, "tracing.sampling.mode") {
        "whole" => whole(values, findings),
        "immediate" => after_root(values, findings),
        _ => {}
    }
}

/// `numTraces` against the rate that a comment of the file states.
#[cfg(feature = "full")]
pub(crate) fn stated(values: &Values, sources: &[crate::Source], findings: &mut Findings) {
    if on(values, "tracing.enabled") {
        rate::check(values, sources, findings);
    }
}

fn whole(values: &Values, findings: &mut Findings) {
    let path = "tracing.sampling.decisionWait";
    let (Some(wait), Some(node), Some(mode)) = (
        seconds(values, path),
        values.get(path),
        values.get("tracing.sampling.mode"),
    ) else {
        return;
    };
    let limits = LATENCIES
        .iter()
        .flat_map(|latency| keep_traces(values, latency.key))
        .filter_map(|(_, keep)| Some((keep.as_seconds()?, keep)));
    let Some((longest, keep)) = limits.max_by(|a, b| a.0.total_cmp(&b.0)) else {
        return;
    };
    if wait >= longest {
        return;
    }
    let at = blamed(&[node, keep, mode]).unwrap_or(node);
    let at_path = if std::ptr::eq(at, mode) {
        "tracing.sampling.mode"
    } else {
        path
    };
    findings.push(
        RULE.finds(at_path, if std::ptr::eq(at, keep) { node.place } else { at.place }, format!(
                "mode: whole, decisionWait: {}, and requests from {} on are to be kept",
                duration(wait),
                duration(longest)
            ), text!("decisionWait not below the longest keepTrace, or mode: immediate"), text!("If a caller's span comes first, the trace is decided before its slow request has ended, and the request's span is dropped."))
            .fix(if crate::FULL {
                "write a decisionWait above the longest request, such as 10m, or mode: immediate, which needs no wait to keep a slow request"
            } else {
                text!("leave mode at immediate, which needs no wait to keep a slow request").as_str()
            })
            .related(mode.place, "decides once, after the wait")
            .related(keep.place, "the longest of the requests to keep"),
    );
}

fn after_root(values: &Values, findings: &mut Findings) {
    let path = "tracing.sampling.decisionWaitAfterRoot";
    let wait_path = "tracing.sampling.decisionWait";
    let (Some(after), Some(node), Some(wait)) = (
        seconds(values, path),
        values.get(path),
        seconds(values, wait_path),
    ) else {
        return;
    };
    // A shorter decisionWait ends the hold anyway.
    if after > SDK_DELAY || after >= wait {
        return;
    }
    findings.push(
        RULE.at(path, &node.place)
            .found(duration(after))
            .expected(format!("more than {}", duration(SDK_DELAY)))
            .why(text!("A caller's root span can arrive 5s before vLLM's span of the same request: both are sent every 5s. What came before vLLM's span is then missing in the kept trace; the slow request itself is not."))
            .fix(text!("set decisionWaitAfterRoot to 6s")),
    );
}

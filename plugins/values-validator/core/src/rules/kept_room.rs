//! Room for kept traces: those of a Jaeger that stores them in memory, and the file with the older ones that
//! rotation leaves beside it, against the limits of their containers.

use super::Rule;
use super::look::on;
use crate::node::blamed;
use crate::{Findings, Node, Values};
use vllm_catalog::number::Shown;

const MEBIBYTE: f64 = 1_048_576.0;

fn mebi(bytes: f64) -> Shown {
    Shown((bytes / MEBIBYTE).ceil())
}

/// `trace`: bytes of a trace.
pub(super) fn check(rule: &Rule, trace: f64, values: &Values, findings: &mut Findings) {
    if !on(values, "tracing.enabled") {
        return;
    }
    jaeger(rule, trace, values, findings);
    file(rule, values, findings);
}

fn jaeger(rule: &Rule, trace: f64, values: &Values, findings: &mut Findings) {
    let paths = ["jaeger.storage.maxTraces", "jaeger.resources.limits.memory"];
    let [Some(traces), Some(limit)] = paths.map(|path| values.get(path)) else {
        return;
    };
    let memory = super::look::text(values, "jaeger.storage.type") == "memory";
    let (Some(count), Some(bytes)) = (traces.as_f64(), limit.as_quantity()) else {
        return;
    };
    // The same measure as in the collector: a span takes no less in Jaeger's memory.
    let needed = count * trace;
    if !on(values, "jaeger.enabled") || !memory || needed <= bytes || bytes < MEBIBYTE {
        return;
    }
    let at = blamed(&[traces, limit]).unwrap_or(traces);
    let path = paths[usize::from(std::ptr::eq(at, limit))];
    let most = (bytes * 0.8 / trace / 1000.0).floor() * 1000.0;
    findings.push(
        rule.at(path, &at.place)
            .found(format!(
                "{} traces of 2.9 kB or more, that is {}Mi, in a memory of {}Mi",
                Shown(count),
                mebi(needed),
                mebi(bytes)
            ))
            .expected(format!(
                "at most {} traces, or a limit of {}Mi",
                Shown(most),
                mebi(needed / 0.8)
            ))
            .why("Jaeger is killed when its memory is full, and all of its traces are lost.")
            .fix("lower maxTraces, raise the memory limit, or set jaeger.storage.type: badger, which stores them on a volume")
            .related(limit.place, "the memory limit")
            .related(traces.place, "the traces it may hold"),
    );
}

fn file(rule: &Rule, values: &Values, findings: &mut Findings) {
    let file = "tracing.exporters.file";
    let path = "tracing.collector.resources.limits";
    let limit = values
        .get(path)
        .and_then(|all| all.child("ephemeral-storage"));
    let get = |key: &str| values.get(&format!("{file}.{key}"));
    let (Some(limit), Some(size), Some(backups)) = (limit, get("maxMegabytes"), get("maxBackups"))
    else {
        return;
    };
    let number = |node: &Node| node.as_f64();
    let (Some(bytes), Some(size_of), Some(old)) =
        (limit.as_quantity(), number(size), number(backups))
    else {
        return;
    };
    let needed = size_of * (old + 1.0) * 1e6;
    if !on(values, &format!("{file}.enabled")) || needed <= bytes {
        return;
    }
    let at = blamed(&[size, backups, limit]).unwrap_or(size);
    let path = if std::ptr::eq(at, limit) {
        format!("{path}.ephemeral-storage")
    } else if std::ptr::eq(at, backups) {
        format!("{file}.maxBackups")
    } else {
        format!("{file}.maxMegabytes")
    };
    findings.push(
        rule.at(path, &at.place)
            .found(format!(
                "{} MB for the file and its {} old ones, in an ephemeral storage of {} MB",
                Shown(needed / 1e6),
                Shown(old),
                Shown((bytes / 1e6).floor())
            ))
            .expected(format!("a limit of {}Mi or more, or smaller files", mebi(needed)))
            .why("Kubernetes evicts the pod before the oldest file is deleted, and the files are lost with it.")
            .fix("lower maxMegabytes or maxBackups, or raise ephemeral-storage")
            .related(limit.place, "the limit")
            .related(size.place, "the size of one file"),
    );
}

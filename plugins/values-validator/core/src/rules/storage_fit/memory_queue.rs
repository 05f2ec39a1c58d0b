//! Queues of traces in memory, against the collector's limit.

use super::{RULE, queues};
use crate::node::blamed;
use crate::rules::look::on;
use crate::{Findings, Values};
use vllm_catalog::number::Shown;

/// Bytes of memory for each byte of a queue: a request of 940 bytes takes 5 kB (docs/tracing.md).
const IN_MEMORY: f64 = 5.0;

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let paths = [
        "tracing.queue.size",
        "tracing.collector.resources.limits.memory",
    ];
    let [Some(size), Some(limit)] = paths.map(|path| values.get(path)) else {
        return;
    };
    let (Some(each), Some(memory)) = (size.as_quantity(), limit.as_quantity()) else {
        return;
    };
    let Some(storage) = values.get("tracing.storage.persistent") else {
        return;
    };
    #[expect(clippy::cast_precision_loss, reason = "a number of exporters")]
    let count = queues(values) as f64;
    let needed = each * count * IN_MEMORY;
    if !on(values, "tracing.enabled") || storage.as_bool() == Some(true) || needed <= memory {
        return;
    }
    let at = blamed(&[size, limit]).unwrap_or(size);
    findings.push(
        RULE.at(paths[usize::from(std::ptr::eq(at, limit))], &at.place)
            .found(format!(
                "{} in memory for each of {} exporters, where it takes five times as much, and a limit of {}",
                size.as_str().unwrap_or(""),
                Shown(count),
                limit.described()
            ))
            .expected("queues that fit into the memory, or on a volume")
            .why("While a backend is down the collector refuses spans or is killed long before the queue is full.")
            .fix("set tracing.storage.persistent: true, which puts the queues on a volume; or remove queue.size for a sixteenth of the memory")
            .related(storage.place, "the queues are in memory"),
    );
}

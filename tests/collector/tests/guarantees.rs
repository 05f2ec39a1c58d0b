//! What the README of the extension guarantees: no kept trace is lost to SIGTERM, to an outage of
//! the receiver, or to faults of the policy; SIGKILL costs undecided traces alone.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use bench::policies::Does;
use collector_tests::{
    LIMIT, WHOLE, await_decisions, await_log, await_metric, ids, metric, planted, render, send,
    slow, start,
};
use harness::collector::Collector;
use harness::repo;
use serde_json::{Value, json};

/// How long the receiver is away: what the guarantee names.
const OUTAGE: Duration = Duration::from_secs(60);

const FAULTS: &str = "otelcol_wasm_sampling_policy_faults";

/// One shard decides in order; so does the exporter send.
fn one_shard() -> Value {
    json!({"processors": {"tail_sampling": {"num_shards": 1}}})
}

/// A collector that sends what it keeps to this port; in the directory it has its queue. It decides
/// after the wait, or as it ends.
fn sending(dir: &Path, port: u16, decision_wait: &str) -> Collector {
    with_disk(dir, port, decision_wait, true, WHOLE)
}

/// The same, with a volume for its queue or without, and one more value.
fn with_disk(
    dir: &Path,
    port: u16,
    decision_wait: &str,
    persistent: bool,
    value: &str,
) -> Collector {
    let exporter = "tracing.exporters.otlp.backend";
    let values = [
        value.to_owned(),
        format!("{exporter}.endpoint=127.0.0.1:{port}"),
        format!("{exporter}.insecure=true"),
        format!("tracing.storage.persistent={persistent}"),
    ];
    start(dir, &render(decision_wait, &values), &one_shard())
}

/// The receiver of what is kept: a collector as well, which keeps the same traces.
fn backend(dir: &Path, port: u16) -> Collector {
    let extra = json!({"receivers": {"otlp": {"protocols": {
        "grpc": {"endpoint": format!("127.0.0.1:{port}")},
    }}}});
    start(dir, &render("1s", &[]), &extra)
}

/// Waits until the receiver has kept so many traces, then ends it and gives them.
fn received(backend: &mut Collector, traces: usize) -> BTreeSet<String> {
    await_decisions(backend, traces);
    ids(&backend.stop().unwrap())
}

/// Each call of the policy fails: every trace is kept, and soon the policy is not called any more.
#[test]
fn a_storm_of_faults_keeps_every_trace() {
    for (does, cause) in [(Does::Trap, "trap"), (Does::Loop, "fuel")] {
        let dir = tempfile::tempdir().unwrap();
        let mut extra = one_shard();
        extra["extensions"] = does.install(dir.path()).unwrap();
        let mut collector = start(dir.path(), &render("1s", &[]), &extra);
        let exports = planted(36, 1000);
        send(&collector, &exports);
        await_metric(&mut collector, FAULTS, &[], exports.len() as f64);
        let [tried, spared] =
            [cause, "breaker_open"].map(|c| metric(&collector, FAULTS, &[("cause", c)]));
        assert!(tried <= 20.0, "{cause}: called {tried} times");
        assert_eq!(tried + spared, exports.len() as f64, "{cause}");
        let state = "otelcol_wasm_sampling_policy_breaker_state";
        assert!(metric(&collector, state, &[("policy", "vllm")]) > 0.0);
        assert_eq!(ids(&collector.stop().unwrap()), ids(&exports), "{cause}");
    }
}

/// How long does not matter while the queue, which is on disk, has room.
#[test]
fn an_outage_of_the_receiver_loses_nothing() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [port] = repo::free_ports::<1>().unwrap();
    let mut collector = sending(dirs[0].path(), port, "1s");
    let exports = planted(31, 600);
    let began = Instant::now();
    // Requests go on ending all the while: a batch every tenth of the outage.
    for (tenth, batch) in (1..).zip(exports.chunks(exports.len() / 10)) {
        send(&collector, batch);
        await_decisions(&mut collector, batch.len() * tenth as usize);
        while began.elapsed() < OUTAGE * tenth / 10 {
            collector.child.check().expect("the collector lives");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    await_log(&mut collector, "Exporting failed");
    let mut backend = backend(dirs[1].path(), port);
    let expected = slow(&exports);
    assert_eq!(received(&mut backend, expected.len()), expected);
}

/// During an outage the collector is ended, too: pending traces are decided on, and the queue on
/// disk is sent by the next one.
#[test]
fn sigterm_during_an_outage_loses_nothing() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [port] = repo::free_ports::<1>().unwrap();
    let mut first = sending(dirs[0].path(), port, "10m");
    let exports = planted(32, 600);
    send(&first, &exports);
    first.stop().unwrap();
    drop(first);
    let _next = sending(dirs[0].path(), port, "10m");
    let mut backend = backend(dirs[1].path(), port);
    let expected = slow(&exports);
    assert_eq!(received(&mut backend, expected.len()), expected);
}

/// Nothing of a pod without a volume is there after it: its queue is emptied before it ends.
#[test]
fn sigterm_without_a_volume_loses_nothing_and_leaves_nothing() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [port] = repo::free_ports::<1>().unwrap();
    let mut backend = backend(dirs[1].path(), port);
    let mut collector = with_disk(dirs[0].path(), port, "10m", false, WHOLE);
    let exports = planted(34, 600);
    send(&collector, &exports);
    collector.stop().unwrap();
    let expected = slow(&exports);
    assert_eq!(received(&mut backend, expected.len()), expected);
    let left = std::fs::read_dir(dirs[0].path().join("queue")).unwrap();
    assert_eq!(left.count(), 0);
}

/// SIGKILL leaves no time for anything. What was decided is on disk; what still waited is lost.
#[test]
fn sigkill_costs_undecided_traces_alone() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [port] = repo::free_ports::<1>().unwrap();
    let mut first = sending(dirs[0].path(), port, "2s");
    let all = planted(33, 820);
    let (decided, next, pending) = (&all[..600], &all[600..620], &all[620..]);
    send(&first, decided);
    await_decisions(&mut first, decided.len());
    // Decided on after them, so that they have been handed to the queue by then.
    send(&first, next);
    await_decisions(&mut first, decided.len() + next.len());
    send(&first, pending);
    kill(&mut first);
    drop(first);

    let _next = sending(dirs[0].path(), port, "2s");
    let mut backend = backend(dirs[1].path(), port);
    let (expected, lost) = (slow(decided), slow(pending));
    let kept = received(&mut backend, expected.len());
    assert!(!expected.is_empty() && !lost.is_empty());
    assert!(
        kept.is_superset(&expected),
        "{:?}",
        expected.difference(&kept)
    );
    let others: BTreeSet<_> = kept.difference(&expected).cloned().collect();
    assert!(others.is_subset(&slow(next)), "{others:?}");
}

/// What is decided as it arrives waits for nothing: however long `decisionWait` is, it is on disk.
#[test]
fn sigkill_costs_no_trace_that_was_decided_on_arrival() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [port] = repo::free_ports::<1>().unwrap();
    let immediate = "tracing.sampling.mode=immediate";
    let mut first = with_disk(dirs[0].path(), port, "10m", true, immediate);
    let all = planted(35, 620);
    let (decided, next) = all.split_at(600);
    send(&first, decided);
    await_decisions(&mut first, decided.len());
    // Decided on after them, so that they have been handed to the queue by then.
    send(&first, next);
    await_decisions(&mut first, all.len());
    kill(&mut first);
    drop(first);

    let _next = with_disk(dirs[0].path(), port, "10m", true, immediate);
    let mut backend = backend(dirs[1].path(), port);
    let expected = slow(decided);
    let kept = received(&mut backend, expected.len());
    assert!(!expected.is_empty());
    assert!(
        kept.is_superset(&expected),
        "{:?}",
        expected.difference(&kept)
    );
}

/// Ends it without a chance to do anything.
fn kill(collector: &mut Collector) {
    let killed = Command::new("kill")
        .args(["-KILL", &collector.child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert!(!collector.child.wait_end(LIMIT).unwrap().success());
}

//! Each way in which a trace can be lost, and the counter that the alert on it reads. The alerts
//! themselves, from these counters on, are in tests/rules/cases.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use collector_tests::{LIMIT, WHOLE, await_metric, ids, metric, render, send, slow_spans, start};
use harness::collector::Collector;
use harness::store::Store;
use harness::{otlp, repo};
use serde_json::{Value, json};

const SENT: &str = "otelcol_exporter_sent_spans";
const FAILED: &str = "otelcol_exporter_send_failed_spans";
const NO_ROOM: &str = "otelcol_exporter_enqueue_failed_spans";
const QUEUE: &str = "otelcol_exporter_queue_size";
const STORE: (&str, &str) = ("exporter", "otlp_http/store");

/// A collector that sends what it keeps to the store at this port.
fn sending(dir: &Path, port: u16, more: &[String], extra: &Value) -> Collector {
    let mut values = vec![
        format!("tracing.exporters.otlphttp.store.endpoint=http://127.0.0.1:{port}"),
        "tracing.exporters.file.enabled=false".to_owned(),
    ];
    values.extend_from_slice(more);
    start(dir, &render("1s", &values), extra)
}

#[test]
fn what_the_store_refuses_for_good_is_counted() {
    for status in [401, 403, 404] {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::start(0, status, Duration::ZERO).unwrap();
        let mut collector = sending(dir.path(), store.port, &[], &json!({}));
        send(&collector, &slow_spans(50));
        await_metric(&mut collector, FAILED, &[STORE], 50.0);
        assert_eq!(metric(&collector, QUEUE, &[STORE]), 0.0, "{status}");
        assert_eq!(metric(&collector, SENT, &[STORE]), 0.0, "{status}");
    }
}

/// It is kept and tried again, for as long as it takes.
#[test]
fn what_the_store_refuses_for_now_is_sent_later() {
    for status in [429, 503] {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::start(0, status, Duration::ZERO).unwrap();
        let mut collector = sending(dir.path(), store.port, &[], &json!({}));
        send(&collector, &slow_spans(50));
        // As the alert on an exporter that stands still reads it.
        await_metric(&mut collector, QUEUE, &[STORE], 1.0);
        while store.requests() == 0 {
            collector.child.check().expect("the collector lives");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(metric(&collector, FAILED, &[STORE]), 0.0, "{status}");
        store.answer(200);
        await_metric(&mut collector, SENT, &[STORE], 50.0);
        assert_eq!(store.taken().len(), 50, "{status}");
    }
}

/// As docs/tracing.md says: the collector has no counter of what a store rejects in an answer 200, but a line in its log.
#[test]
fn what_the_store_takes_in_part_is_in_the_log_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::start(0, 200, Duration::ZERO).unwrap();
    store.reject(3);
    let mut collector = sending(dir.path(), store.port, &[], &json!({}));
    send(&collector, &slow_spans(50));
    await_metric(&mut collector, SENT, &[STORE], 50.0);
    let page = harness::http::get(&collector.metrics_url()).unwrap();
    assert!(
        !page.contains("partial") && !page.contains("rejected"),
        "{page}"
    );
    assert_eq!(metric(&collector, FAILED, &[STORE]), 0.0);
    collector_tests::await_log(&mut collector, "Partial success response");
    assert!(collector.child.log().contains("\"dropped_spans\": 3"));
}

/// TLS to a plain port: no word of it above log level info, and nothing is given up.
#[test]
fn an_exporter_that_can_never_send_has_a_queue_and_sends_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::start(0, 200, Duration::ZERO).unwrap();
    let endpoint = format!("https://127.0.0.1:{}", store.port);
    let extra = json!({"exporters": {"otlp_http/store": {"endpoint": endpoint}}});
    let mut collector = sending(dir.path(), store.port, &[], &extra);
    send(&collector, &slow_spans(50));
    await_metric(&mut collector, QUEUE, &[STORE], 1.0);
    collector_tests::await_log(&mut collector, "Exporting failed");
    assert!(metric(&collector, QUEUE, &[STORE]) > 0.0);
    assert_eq!(metric(&collector, FAILED, &[STORE]), 0.0);
    assert_eq!(metric(&collector, SENT, &[STORE]), 0.0);
}

#[test]
fn what_finds_no_room_in_the_queue_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::start(0, 503, Duration::ZERO).unwrap();
    let queue =
        json!({"queue_size": 20_000, "block_on_overflow": false, "batch": {"min_size": 10_000}});
    let extra = json!({"exporters": {"otlp_http/store": {"sending_queue": queue}}});
    let mut collector = sending(dir.path(), store.port, &[], &extra);
    send(&collector, &slow_spans(500));
    await_metric(&mut collector, NO_ROOM, &[STORE], 1.0);
    assert_eq!(metric(&collector, FAILED, &[STORE]), 0.0);
    let full = metric(&collector, QUEUE, &[STORE])
        / metric(&collector, "otelcol_exporter_queue_capacity", &[STORE]);
    assert!(full > 0.9, "{full}");
}

/// Far fewer than the queue's size: its disk is full.
#[test]
fn what_finds_no_room_on_the_queues_disk_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::start(0, 503, Duration::ZERO).unwrap();
    let extra = json!({"extensions": {"file_storage": {"max_size": 200_000}}});
    let values = ["tracing.storage.persistent=true".to_owned()];
    let mut collector = sending(dir.path(), store.port, &values, &extra);
    send(&collector, &slow_spans(1000));
    await_metric(&mut collector, NO_ROOM, &[STORE], 1.0);
    assert_eq!(metric(&collector, FAILED, &[STORE]), 0.0);
}

/// A statement that fails, as one on a value of a type it cannot take: the trace is dropped, for nothing may leave
/// unredacted, and tail_sampling passes the error over.
#[test]
fn what_the_redaction_drops_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::start(0, 200, Duration::ZERO).unwrap();
    let fails = r#"set(span.name, Substring(span.attributes["gen_ai.request.id"], 0, 9999))"#;
    let extra = json!({"processors": {"transform/redact": {"trace_statements": [
        {"context": "span", "statements": [fails]},
    ]}}});
    let mut collector = sending(dir.path(), store.port, &[], &extra);
    send(&collector, &slow_spans(50));
    let redaction = ("processor", "transform/redact");
    let (incoming, outgoing) = ["incoming", "outgoing"]
        .map(|end| format!("otelcol_processor_{end}_items"))
        .into();
    await_metric(&mut collector, &incoming, &[redaction], 50.0);
    assert_eq!(metric(&collector, &outgoing, &[redaction]), 0.0);
    collector_tests::await_log(&mut collector, "failed to execute statement");
    assert_eq!(store.requests(), 0);
}

/// 12 MB of prompts, which are allowed to leave, and texts that a sender cut within a character: all of it waits
/// for the store, which takes 4 MiB a request and no text that is not UTF-8.
#[test]
fn what_waited_leaves_in_requests_that_a_strict_store_takes() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::start(0, 503, Duration::ZERO).unwrap();
    let values = [
        "tracing.redaction.allow={prompt.*}".to_owned(),
        "tracing.redaction.maxLength=100000".to_owned(),
    ];
    let mut collector = sending(dir.path(), store.port, &values, &json!({}));
    let mut sender = otlp::Sender::connect(collector.otlp).unwrap();
    let mut export = slow_spans(200).remove(0);
    let scope = &mut export["resourceSpans"][0]["scopeSpans"][0];
    let spans = scope["spans"].as_array_mut().unwrap();
    let text = |text: &str| json!({"stringValue": text});
    for span in &mut *spans {
        let attributes = span["attributes"].as_array_mut().unwrap();
        attributes.push(json!({"key": "prompt", "value": text(&"x".repeat(60_000))}));
        attributes.push(json!({"key": "prompt.MARK", "value": text("MARK")}));
        attributes.push(
            json!({"key": "prompts", "value": {"kvlistValue": {"values": [
                {"key": "nested", "value": text("MARK")},
            ]}}}),
        );
    }
    let spans = std::mem::take(spans);
    for some in spans.chunks(10) {
        export["resourceSpans"][0]["scopeSpans"][0]["spans"] = json!(some);
        let service = json!({"attributes": [{"key": "service.name", "value": text("MARK")}]});
        export["resourceSpans"][0]["resource"] = service;
        let bytes = otlp::to_bytes(&export, "MARK", b"\xe2\x82ab").unwrap();
        sender.send_bytes(&bytes).unwrap().unwrap();
    }
    await_metric(&mut collector, QUEUE, &[STORE], 200.0 * 60_000.0);
    store.answer(200);
    await_metric(&mut collector, SENT, &[STORE], 200.0);
    assert_eq!(metric(&collector, FAILED, &[STORE]), 0.0);
    assert_eq!(store.taken().len(), 200);
}

/// All are decided at once, and the store is slow.
#[test]
fn sigterm_with_many_pending_and_a_slow_store_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::start(0, 200, Duration::from_millis(500)).unwrap();
    let values = [
        WHOLE.to_owned(),
        "tracing.sampling.decisionWait=10m".to_owned(),
    ];
    let mut collector = sending(dir.path(), store.port, &values, &json!({}));
    send(&collector, &slow_spans(20_000));
    let new = "otelcol_processor_tail_sampling_new_trace_id_received";
    await_metric(&mut collector, new, &[], 20_000.0);
    assert_eq!(store.requests(), 0);
    assert!(collector.child.terminate(LIMIT).unwrap().success());
    let taken: BTreeSet<String> = store.taken().into_iter().collect();
    assert_eq!(taken.len(), 20_000);
}

/// An outage, and more kept traces than the queue had requests once.
#[test]
fn a_burst_during_an_outage_finds_room() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::start(0, 503, Duration::ZERO).unwrap();
    let mut collector = sending(dir.path(), store.port, &[], &json!({}));
    send(&collector, &slow_spans(12_000));
    await_metric(&mut collector, QUEUE, &[STORE], 12_000.0 * 200.0);
    store.answer(200);
    await_metric(&mut collector, SENT, &[STORE], 12_000.0);
    assert_eq!(metric(&collector, NO_ROOM, &[STORE]), 0.0);
    let taken: BTreeSet<String> = store.taken().into_iter().collect();
    assert_eq!(taken.len(), 12_000);
}

/// More traces than `numTraces` within `decisionWait`.
#[test]
fn what_is_dropped_before_its_decision_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let values = [
        "tracing.sampling.numTraces=100".to_owned(),
        WHOLE.to_owned(),
    ];
    let mut collector = start(dir.path(), &render("2s", &values), &json!({}));
    send(&collector, &slow_spans(500));
    let dropped = "otelcol_processor_tail_sampling_sampling_trace_dropped_too_early";
    await_metric(&mut collector, dropped, &[], 400.0);
    assert_eq!(ids(&collector.stop().unwrap()).len(), 100);
}

/// The alert compares what came with what was decided; the sampler looks once a second.
#[test]
fn traces_that_nobody_decides_on_are_seen() {
    let dir = tempfile::tempdir().unwrap();
    let values = [WHOLE.to_owned()];
    let mut collector = start(dir.path(), &render("10m", &values), &json!({}));
    send(&collector, &slow_spans(500));
    let new = "otelcol_processor_tail_sampling_new_trace_id_received";
    await_metric(&mut collector, new, &[], 500.0);
    let ticks = "otelcol_processor_tail_sampling_sampling_decision_timer_latency_count";
    let first = metric(&collector, ticks, &[]);
    await_metric(&mut collector, ticks, &[], first + 1.0);
    let decided = "otelcol_processor_tail_sampling_global_count_traces_sampled";
    assert_eq!(metric(&collector, decided, &[]), 0.0);
}

/// A full queue makes the sampler wait, and it looks at nothing meanwhile.
#[test]
fn a_sampler_that_waits_for_a_full_queue_is_seen() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::start(0, 503, Duration::ZERO).unwrap();
    let queue =
        json!({"queue_size": 20_000, "block_on_overflow": true, "batch": {"min_size": 10_000}});
    let extra = json!({"exporters": {"otlp_http/store": {"sending_queue": queue}}});
    let mut collector = sending(dir.path(), store.port, &[], &extra);
    send(&collector, &slow_spans(500));
    let full = || {
        let capacity = metric(&collector, "otelcol_exporter_queue_capacity", &[STORE]);
        metric(&collector, QUEUE, &[STORE]) > 0.9 * capacity
    };
    let started = std::time::Instant::now();
    while !full() {
        assert!(started.elapsed() < LIMIT);
        std::thread::sleep(Duration::from_millis(50));
    }
    let ticks = "otelcol_processor_tail_sampling_sampling_decision_timer_latency_count";
    let before = metric(&collector, ticks, &[]);
    // Three of its seconds.
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(metric(&collector, ticks, &[]), before);
    assert_eq!(metric(&collector, NO_ROOM, &[STORE]), 0.0);
    store.answer(200);
    await_metric(&mut collector, SENT, &[STORE], 500.0);
}

/// Of which no span is counted.
#[test]
fn an_export_that_is_too_large_is_counted_by_its_answer() {
    let dir = tempfile::tempdir().unwrap();
    let extra = json!({"receivers": {"otlp": {"protocols": {
        "grpc": {"max_recv_msg_size_mib": 1},
    }}}});
    let mut collector = start(dir.path(), &render("1s", &[]), &extra);
    let mut export = slow_spans(1).remove(0);
    let span = &mut export["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    span["name"] = json!("x".repeat(2 << 20));
    let mut sender = otlp::Sender::connect(collector.otlp).unwrap();
    sender.send(&export).unwrap_err();
    let grpc = ("rpc_response_status_code", "RESOURCE_EXHAUSTED");
    await_metric(
        &mut collector,
        "rpc_server_call_duration_count",
        &[grpc],
        1.0,
    );
    assert_eq!(
        metric(&collector, "otelcol_receiver_refused_spans", &[]),
        0.0
    );
}

/// By the address they came from, over gRPC and HTTP alike; callers' spans and those of `helm test`
/// do not count, nor does what a sender writes there itself.
#[test]
fn request_spans_are_counted_by_their_sender() {
    let dir = tempfile::tempdir().unwrap();
    let [port] = repo::free_ports::<1>().unwrap();
    let extra = json!({
        "exporters": {"prometheus/spans": {"endpoint": format!("127.0.0.1:{port}")}},
        "connectors": {"span_metrics/requests": {"metrics_flush_interval": "200ms"}},
    });
    let mut collector = start(dir.path(), &render("1s", &[]), &extra);
    let mut exports = slow_spans(98);
    let text = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    let attributes = &mut exports[0]["resourceSpans"][0]["resource"]["attributes"];
    let attributes = attributes.as_array_mut().unwrap();
    attributes.push(text("vllm_monitoring.sender", "10.0.0.1"));
    let mut callers: Vec<Value> = exports.iter().map(collector_tests::caller).collect();
    // A gateway that calls its own span by the same name.
    callers.extend(
        exports
            .iter()
            .flat_map(otlp::spans)
            .map(|(resource, _, span)| otlp::request(resource, &json!({"name": "gateway"}), span)),
    );
    // Before vLLM's: what is counted wrongly is there when these are.
    send(&collector, &callers);
    // The first of a sender, whose resource its series keep: a text that is no UTF-8, which Prometheus's library
    // refuses with all else of the page, and others that are no label of anything. Then one that names no service.
    let (_, scope, span) = otlp::spans(&exports[0]).next().unwrap();
    let said =
        ["service.name", "service.instance.id", "user.email"].map(|key| text(key, "MARKann"));
    let first = otlp::request(&json!({"attributes": said}), scope, span);
    let first = otlp::to_bytes(&first, "MARK", b"\xe2\x82ab").unwrap();
    let mut sender = otlp::Sender::connect(collector.otlp).unwrap();
    sender.send_bytes(&first).unwrap().unwrap();
    sender
        .send(&otlp::request(&json!({}), scope, span))
        .unwrap();
    send(&collector, &exports);
    let url = format!("http://127.0.0.1:{port}/metrics");
    let started = std::time::Instant::now();
    loop {
        collector.child.check().expect("the collector lives");
        let page = harness::http::get(&url).unwrap();
        let samples = harness::http::parse_metrics(&page).unwrap();
        let of = samples
            .iter()
            .filter(|s| s.name == "vllm_request_spans_calls_total");
        let counted: Vec<(&str, f64)> = of
            .map(|s| (s.label("vllm_monitoring_sender"), s.value))
            .collect();
        if counted == [("127.0.0.1", 100.0)] {
            assert_eq!(page.matches("ann").count(), 1, "the service's name: {page}");
            break;
        }
        assert!(started.elapsed() < LIMIT, "{page}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// In each of these ways the collector ended at every start, whatever file_storage's `recreate` says.
#[test]
fn a_damaged_queue_is_put_aside_and_begins_empty() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::start(0, 503, Duration::ZERO).unwrap();
    let values = ["tracing.storage.persistent=true".to_owned()];
    let mut first = sending(dir.path(), store.port, &values, &json!({}));
    send(&first, &slow_spans(2000));
    await_metric(&mut first, QUEUE, &[STORE], 1.0);
    assert!(first.child.terminate(LIMIT).unwrap().success());
    drop(first);
    let queue = dir.path().join("queue/exporter_otlp_http_store_traces");
    let good = std::fs::read(&queue).unwrap();
    // Without all but the two pages that say where the others are: of those, some are free, by chance.
    let mut emptied = good.clone();
    emptied[8192..].fill(0);
    store.answer(200);
    let damages = [
        Some(good[..8200].to_vec()),
        Some(vec![0; good.len()]),
        Some(emptied),
        Some(Vec::new()),
        // A directory in its place.
        None,
    ];
    for (n, damaged) in damages.iter().enumerate() {
        if let Some(damaged) = damaged {
            std::fs::write(&queue, damaged).unwrap();
        } else {
            std::fs::remove_file(&queue).unwrap();
            std::fs::create_dir_all(queue.join("lost")).unwrap();
        }
        let mut next = sending(dir.path(), store.port, &values, &json!({}));
        collector_tests::await_log(&mut next, "is damaged: it is put aside");
        send(&next, &slow_spans(10));
        await_metric(&mut next, SENT, &[STORE], 10.0);
        let damaged = "otelcol_queue_guard_damaged_files";
        assert_eq!(metric(&next, damaged, &[]), 1.0, "damage {n}");
        assert!(next.child.terminate(LIMIT).unwrap().success());
        let names = std::fs::read_dir(dir.path().join("queue")).unwrap();
        let aside = names.filter(|name| {
            let name = name.as_ref().unwrap().file_name();
            name.to_string_lossy().contains(".damaged-")
        });
        assert!(aside.count() > 0, "damage {n}");
    }
}

/// Connections to the ports in turn, as a Service spreads them; a port that refuses is passed over.
fn in_turn(ports: &Arc<Mutex<[u16; 2]>>) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let ports = Arc::clone(ports);
    std::thread::spawn(move || {
        for (turn, from) in listener.incoming().flatten().enumerate() {
            let [a, b] = *ports.lock().unwrap();
            let order = if turn % 2 == 0 { [a, b] } else { [b, a] };
            let to = order
                .iter()
                .find_map(|port| TcpStream::connect(("127.0.0.1", *port)).ok());
            let Some(to) = to else { continue };
            let (mut from_too, mut to_too) = (from.try_clone().unwrap(), to.try_clone().unwrap());
            let (mut from, mut to) = (from, to);
            std::thread::spawn(move || drop(std::io::copy(&mut from, &mut to)));
            std::thread::spawn(move || {
                drop(std::io::copy(&mut to_too, &mut from_too));
                drop(from_too.shutdown(std::net::Shutdown::Both));
            });
        }
    });
    port
}

/// While one restarts, all senders go to the other. They come back, for their connections end after
/// a while; here after a second.
#[test]
fn senders_spread_again_after_a_restart() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let age = json!({"max_connection_age": "1s"});
    let extra = json!({"receivers": {"otlp": {"protocols": {
        "grpc": {"keepalive": {"server_parameters": age}},
    }}}});
    let rendered = render("1s", &[]);
    let mut collectors = dirs
        .each_ref()
        .map(|dir| start(dir.path(), &rendered, &extra));
    let ports = Arc::new(Mutex::new(collectors.each_ref().map(|c| c.otlp)));
    let port = in_turn(&ports);
    let mut senders: Vec<_> = (0..6)
        .map(|_| otlp::Sender::connect(port).unwrap())
        .collect();
    let export = slow_spans(1).remove(0);
    let mut all_send = |limit: Duration, until: &mut dyn FnMut() -> bool| {
        let started = std::time::Instant::now();
        while !until() {
            assert!(started.elapsed() < limit);
            for sender in &mut senders {
                // Of a connection that has just ended the sender tries again.
                drop(sender.send(&export));
            }
        }
    };
    let took = |c: &Collector| metric(c, "otelcol_receiver_accepted_spans", &[]) > 0.0;
    all_send(LIMIT, &mut || collectors.iter().all(took));
    collectors[1].child.terminate(LIMIT).unwrap();
    let before = metric(&collectors[0], "otelcol_receiver_accepted_spans", &[]);
    all_send(LIMIT, &mut || {
        metric(&collectors[0], "otelcol_receiver_accepted_spans", &[]) > before + 12.0
    });
    collectors[1] = start(dirs[1].path(), &rendered, &extra);
    ports.lock().unwrap()[1] = collectors[1].otlp;
    all_send(LIMIT, &mut || took(&collectors[1]));
}

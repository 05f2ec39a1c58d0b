//! What stands on the screen.

use std::collections::BTreeMap;

use harness::http::Alert;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;
use crate::snapshot::{Latency, Model, Pod};

fn text(columns: u16, lines: u16) -> String {
    let label = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let pod = |up, waiting| Pod { up, waiting };
    let model = Model {
        pods: [
            ("q-0", pod(true, 3.0)),
            ("q-1", pod(false, 0.0)),
            ("q-2", pod(true, 0.0)),
        ]
        .map(|(name, pod)| (name.to_owned(), pod))
        .into(),
        rate: 40.0,
        running: 12.0,
        waiting: 3.0,
        kv_usage: 0.5,
        latencies: vec![Latency {
            name: "e2e",
            p99: Some(130.0),
            threshold: Some(120.0),
        }],
    };
    let alert = Alert {
        labels: [
            label("alertname", "VllmReplicaDown"),
            label("severity", "critical"),
        ]
        .into(),
        annotations: BTreeMap::from([label(
            "runbook_url",
            "https://x/blob/main/docs/runbooks/VllmReplicaDown.md",
        )]),
        state: "firing".to_owned(),
    };
    let snapshot = Snapshot {
        models: BTreeMap::from([("qwen3-235b".to_owned(), model)]),
        alerts: vec![alert],
    };
    let mut ledger = Ledger::default();
    ledger.traces = 7;
    ledger.decisions = [("none", 4), ("e2e_latency", 2)]
        .map(|(k, n)| (k.to_owned(), n))
        .into();
    ledger.causes = [("queue".to_owned(), 2)].into();
    ledger.fired.insert("VllmQueueTooLong".to_owned());
    let screen = Screen {
        snapshot: &snapshot,
        ledger: &ledger,
        scenario: Some(Scenario::ReplicaLoss),
        speed: 10.0,
        elapsed: Duration::from_secs(75),
        links: &["Prometheus http://127.0.0.1:9090".to_owned()],
    };
    let mut terminal = Terminal::new(TestBackend::new(columns, lines)).unwrap();
    terminal.draw(|frame| draw(frame, &screen)).unwrap();
    let buffer = terminal.backend().buffer();
    let cells = buffer.content.chunks(columns.into());
    cells
        .map(|row| row.iter().map(|c| c.symbol()).collect::<String>() + "\n")
        .collect()
}

#[test]
fn everything_is_on_the_smallest_screen() {
    let said = text(COLUMNS, LINES);
    for words in [
        "scenario replica-loss",
        "time x10",
        "01:15",
        "2/3 up wx.",
        "130s/120s",
        "seen    7",
        "kept    2  (e2e_latency 2)",
        "cause   queue 2",
        "dropped 4",
        "firing  critical VllmReplicaDown",
        "docs/runbooks/VllmReplicaDown.md",
        "resolved VllmQueueTooLong",
        "http://127.0.0.1:9090",
        "d spec-decode",
        "q end",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
}

#[test]
fn a_small_terminal_is_told_what_is_needed() {
    for (columns, lines) in [(79, 24), (80, 23), (30, 8)] {
        let said = text(columns, lines)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(said.contains("the demo needs 80 and 24"), "{said}");
    }
}

#[test]
fn every_scenario_has_a_key() {
    assert_eq!(KEYS.len(), Scenario::ALL.len());
    let press = |code| asked(KeyEvent::new(code, KeyModifiers::NONE));
    assert_eq!(press(KeyCode::Char('2')), Some(Asked::Play(Scenario::Rush)));
    assert_eq!(press(KeyCode::Char('h')), Some(Asked::Play(Scenario::Lora)));
    assert_eq!(press(KeyCode::Char('z')), None);
    let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(asked(interrupt), Some(Asked::Quit));
}

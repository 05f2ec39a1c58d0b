//! The live view: drawing and keys.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use fleet::model::Scenario;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Wrap};
use ratatui::{DefaultTerminal, Frame};

use crate::ledger::Ledger;
use crate::snapshot::{Model, Pod, Snapshot};

/// The least that everything fits into.
const COLUMNS: u16 = 80;
const LINES: u16 = 24;

/// Keys of the scenarios, in their order.
const KEYS: &str = "123456789abcd";

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// This scenario.
    Play(Scenario),
    /// The end.
    Quit,
}

/// What is drawn.
pub struct Screen<'a> {
    /// What Prometheus says.
    pub snapshot: &'a Snapshot,
    /// What was sent and decided.
    pub ledger: &'a Ledger,
    /// What the fleet plays; `None` in a replay.
    pub scenario: Option<Scenario>,
    /// Virtual seconds a second.
    pub speed: f64,
    /// Since the start.
    pub elapsed: Duration,
    /// Where to look.
    pub links: &'a [String],
}

/// The terminal, restored when it falls.
pub struct View {
    terminal: DefaultTerminal,
}

impl View {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When it cannot be switched.
    pub fn open() -> Result<Self> {
        Ok(Self {
            terminal: ratatui::try_init()?,
        })
    }

    /// Draws one moment.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, screen: &Screen<'_>) -> Result<()> {
        self.terminal.draw(|frame| draw(frame, screen))?;
        Ok(())
    }

    /// Waits for a key, `limit` long at most.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn key(&self, limit: Duration) -> Result<Option<Asked>> {
        if !event::poll(limit)? {
            return Ok(None);
        }
        match event::read()? {
            Event::Key(key) => Ok(asked(key)),
            _ => Ok(None),
        }
    }
}

impl Drop for View {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

fn asked(key: KeyEvent) -> Option<Asked> {
    if key.kind != KeyEventKind::Press {
        return None;
    }
    match key.code {
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Some(Asked::Quit),
        KeyCode::Char('q') | KeyCode::Esc => Some(Asked::Quit),
        KeyCode::Char(letter) => {
            let index = KEYS.find(letter)?;
            Scenario::ALL.get(index).copied().map(Asked::Play)
        }
        _ => None,
    }
}

/// Draws everything, or says what the terminal lacks.
pub fn draw(frame: &mut Frame<'_>, screen: &Screen<'_>) {
    let area = frame.area();
    if area.width < COLUMNS || area.height < LINES {
        let words = format!(
            "This terminal has {} columns and {} lines; the demo needs {COLUMNS} and {LINES}. Enlarge it, or press q to end.",
            area.width, area.height
        );
        frame.render_widget(Paragraph::new(words).wrap(Wrap { trim: true }), area);
        return;
    }
    let models = screen.snapshot.models.len().max(1) as u16;
    let rows = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(2 + 2 * models),
        Constraint::Length(5),
        Constraint::Min(4),
        Constraint::Length(screen.links.len() as u16),
        Constraint::Length(3),
    ])
    .split(area);
    frame.render_widget(title(screen), rows[0]);
    let halves = Layout::horizontal([Constraint::Fill(1), Constraint::Length(35)]).split(rows[1]);
    panel(frame, halves[0], "Fleet", fleet(screen));
    panel(
        frame,
        halves[1],
        "p99/limit: e2e, first token, gap",
        latencies(screen),
    );
    panel(frame, rows[2], "Traces", traces(screen.ledger));
    panel(frame, rows[3], "Alerts", alerts(screen));
    let links: Vec<Line<'_>> = screen
        .links
        .iter()
        .map(|link| Line::from(link.as_str()).dim())
        .collect();
    frame.render_widget(Paragraph::new(links), rows[4]);
    frame.render_widget(
        Paragraph::new(keys(screen.scenario)).wrap(Wrap { trim: true }),
        rows[5],
    );
}

fn panel(frame: &mut Frame<'_>, area: Rect, name: &'static str, lines: Vec<Line<'_>>) {
    frame.render_widget(
        Paragraph::new(lines).block(Block::bordered().title(name)),
        area,
    );
}

fn title(screen: &Screen<'_>) -> Line<'static> {
    let seconds = screen.elapsed.as_secs();
    let name = screen
        .scenario
        .map_or("replay of a capture", Scenario::as_str);
    Line::from(vec![
        " vllm-monitoring ".bold().reversed(),
        Span::raw("  scenario "),
        name.to_owned().bold().yellow(),
        Span::raw(format!(
            "  time x{}  {:02}:{:02}",
            screen.speed,
            seconds / 60,
            seconds % 60
        )),
    ])
}

/// Two lines a model: numbers, and a mark a replica.
fn fleet<'a>(screen: &Screen<'a>) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for (name, model) in &screen.snapshot.models {
        let up = model.pods.values().filter(|pod| pod.up).count();
        lines.push(Line::from(vec![
            format!("{name:<11}").bold(),
            format!(
                "{:>4}/s run {:>4} ",
                short(model.rate),
                short(model.running)
            )
            .into(),
            colored(
                format!("wait {:>4} ", short(model.waiting)),
                model.waiting > 0.0,
            ),
            format!("KV{:>3.0}%", 100.0 * model.kv_usage).into(),
        ]));
        lines.push(marks(model, up));
    }
    if lines.is_empty() {
        lines.push("no scrape yet".dim().into());
    }
    lines
}

fn marks(model: &Model, up: usize) -> Line<'static> {
    let count = format!("{up}/{} up ", model.pods.len());
    let all = up == model.pods.len();
    let mut spans = vec![if all { count.green() } else { count.red() }];
    let mark = |pod: &Pod| match pod {
        Pod { up: false, .. } => "x".red(),
        Pod { waiting, .. } if *waiting > 0.0 => "w".yellow(),
        Pod { .. } => ".".green(),
    };
    spans.extend(model.pods.values().map(mark));
    Line::from(spans)
}

fn colored(text: String, warn: bool) -> Span<'static> {
    if warn { text.yellow() } else { text.into() }
}

fn latencies<'a>(screen: &Screen<'a>) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for (name, model) in &screen.snapshot.models {
        let mut spans = vec![];
        for latency in &model.latencies {
            let threshold = latency.threshold.unwrap_or(f64::INFINITY);
            let color = match latency.p99 {
                Some(p99) if p99 > threshold => Color::Red,
                Some(p99) if p99 > 0.5 * threshold => Color::Yellow,
                _ => Color::Green,
            };
            let p99 = latency.p99.map_or("-".to_owned(), seconds);
            spans.push(format!("{p99:>5}").fg(color));
            spans.push(format!("/{:<5}", seconds(threshold)).into());
        }
        lines.push(Line::from(name.as_str().bold()));
        lines.push(Line::from(spans));
    }
    lines
}

/// Four places.
fn short(value: f64) -> String {
    match value {
        value if value < 999.5 => format!("{value:.0}"),
        value if value < 9950.0 => format!("{:.1}k", value / 1000.0),
        value => format!("{:.0}k", value / 1000.0),
    }
}

fn seconds(value: f64) -> String {
    match value {
        value if !value.is_finite() => "-".to_owned(),
        value if value < 0.995 => format!("{:.0}ms", value * 1000.0),
        value if value < 9.95 => format!("{value:.1}s"),
        value => format!("{value:.0}s"),
    }
}

fn traces(ledger: &Ledger) -> Vec<Line<'_>> {
    let kept: u64 = ledger.decided() - ledger.dropped();
    vec![
        Line::from(format!("seen    {}", ledger.traces)),
        Line::from(vec![
            Span::raw(format!("kept    {kept}  ")).green(),
            Span::raw(format!("({})", ledger.kept_by_reason())),
        ]),
        Line::from(format!("dropped {}", ledger.dropped())),
    ]
}

/// A line an alert; for the first ones that fire, their runbook page.
fn alerts<'a>(screen: &Screen<'a>) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for alert in &screen.snapshot.alerts {
        let firing = alert.state == "firing";
        let label = |key| alert.labels.get(key).map_or("", String::as_str);
        let head = format!(
            "{:<8}{:<9}{} ",
            alert.state,
            label("severity"),
            alert.name()
        );
        let head = if firing {
            head.red().bold()
        } else {
            head.yellow()
        };
        lines.push(Line::from(vec![head, label("model").into()]));
        if firing {
            let url = alert
                .annotations
                .get("runbook_url")
                .map_or("", String::as_str);
            let page = url.split_once("/main/").map_or(url, |(_, page)| page);
            lines.push(Line::from(format!("                 {page}")).dim());
        }
    }
    let now: BTreeSet<&str> = screen.snapshot.alerts.iter().map(|a| a.name()).collect();
    let over = screen
        .ledger
        .fired
        .iter()
        .filter(|name| !now.contains(name.as_str()));
    let over: Vec<&str> = over.map(String::as_str).collect();
    if lines.is_empty() {
        lines.push("none".green().into());
    }
    if !over.is_empty() {
        lines.push(Line::from(format!("resolved {}", over.join(", "))).green());
    }
    lines
}

fn keys(scenario: Option<Scenario>) -> Line<'static> {
    let mut spans = Vec::new();
    if scenario.is_some() {
        for (key, known) in KEYS.chars().zip(Scenario::ALL) {
            spans.push(format!("{key}").bold());
            let name = format!(" {}  ", known.as_str());
            spans.push(if scenario == Some(known) {
                name.yellow().bold()
            } else {
                name.into()
            });
        }
    }
    spans.push("q".bold());
    spans.push(" end".into());
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use harness::http::Alert;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;
    use crate::snapshot::Latency;

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
        assert_eq!(
            press(KeyCode::Char('d')),
            Some(Asked::Play(Scenario::SpecDecode))
        );
        assert_eq!(press(KeyCode::Char('z')), None);
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(asked(interrupt), Some(Asked::Quit));
    }
}

//! The panels of the live view.

use std::collections::BTreeSet;

use fleet::model::Scenario;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Wrap};

use super::{COLUMNS, KEYS, LINES, Screen};
use crate::ledger::Ledger;
use crate::snapshot::{Model, Pod};

/// Draws everything, or says what the terminal lacks.
pub(super) fn draw(frame: &mut Frame<'_>, screen: &Screen<'_>) {
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
        Constraint::Length(6),
        Constraint::Min(4),
        Constraint::Length(screen.links.len() as u16),
        Constraint::Length(4),
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
        Line::from(format!("cause   {}", ledger.kept_by_cause())),
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

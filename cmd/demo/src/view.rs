//! The live view: drawing and keys.

mod panels;
#[cfg(test)]
mod tests;

use std::time::Duration;

use anyhow::Result;
use fleet::model::Scenario;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::ledger::Ledger;
use crate::snapshot::Snapshot;
use panels::draw;

/// The least that everything fits into.
const COLUMNS: u16 = 80;
const LINES: u16 = 24;

/// Keys of the scenarios, in their order.
const KEYS: &str = "123456789abcdefgh";

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

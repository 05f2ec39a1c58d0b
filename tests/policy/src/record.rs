//! A trace as a host writes it down for a policy: `ABI.md`, from the host's side.

use anyhow::{Context, Result};
use serde_json::Value as Json;

use crate::trace::{Span, Value};

const HEADER: usize = 96;
const SPAN_HEADER: usize = 32;
const ANSWER: usize = 64;

/// What a policy wants to see, from its own description. Numbers of spans only.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    names: Vec<String>,
    scopes: Vec<String>,
    numbers: Vec<String>,
    /// Names of the reasons, the first one is reason 1.
    pub reasons: Vec<String>,
}

impl Wanted {
    /// Reads a description.
    ///
    /// # Errors
    /// When it is no JSON, or asks for more than this host can give.
    pub fn from_description(json: &str) -> Result<Self> {
        let description: Json = serde_json::from_str(json)?;
        let list = |at: &str| -> Result<Vec<String>> {
            let items = description.pointer(at).and_then(Json::as_array);
            let items = items.with_context(|| format!("{at}: expected a list"))?;
            let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
            texts
                .collect::<Option<_>>()
                .with_context(|| format!("{at}: expected texts"))
        };
        for at in [
            "/trace",
            "/span/fields",
            "/span/strings",
            "/resource/numbers",
            "/resource/strings",
        ] {
            anyhow::ensure!(
                list(at)?.is_empty(),
                "{at}: this host writes numbers of spans only"
            );
        }
        Ok(Self {
            names: list("/span/names")?,
            scopes: list("/span/scopes")?,
            numbers: list("/span/numbers")?,
            reasons: list("/reasons")?,
        })
    }

    fn wants(&self, span: &Span) -> bool {
        (self.names.is_empty() || self.names.contains(&span.name))
            && (self.scopes.is_empty() || self.scopes.contains(&span.scope))
    }

    /// Size of a span record.
    #[must_use]
    pub fn span_size(&self) -> usize {
        SPAN_HEADER + 8 * self.numbers.len()
    }

    /// Writes the record of a trace into `record`, whose memory is used again.
    pub fn encode(&self, trace: &[Span], record: &mut Vec<u8>) {
        record.clear();
        record.resize(HEADER, 0);
        let mut matched = 0u32;
        for span in trace.iter().filter(|span| self.wants(span)) {
            matched += 1;
            let at = record.len();
            record.resize(at + SPAN_HEADER, 0);
            let mut presence = 0u64;
            for (slot, key) in self.numbers.iter().enumerate() {
                let number = match span.attribute(key) {
                    Some(Value::Double(double)) => Some(*double),
                    Some(Value::Int(int)) => Some(*int as f64),
                    _ => None,
                };
                presence |= u64::from(number.is_some()) << slot;
                record.extend_from_slice(&number.unwrap_or(0.0).to_le_bytes());
            }
            record[at..at + 8].copy_from_slice(&presence.to_le_bytes());
        }
        seal(record, matched);
    }
}

/// Fills in the header of a record of `matched` spans: sizes, and an answer area without an answer.
pub fn seal(record: &mut [u8], matched: u32) {
    let size = record.len() as u32;
    record[0..4].copy_from_slice(&size.to_le_bytes());
    record[4..8].copy_from_slice(&matched.to_le_bytes());
    record[ANSWER..HEADER].fill(0);
    record[ANSWER..ANSWER + 4].copy_from_slice(&(-1i32).to_le_bytes());
}

/// What a policy wrote into the answer area.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// 0 not sampled, 1 sampled, 2 dropped, -1 not answered.
    pub decision: i32,
    /// Number of the reason, counted from 1; 0 is none.
    pub reason: u32,
    /// The value that led to the decision.
    pub value: f64,
    /// The limit it was held against.
    pub limit: f64,
    /// How many traces this one stands for; 0 is not said.
    pub adjusted_count: f64,
}

impl Answer {
    /// Reads the answer area of a record.
    ///
    /// # Panics
    /// When the record is shorter than its header.
    #[must_use]
    pub fn read(record: &[u8]) -> Self {
        let word = |at: usize| -> [u8; 4] { std::array::from_fn(|i| record[ANSWER + at + i]) };
        let long = |at: usize| -> [u8; 8] { std::array::from_fn(|i| record[ANSWER + at + i]) };
        Self {
            decision: i32::from_le_bytes(word(0)),
            reason: u32::from_le_bytes(word(4)),
            value: f64::from_le_bytes(long(8)),
            limit: f64::from_le_bytes(long(16)),
            adjusted_count: f64::from_le_bytes(long(24)),
        }
    }
}

//! A trace as a host writes it down for a policy: `ABI.md`, from the host's side.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value as Json;

use crate::trace::{Span, Value, attribute};

/// Size of the header.
pub const HEADER: usize = 128;
const SPAN_HEADER: usize = 32;
const ANSWER: usize = 64;

/// Longest text that is read as a number, in bytes.
const LONGEST_NUMBER: usize = 32;

/// What a policy wants to see, from its own description.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    trace: Vec<String>,
    groups: Vec<Group>,
    fields: Vec<String>,
    numbers: Vec<String>,
    present: Vec<String>,
    /// Each slot's keys; the first one that is there and not empty fills it.
    resource: Vec<Vec<String>>,
    /// Names of the reasons, the first one is reason 1.
    pub reasons: Vec<String>,
    /// Names of the causes, the first one is cause 1.
    pub causes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
struct Group {
    names: Vec<String>,
    scopes: Vec<String>,
    at_most: usize,
    when: Option<When>,
}

#[derive(Debug, Clone, PartialEq)]
struct When {
    status: Vec<u64>,
    numbers: Vec<(String, Vec<[f64; 2]>)>,
    above: Vec<(String, f64)>,
    present: Vec<String>,
}

/// What the host knows of a trace beside its spans.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Circumstances {
    /// The time, unix nanoseconds.
    pub now: u64,
    /// The trace's id.
    pub trace_id: [u8; 16],
    /// Shards of the collector that decides; 0 is 1.
    pub shards: u32,
    /// Collectors that share the work; 0 is 1.
    pub collectors: u32,
}

fn list(json: &Json, at: &str) -> Result<Vec<String>> {
    let Some(list) = json.pointer(at) else {
        return Ok(Vec::new());
    };
    let texts = list.as_array().into_iter().flatten();
    let texts = texts.map(|item| item.as_str().map(str::to_owned));
    texts
        .collect::<Option<_>>()
        .with_context(|| format!("{at}: expected texts"))
}

impl Wanted {
    /// Reads a description.
    ///
    /// # Errors
    /// When it is no JSON, or asks for more than this host can give.
    pub fn from_description(json: &str) -> Result<Self> {
        let description: Json = serde_json::from_str(json)?;
        ensure!(description["abi"] == 2, "abi: expected 2");
        for at in ["/span/strings", "/resource/numbers"] {
            ensure!(list(&description, at)?.is_empty(), "{at}: not of this host");
        }
        let groups = description["groups"].as_array().context("no groups")?;
        let resource = description["resource"]["strings"].as_array();
        let resource = resource.into_iter().flatten().map(|keys| match keys {
            Json::String(key) => Ok(vec![key.clone()]),
            keys => list(keys, ""),
        });
        Ok(Self {
            trace: list(&description, "/trace")?,
            groups: groups.iter().map(Group::read).collect::<Result<_>>()?,
            fields: list(&description, "/span/fields")?,
            numbers: list(&description, "/span/numbers")?,
            present: list(&description, "/span/present")?,
            resource: resource.collect::<Result<_>>()?,
            reasons: list(&description, "/reasons")?,
            causes: list(&description, "/causes")?,
        })
    }

    /// Size of a span record.
    #[must_use]
    pub fn span_size(&self) -> usize {
        SPAN_HEADER + 8 * (self.numbers.len() + self.present.len() + self.resource.len())
    }

    fn wants_trace(&self, part: &str) -> bool {
        self.trace.iter().any(|wanted| wanted == part)
    }

    /// Writes the record of a trace into `record`, whose memory is used again.
    pub fn encode(&self, trace: &[Span], of: &Circumstances, record: &mut Vec<u8>) {
        record.clear();
        record.resize(HEADER, 0);
        if self.wants_trace("now") {
            record[8..16].copy_from_slice(&of.now.to_le_bytes());
        }
        if self.wants_trace("shard") {
            record[20..24].copy_from_slice(&of.shards.max(1).to_le_bytes());
            record[44..48].copy_from_slice(&of.collectors.max(1).to_le_bytes());
        }
        if self.wants_trace("trace_id") {
            record[24..40].copy_from_slice(&of.trace_id);
        }
        let mut counts = vec![0; self.groups.len()];
        let mut names: Vec<(usize, &str)> = Vec::new();
        let mut matched = 0u32;
        for span in trace {
            let Some(group) = self.groups.iter().position(|group| group.has(span)) else {
                continue;
            };
            if counts[group] >= self.groups[group].at_most {
                continue;
            }
            counts[group] += 1;
            matched += 1;
            self.write_span(span, group as u16, record, &mut names);
        }
        // The bytes of the strings stand after all span records.
        let mut written: Vec<(&str, usize)> = Vec::new();
        for (slot, text) in names {
            let known = written.iter().find(|(earlier, _)| *earlier == text);
            let offset = known.map_or(record.len(), |(_, at)| *at);
            if known.is_none() {
                written.push((text, offset));
                record.extend_from_slice(text.as_bytes());
            }
            record[slot..slot + 4].copy_from_slice(&(offset as u32).to_le_bytes());
            record[slot + 4..slot + 8].copy_from_slice(&(text.len() as u32).to_le_bytes());
        }
        record.resize(record.len().next_multiple_of(8), 0);
        seal(record, matched);
    }

    fn write_span<'a>(
        &self,
        span: &'a Span,
        group: u16,
        record: &mut Vec<u8>,
        names: &mut Vec<(usize, &'a str)>,
    ) {
        let at = record.len();
        record.resize(at + SPAN_HEADER, 0);
        if self.fields.iter().any(|field| field == "status") {
            record[at + 28..at + 30].copy_from_slice(&span.status.to_le_bytes());
        }
        record[at + 30..at + 32].copy_from_slice(&group.to_le_bytes());
        let (mut presence, mut slot) = (0u64, 0);
        for key in &self.numbers {
            let found = span.attribute(key).and_then(number);
            presence |= u64::from(found.is_some()) << slot;
            record.extend_from_slice(&found.unwrap_or(0.0).to_le_bytes());
            slot += 1;
        }
        for key in &self.present {
            presence |= u64::from(span.attribute(key).is_some()) << slot;
            record.extend_from_slice(&[0; 8]);
            slot += 1;
        }
        for keys in &self.resource {
            let texts = keys.iter().filter_map(|key| attribute(&span.resource, key));
            let mut texts = texts.filter_map(|value| match value {
                Value::Text(text) if !text.is_empty() => Some(text.as_str()),
                _ => None,
            });
            if let Some(text) = texts.next() {
                presence |= 1 << slot;
                names.push((record.len(), text));
            }
            record.extend_from_slice(&[0; 8]);
            slot += 1;
        }
        record[at..at + 8].copy_from_slice(&presence.to_le_bytes());
    }
}

impl Group {
    fn read(json: &Json) -> Result<Self> {
        let at_most = json["at_most"].as_u64().unwrap_or(0);
        let when = match &json["when"] {
            Json::Null => None,
            when => Some(When::read(when)?),
        };
        Ok(Self {
            names: list(json, "/names")?,
            scopes: list(json, "/scopes")?,
            at_most: if at_most == 0 {
                usize::MAX
            } else {
                at_most as usize
            },
            when,
        })
    }

    fn has(&self, span: &Span) -> bool {
        (self.names.is_empty() || self.names.contains(&span.name))
            && (self.scopes.is_empty() || self.scopes.contains(&span.scope))
            && self.when.as_ref().is_none_or(|when| when.holds(span))
    }
}

impl When {
    fn read(json: &Json) -> Result<Self> {
        let status = json["status"].as_array().into_iter().flatten();
        let numbers = json["numbers"].as_object().into_iter().flatten();
        let numbers = numbers.map(|(key, ranges)| {
            let ranges = ranges.as_array().context("expected ranges")?.iter();
            let ranges = ranges.map(|range| match (range[0].as_f64(), range[1].as_f64()) {
                (Some(from), Some(to)) => Ok([from, to]),
                _ => bail!("{key}: expected two numbers"),
            });
            Ok((key.clone(), ranges.collect::<Result<_>>()?))
        });
        let above = json["above"].as_object().into_iter().flatten();
        let above = above.map(|(key, limit)| {
            let limit = limit
                .as_f64()
                .with_context(|| format!("{key}: expected a number"))?;
            Ok((key.clone(), limit))
        });
        Ok(Self {
            status: status.filter_map(Json::as_u64).collect(),
            numbers: numbers.collect::<Result<_>>()?,
            above: above.collect::<Result<_>>()?,
            present: list(json, "/present")?,
        })
    }

    fn holds(&self, span: &Span) -> bool {
        self.status.contains(&u64::from(span.status))
            || self.present.iter().any(|key| span.attribute(key).is_some())
            || self.numbers.iter().any(|(key, ranges)| {
                let found = span.attribute(key).and_then(number);
                found.is_some_and(|n| ranges.iter().any(|[from, to]| (*from..=*to).contains(&n)))
            })
            || self.above.iter().any(|(key, limit)| {
                let found = span.attribute(key).and_then(number);
                found.is_some_and(|n| n > *limit)
            })
    }
}

/// A number of `ABI.md`: a double, an integer, or a text that is a decimal number.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Double(double) => Some(*double),
        Value::Int(int) => Some(*int as f64),
        Value::Text(text) if text.len() <= LONGEST_NUMBER => {
            let unsigned = text.strip_prefix('-').unwrap_or(text);
            let plain = |c: u8| c.is_ascii_digit() || c == b'.';
            unsigned.bytes().all(plain).then(|| text.parse().ok())?
        }
        Value::Text(_) | Value::Other => None,
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

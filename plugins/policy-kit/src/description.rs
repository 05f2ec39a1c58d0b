//! What a policy wants to see of a trace: `describe` of `ABI.md`, typed.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::ABI_VERSION;
use crate::json::Node;

/// The description of `ABI.md`. What is not asked for costs the host nothing.
#[derive(Debug, Clone, Default)]
pub struct Description<'a> {
    /// Name of the policy.
    pub name: &'a str,
    /// Its version.
    pub version: &'a str,
    /// Header parts: `now`, `shard`, `trace_id`, `span_count`, `time_range`.
    pub trace: Vec<&'a str>,
    /// Which spans get a record; at least one.
    pub groups: Vec<Group<'a>>,
    /// A trace of which no span gets a record is not sampled: the host decides that without a call.
    pub empty_not_sampled: bool,
    /// Span parts: `time`, `kind`, `status`.
    pub fields: Vec<&'a str>,
    /// Numeric attributes of the span: slots from 0 on.
    pub numbers: Vec<&'a str>,
    /// Text attributes of the span: the slots that follow.
    pub strings: Vec<&'a str>,
    /// Attributes of which only the presence is told: the slots that follow.
    pub present: Vec<&'a str>,
    /// Numeric attributes of the resource: the slots that follow.
    pub resource_numbers: Vec<&'a str>,
    /// Text attributes of the resource: the slots that follow. Of several keys the first one that is
    /// there and not empty.
    pub resource_strings: Vec<&'a [&'a str]>,
    /// Names of the reasons, counted from 1 in an answer.
    pub reasons: Vec<&'a str>,
    /// Names of the causes, counted from 1 in an answer.
    pub causes: Vec<&'a str>,
    /// What `report` gives.
    pub gauges: Vec<Gauge<'a>>,
}

/// Spans that get a record; the default are all.
#[derive(Debug, Clone, Default)]
pub struct Group<'a> {
    /// The span's name is one of these; empty: any.
    pub names: Vec<&'a str>,
    /// Its instrumentation scope is one of these; empty: any.
    pub scopes: Vec<&'a str>,
    /// One of these must be true on top.
    pub when: Option<When<'a>>,
    /// No more records than this; 0: all.
    pub at_most: u32,
}

/// A condition on a span: one of its parts must be true.
#[derive(Debug, Clone, Default)]
pub struct When<'a> {
    /// The status code is one of these OTLP numbers (2: error).
    pub status: Vec<u16>,
    /// An attribute is in one of these ranges, both ends included.
    pub numbers: Vec<(&'a str, Vec<[f64; 2]>)>,
    /// An attribute is above this limit, which must be finite.
    pub above: Vec<(&'a str, f64)>,
    /// One of these attributes is there.
    pub present: Vec<&'a str>,
}

/// A gauge that `report` gives.
#[derive(Debug, Clone, Copy)]
pub struct Gauge<'a> {
    /// Its name, `[a-z][a-z0-9_]*`.
    pub name: &'a str,
    /// Its unit.
    pub unit: &'a str,
    /// What it is.
    pub description: &'a str,
    /// How the values of shards are put together: `max`, `min` or `sum`.
    pub shards: &'a str,
}

impl Description<'_> {
    /// Slots of a span record.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.numbers.len()
            + self.strings.len()
            + self.present.len()
            + self.resource_numbers.len()
            + self.resource_strings.len()
    }

    /// The description as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut span = vec![
            ("fields".to_owned(), Node::texts(&self.fields)),
            ("numbers".to_owned(), Node::texts(&self.numbers)),
            ("present".to_owned(), Node::texts(&self.present)),
        ];
        if !self.strings.is_empty() {
            span.push(("strings".to_owned(), Node::texts(&self.strings)));
        }
        let strings = self.resource_strings.iter().map(|keys| Node::texts(keys));
        let mut resource = vec![("strings".to_owned(), Node::List(strings.collect()))];
        if !self.resource_numbers.is_empty() {
            resource.push(("numbers".to_owned(), Node::texts(&self.resource_numbers)));
        }
        let mut description = Node::object([
            ("abi", f64::from(ABI_VERSION).into()),
            ("name", Node::from(self.name)),
            ("version", Node::from(self.version)),
            ("trace", Node::texts(&self.trace)),
            (
                "groups",
                Node::List(self.groups.iter().map(Group::node).collect()),
            ),
            ("span", Node::Object(span)),
            ("resource", Node::Object(resource)),
            ("reasons", Node::texts(&self.reasons)),
            ("causes", Node::texts(&self.causes)),
        ]);
        if let Node::Object(entries) = &mut description {
            // Without gauges there need be no state that they are read from.
            if !self.gauges.is_empty() {
                let gauges = self.gauges.iter().map(Gauge::node).collect();
                entries.push(("gauges".to_owned(), Node::List(gauges)));
            }
            if self.empty_not_sampled {
                entries.push(("empty".to_owned(), Node::from("not_sampled")));
            }
        }
        description.to_json()
    }
}

impl Group<'_> {
    fn node(&self) -> Node {
        let mut entries = Vec::new();
        let mut entry = |key: &str, node| entries.push((key.to_owned(), node));
        for (key, texts) in [("names", &self.names), ("scopes", &self.scopes)] {
            if !texts.is_empty() {
                entry(key, Node::texts(texts));
            }
        }
        if self.at_most > 0 {
            entry("at_most", f64::from(self.at_most).into());
        }
        if let Some(when) = &self.when {
            entry("when", when.node());
        }
        Node::Object(entries)
    }
}

impl When<'_> {
    fn node(&self) -> Node {
        let range = |range: &[f64; 2]| Node::List(range.map(Node::from).to_vec());
        let ranges = |ranges: &[[f64; 2]]| Node::List(ranges.iter().map(range).collect());
        let numbers = self.numbers.iter();
        let numbers = numbers.map(|(key, all)| ((*key).to_owned(), ranges(all)));
        let status = self.status.iter().map(|code| f64::from(*code).into());
        let mut entries = vec![
            ("status".to_owned(), Node::List(status.collect())),
            ("numbers".to_owned(), Node::Object(numbers.collect())),
            ("present".to_owned(), Node::texts(&self.present)),
        ];
        if !self.above.is_empty() {
            let above = self.above.iter();
            let above = above.map(|(key, limit)| ((*key).to_owned(), Node::from(*limit)));
            entries.push(("above".to_owned(), Node::Object(above.collect())));
        }
        Node::Object(entries)
    }
}

impl Gauge<'_> {
    fn node(&self) -> Node {
        Node::object([
            ("name", Node::from(self.name)),
            ("unit", Node::from(self.unit)),
            ("description", Node::from(self.description)),
            ("shards", Node::from(self.shards)),
        ])
    }
}

//! What the policy keeps of recorded traces.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result, anyhow};
use sampling_policy_core::answer::{Answer, SAMPLED};
use sampling_policy_core::{Policy, State, describe, settings};
use serde_json::{Value as Json, json};

use crate::input::Recorded;
use crate::record::{Circumstances, Wanted};
use crate::trace::Span;

const SECONDS_A_DAY: f64 = 86_400.0;

/// A policy with settings, and what it learns on the way.
struct Candidate {
    policy: Policy,
    state: Box<State>,
    wanted: Wanted,
    record: Vec<u8>,
}

/// What became of a trace: the reason and the model it was decided for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    NotSampled,
    Limited(String, String),
    Kept(String, String),
}

impl Candidate {
    fn new(document: &[u8]) -> Result<Self> {
        let settings = settings::parse(document).map_err(|mistakes| anyhow!("{mistakes}"))?;
        Ok(Self {
            wanted: Wanted::from_description(&describe(&settings))?,
            policy: Policy::new(settings),
            state: Box::new(State::EMPTY),
            record: Vec::new(),
        })
    }

    fn decide(&mut self, spans: &[Span], of: &Circumstances) -> Result<Fate> {
        self.wanted.encode(spans, of, &mut self.record);
        self.policy.evaluate(&mut self.state, &mut self.record)?;
        let answer = Answer::read(&self.record).context("no answer")?;
        let Some(reason) = (answer.reason as usize).checked_sub(1) else {
            return Ok(Fate::NotSampled);
        };
        let reason = self.wanted.reasons[reason].clone();
        let from = answer.name.offset as usize;
        let model = &self.record[from..from + answer.name.length as usize];
        let model = String::from_utf8_lossy(model).into_owned();
        Ok(if answer.decision == SAMPLED {
            Fate::Kept(reason, model)
        } else {
            Fate::Limited(reason, model)
        })
    }
}

/// What is known of a trace.
struct Seen {
    bytes: u64,
    /// By the settings on trial, and by those in force.
    fates: [Fate; 2],
}

/// A trial in progress: spans come in the order in which they would reach a collector, and are
/// decided on as the collector does with `sampling.mode: immediate`: whatever comes together of a
/// trace, until the trace is kept.
pub struct Trial {
    tried: Candidate,
    in_force: Option<Candidate>,
    /// Collectors that share the budget.
    collectors: u32,
    traces: HashMap<[u8; 16], Seen>,
    spans: u64,
    first: u64,
    now: u64,
}

/// Numbers of traces.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Count {
    /// Kept.
    pub kept: u64,
    /// Left out by the budget.
    pub limited: u64,
    /// Size of the kept ones as JSON.
    pub bytes: u64,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.kept += other.kept;
        self.limited += other.limited;
        self.bytes += other.bytes;
    }
}

/// What came of a trial.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// Traces in all.
    pub traces: u64,
    /// Spans in all.
    pub spans: u64,
    /// From the first span's end to the last one's, in seconds.
    pub seconds: f64,
    /// By reason, then by model.
    pub by_reason: BTreeMap<String, BTreeMap<String, Count>>,
    /// Against the settings in force: kept by both, and by one of them alone with the reason there.
    pub differences: Option<Differences>,
    /// The ids of the kept traces, hexadecimal, in order.
    pub kept: Vec<String>,
}

/// How the settings on trial differ from those in force.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Differences {
    /// Kept by both.
    pub both: u64,
    /// Kept by the settings on trial alone, by their reason.
    pub gained: BTreeMap<String, u64>,
    /// Kept by those in force alone, by their reason.
    pub lost: BTreeMap<String, u64>,
}

impl Trial {
    /// Of a settings document, against the one in force if there is one. `collectors` share the
    /// budget; the recorded spans are those of all.
    ///
    /// # Errors
    /// When a document is refused, in the policy's words.
    pub fn new(tried: &[u8], in_force: Option<&[u8]>, collectors: u32) -> Result<Self> {
        Ok(Self {
            tried: Candidate::new(tried).context("the settings on trial")?,
            in_force: in_force
                .map(Candidate::new)
                .transpose()
                .context("the settings in force")?,
            collectors,
            traces: HashMap::new(),
            spans: 0,
            first: 0,
            now: 0,
        })
    }

    /// Decides on spans that come together.
    ///
    /// # Errors
    /// When the policy faults, which it does not.
    pub fn take(&mut self, spans: Vec<Recorded>) -> Result<()> {
        self.spans += spans.len() as u64;
        let mut order = Vec::new();
        let mut by_trace: HashMap<[u8; 16], (u64, u64, Vec<Span>)> = HashMap::new();
        for span in spans {
            let of = by_trace.entry(span.trace_id).or_insert_with(|| {
                order.push(span.trace_id);
                (0, 0, Vec::new())
            });
            of.0 = of.0.max(span.end);
            of.1 += span.bytes;
            of.2.push(span.span);
        }
        for trace_id in order {
            let Some((end, bytes, spans)) = by_trace.remove(&trace_id) else {
                continue;
            };
            if self.first == 0 {
                self.first = end;
            }
            // A record of several senders is not quite in order; a collector's clock is.
            self.now = self.now.max(end);
            let of = Circumstances {
                now: self.now,
                trace_id,
                shards: 1,
                collectors: self.collectors,
            };
            let seen = self.traces.entry(trace_id).or_insert(Seen {
                bytes: 0,
                fates: [Fate::NotSampled, Fate::NotSampled],
            });
            seen.bytes += bytes;
            let candidates = [Some(&mut self.tried), self.in_force.as_mut()];
            for (candidate, fate) in candidates.into_iter().zip(&mut seen.fates) {
                // A trace that is kept is not asked about again.
                if let (Some(candidate), false) = (candidate, matches!(fate, Fate::Kept(..))) {
                    let found = candidate.decide(&spans, &of)?;
                    if found > *fate {
                        *fate = found;
                    }
                }
            }
        }
        Ok(())
    }

    /// What came of it.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let mut outcome = Outcome {
            traces: self.traces.len() as u64,
            spans: self.spans,
            seconds: (self.now - self.first) as f64 / 1e9,
            ..Outcome::default()
        };
        let mut differences = Differences::default();
        for (id, Seen { bytes, fates }) in &self.traces {
            let [tried, in_force] = fates;
            let (reason, model, count) = match tried {
                Fate::NotSampled => (None, "", Count::default()),
                Fate::Limited(reason, model) => {
                    let count = Count {
                        limited: 1,
                        ..Count::default()
                    };
                    (Some(reason), model.as_str(), count)
                }
                Fate::Kept(reason, model) => {
                    outcome
                        .kept
                        .push(format!("{:032x}", u128::from_be_bytes(*id)));
                    let count = Count {
                        kept: 1,
                        bytes: *bytes,
                        ..Count::default()
                    };
                    (Some(reason), model.as_str(), count)
                }
            };
            if let Some(reason) = reason {
                let by_model = outcome.by_reason.entry(reason.clone()).or_default();
                by_model.entry(model.to_owned()).or_default().add(count);
            }
            match (tried, in_force) {
                (Fate::Kept(..), Fate::Kept(..)) => differences.both += 1,
                (Fate::Kept(reason, _), _) => {
                    *differences.gained.entry(reason.clone()).or_default() += 1;
                }
                (_, Fate::Kept(reason, _)) => {
                    *differences.lost.entry(reason.clone()).or_default() += 1;
                }
                _ => {}
            }
        }
        outcome.kept.sort_unstable();
        outcome.differences = self.in_force.is_some().then_some(differences);
        outcome
    }
}

impl Outcome {
    /// How many of these there would be in a day at the same rate; 0 where nothing lasted.
    fn a_day(&self, number: u64) -> u64 {
        if self.seconds > 0.0 {
            (number as f64 * SECONDS_A_DAY / self.seconds).round() as u64
        } else {
            0
        }
    }

    fn total<'a>(counts: impl IntoIterator<Item = &'a Count>) -> Count {
        let mut total = Count::default();
        counts.into_iter().for_each(|count| total.add(*count));
        total
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let count = |count: &Count| {
            json!({
                "kept": count.kept, "limited": count.limited, "bytes": count.bytes,
                "keptADay": self.a_day(count.kept), "bytesADay": self.a_day(count.bytes),
            })
        };
        let by_reason = self.by_reason.iter().map(|(reason, models)| {
            let models: BTreeMap<&String, Json> = models
                .iter()
                .map(|(model, of)| (model, count(of)))
                .collect();
            (reason, models)
        });
        json!({
            "traces": self.traces,
            "spans": self.spans,
            "seconds": self.seconds,
            "byReason": by_reason.collect::<BTreeMap<_, _>>(),
            "total": count(&Self::total(self.by_reason.values().flat_map(BTreeMap::values))),
            "differences": self.differences.as_ref().map(|found| json!({
                "both": found.both, "gained": found.gained, "lost": found.lost,
            })),
        })
    }

    /// As a table.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "{} traces of {} spans in {:.1} h\n\n{:<22}{:<30}{:>10}{:>10}{:>12}{:>14}\n",
            self.traces,
            self.spans,
            self.seconds / 3600.0,
            "reason",
            "model",
            "kept",
            "limited",
            "kept/day",
            "MB/day (JSON)",
        );
        let mut line = |reason: &str, model: &str, count: &Count| {
            text.push_str(&format!(
                "{reason:<22}{model:<30}{:>10}{:>10}{:>12}{:>14.1}\n",
                count.kept,
                count.limited,
                self.a_day(count.kept),
                self.a_day(count.bytes) as f64 / 1e6,
            ));
        };
        for (reason, models) in &self.by_reason {
            for (model, count) in models {
                line(reason, if model.is_empty() { "-" } else { model }, count);
            }
        }
        let all = self.by_reason.values().flat_map(BTreeMap::values);
        line("all", "", &Self::total(all));
        if let Some(found) = &self.differences {
            let list = |reasons: &BTreeMap<String, u64>| {
                let all: u64 = reasons.values().sum();
                let parts: Vec<String> = reasons
                    .iter()
                    .map(|(reason, number)| format!("{reason} {number}"))
                    .collect();
                match parts.len() {
                    0 => all.to_string(),
                    _ => format!("{all} ({})", parts.join(", ")),
                }
            };
            text.push_str(&format!(
                "\nagainst the settings in force: kept by both {}, gained {}, lost {}\n",
                found.both,
                list(&found.gained),
                list(&found.lost),
            ));
        }
        text
    }
}

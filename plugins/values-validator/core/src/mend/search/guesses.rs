//! What was meant where a rule says what is wrong and the whole file says what is right: texts that are tried,
//! and words where no text is sure.

mod alertmanager;
mod expression;
#[cfg(feature = "full")]
mod thresholds;
mod value;
mod words;

pub use words::{units_of, words};

use super::{TRIED, Trial, difference, named, targets};
use crate::Source;
use crate::finding::{Finding, Replacement, Report};
use crate::node::Node;

/// Whether the edit of the rule takes something away that belongs elsewhere.
pub fn better(finding: &Finding) -> bool {
    let group =
        finding.path.starts_with("rules.additionalAlerts[") && finding.path.ends_with(".name");
    let prefix = finding.path.starts_with("metrics.namePrefixes[");
    finding.code == "alert-labels" || finding.path.ends_with(".match") || group || prefix
}

impl Trial<'_> {
    /// The first text with which nothing is wrong that was not before.
    pub(super) fn guessed(
        &mut self,
        report: &Report,
        finding: &Finding,
        root: &Node,
    ) -> Option<(Replacement, String)> {
        let index = (finding.place?.source as usize).checked_sub(1)?;
        let source = self.input.sources.get(index)?;
        let node = targets::walked(root, &targets::parts(&finding.path))?;
        let guess = Guess {
            report,
            finding,
            source,
            node,
            root,
        };
        // Where either side of an expression may be the wrong one, only what is the only one.
        let only = finding.code == "alert-matching";
        let mut best = None;
        for (text, words) in guess.all() {
            if text == source.text || !self.clean(finding, index, &text) {
                continue;
            }
            let found = (narrowed(&source.text, &text, index as u32 + 1)?, words);
            if !only {
                return Some(found);
            }
            if best.replace(found).is_some() {
                return None;
            }
        }
        best
    }

    /// Whether a text has neither that finding nor a new one, of any severity.
    fn clean(&mut self, finding: &Finding, index: usize, text: &str) -> bool {
        self.tried += 1;
        if self.tried > TRIED {
            return false;
        }
        let mut mended = self.input.clone();
        text.clone_into(&mut mended.sources[index].text);
        let mut left = (self.checked)(&mended).1;
        crate::config::comments(&mut left);
        let clean = left.findings.iter().all(|f| {
            let same = f.code == finding.code && f.path == finding.path;
            !(same && f.found == finding.found) && self.known.contains(&named(f))
        });
        if clean {
            self.remember(&left);
        }
        clean
    }
}

/// What differs between two texts, in a part of a line where it is one: two edits of a line can both be made.
fn narrowed(old: &str, new: &str, source: u32) -> Option<Replacement> {
    let all = difference(old, new, source)?;
    let mut lines = old.lines().skip(all.place.line as usize - 1);
    let (line, text) = (
        lines.next()?,
        all.text.strip_suffix('\n').unwrap_or(&all.text),
    );
    if all.place.end_line != all.place.line + 1 || text.contains('\n') || text.is_empty() {
        return Some(all);
    }
    let (a, b): (Vec<char>, Vec<char>) = (line.chars().collect(), text.chars().collect());
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let rest = a[start..].iter().rev().zip(b[start..].iter().rev());
    let end = rest.take_while(|(a, b)| a == b).count();
    let mut place = all.place;
    (place.column, place.end_line) = (start as u32 + 1, place.line);
    place.end_column = (a.len() - end) as u32 + 1;
    let text = b[start..b.len() - end].iter().collect();
    Some(Replacement { place, text })
}

struct Guess<'a> {
    report: &'a Report,
    finding: &'a Finding,
    source: &'a Source,
    node: &'a Node,
    root: &'a Node,
}

impl Guess<'_> {
    /// The file with the node as that text.
    fn put(&self, text: &str) -> Option<(String, String)> {
        let new = self.source.replaced(self.node.place, text)?;
        Some((new, format!("write {text}")))
    }

    fn all(&self) -> Vec<(String, String)> {
        let mut all: Vec<Option<(String, String)>> = Vec::new();
        let (finding, path) = (self.finding, self.finding.path.as_str());
        let text = self.node.as_str().unwrap_or_default();
        if path.ends_with(".weekdays") || path.contains(".weekdays[") {
            all.push(self.weekdays(text));
        }
        if let (true, Some(word)) = (
            matches!(
                finding.code,
                "alertmanager-config" | "bad-format" | "wrong-type"
            ),
            finding.fix.text.strip_prefix("write "),
        ) && !word.contains([' ', ':', '…', '<'])
            && finding.place == Some(self.node.place)
        {
            all.push(self.put(word));
        }
        match finding.code {
            "alert-expression" if text.contains("(?") => all.push(self.lookahead(text)),
            "sampling-wait" if path.ends_with("decisionWait") => all.push(self.longer()),
            "exporter-scheme" => all.push(self.web(text)),
            "pod-parts" => all.push(self.host(text)),
            "wrong-type" => {
                all.push(self.digits(text));
                all.push(self.boolean(text));
                all.push(self.peer(text));
                all.push(self.number(text));
                all.push(self.section());
            }
            "bad-format" => {
                all.push(self.digits(text));
                all.push(self.bound(text));
                all.push(self.below(text));
                all.push(self.schedule(text));
            }
            "alert-expression" => all.extend(self.call(text)),
            "alert-template" => all.push(self.variables(text)),
            "alert-labels" => all.push(self.beside()),
            "alert-matching" => all.extend(self.groups(text).into_iter().map(Some)),
            "alert-rate" => all.push(self.rate(text)),
            "alert-selector" => all.push(self.reason(text)),
            "redaction-pattern" => {
                let cut = text.trim_end_matches(['[', '(', '\\', '{', '?']);
                all.push(self.put(&format!("{cut:?}")).filter(|_| cut.len() > 3));
            }
            "grafana-source" => all.push(self.kind(text)),
            "alertmanager-config" => {
                all.push(self.boolean(text));
                all.push(self.digits(text));
                all.push(self.clock(text));
                all.push(self.channel());
                all.push(self.renamed());
                all.push(self.matchers());
                all.push(self.inhibit());
            }
            _ => {}
        }
        all.into_iter().flatten().collect()
    }
}

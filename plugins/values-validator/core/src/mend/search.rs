//! An edit for a finding that has none: a key where it belongs, a line as it was meant.

mod block;
mod blocks;
mod chosen;
mod consequences;
mod draft;
mod form;
mod forms;
mod guesses;
mod items;
mod lines;
mod models;
mod moved;
mod names;
mod recast;
mod targets;
mod twice;

pub(super) use consequences::{Left, dropped};
pub(super) use guesses::units_of;
pub(super) use moved::emptied;
pub(super) use twice::below as twice;

use super::{TRIED, Trial, difference, named};
use crate::finding::{Finding, Findings, Replacement, Report};
use crate::node::Node;
use crate::shape::at;
use crate::{Input, Place, Source, codes, yaml};
use forms::forms;

/// The keys that are missing beside the one of a finding.
fn missing<'a>(report: &'a Report, finding: &Finding) -> Vec<&'a str> {
    let above = |path: &str| path.rfind(['.', '[']).unwrap_or(0);
    let beside = &finding.path[..above(&finding.path)];
    let findings = report
        .findings
        .iter()
        .filter(|f| f.code == codes::MISSING_KEY.code);
    let beside = findings.filter(|f| f.path[..above(&f.path)] == *beside);
    beside
        .map(|f| f.path[above(&f.path)..].trim_start_matches('.'))
        .collect()
}

/// Whether the chart has a key of that name there.
fn known(path: &[String]) -> bool {
    let split = path.split_last();
    split.is_some_and(|(key, above)| at(above).is_some_and(|wanted| wanted.key(key)))
}

/// The line above the one where the parser stops, where `=` is written for the colon.
pub(super) fn assigned(
    finding: &Finding,
    edit: Option<&Replacement>,
    input: &Input,
) -> Option<Place> {
    let (place, mut own) = (finding.place?, edit?.place);
    let source = input.sources.get((own.source as usize).checked_sub(1)?)?;
    let line = source
        .text
        .lines()
        .nth((own.line as usize).checked_sub(1)?)?;
    let above = own.line < place.line && own.end_line == own.line + 1;
    if finding.code != codes::BAD_YAML.code || !above || !line.contains('=') {
        return None;
    }
    own.end_line = own.line;
    own.column = (line.len() - line.trim_start().len()) as u32 + 1;
    own.end_column = line.chars().count() as u32 + 1;
    Some(own)
}

impl Trial<'_> {
    /// What was meant by the value of the finding of that number, whose own edit holds or is none; and words for
    /// it where they are others. A large file is not searched.
    pub(super) fn meant(
        &mut self,
        report: &Report,
        at: usize,
        root: &Node,
        found: Option<Replacement>,
        small: bool,
    ) -> (Option<Replacement>, Option<String>) {
        let finding = &report.findings[at];
        if !small || found.is_some() && !guesses::better(finding) {
            return (found, None);
        }
        let left = self.left.clone();
        match self.searched(report, at, root) {
            Some((edit, words)) => (Some(edit), Some(words)),
            None => {
                self.left = left;
                (found, guesses::words(finding, root))
            }
        }
    }

    /// The edit for the finding of that number, with the words for it where they are others.
    fn searched(
        &mut self,
        report: &Report,
        at: usize,
        root: &Node,
    ) -> Option<(Replacement, String)> {
        let finding = report.findings.get(at)?;
        if finding.code == codes::BAD_YAML.code {
            return self.rewritten(finding);
        }
        let found = self.formed(finding, root);
        if found.is_some() {
            return found;
        }
        if finding.code == codes::UNKNOWN_KEY.code || finding.found.starts_with("the key ") {
            self.elsewhere(finding, &missing(report, finding), root)
        } else if finding.code == codes::NOT_ALLOWED.code {
            self.chosen(finding)
        } else {
            self.guessed(report, finding, root)
        }
    }

    /// What is there in another form, with the words for it.
    fn formed(&mut self, finding: &Finding, root: &Node) -> Option<(Replacement, String)> {
        let index = finding.place?.source;
        let source = self.input.sources.get((index as usize).checked_sub(1)?)?;
        let all = forms(root, finding, source, index);
        let more = recast::recast(finding, source, index, root);
        let once = twice::once(finding, source);
        for (text, words) in all.into_iter().chain(more).chain(once) {
            self.strict = true;
            let settled = self.settled(finding, index as usize - 1, text);
            self.strict = false;
            if let Some(text) = settled {
                return Some((difference(&source.text, &text, index)?, words));
            }
        }
        None
    }

    /// The key where it belongs, with the words for it.
    fn elsewhere(
        &mut self,
        finding: &Finding,
        missing: &[&str],
        root: &Node,
    ) -> Option<(Replacement, String)> {
        let index = (finding.place?.source as usize).checked_sub(1)?;
        let source = self.input.sources.get(index)?;
        let from = targets::parts(&finding.path);
        let mut best: Option<(usize, Replacement, String)> = None;
        let all = targets::targets(root, &from, &finding.fix.text, missing);
        // The nearest first, each once.
        let far = (0..10).flat_map(|far| all.iter().filter(move |one| one.0 == far));
        let mut tried: Vec<&[String]> = Vec::new();
        for (far, to, advised) in far {
            if tried.contains(&to.as_slice()) {
                continue;
            }
            tried.push(to);
            if best.as_ref().is_some_and(|(near, ..)| far > near) {
                break;
            }
            // A map that takes any key is no home of this one.
            // What another program reads is in the words alone.
            let listed = |key: &String| finding.expected.split(", ").any(|known| known == key);
            if !*advised && !known(to) && !to.last().is_some_and(listed) {
                continue;
            }
            let Some(text) = moved::moved(source, index as u32 + 1, root, &from, to) else {
                continue;
            };
            let Some(text) = self.settled(finding, index, text) else {
                continue;
            };
            // Two places as near: nobody knows which is meant.
            if best.is_some() {
                return None;
            }
            let words = if *advised {
                String::new()
            } else {
                match to.split_last() {
                    Some((key, above))
                        if from.starts_with(above) && above.len() + 1 == from.len() =>
                    {
                        format!("write {key}")
                    }
                    _ => format!("move it to {}", targets::joined(to)),
                }
            };
            best = Some((
                *far,
                difference(&source.text, &text, index as u32 + 1)?,
                words,
            ));
        }
        best.map(|(_, edit, words)| (edit, words))
    }

    /// The line as it was meant, where the file can be read then and has no error.
    fn rewritten(&mut self, finding: &Finding) -> Option<(Replacement, String)> {
        let place = finding.place?;
        let index = (place.source as usize).checked_sub(1)?;
        let source = self.input.sources.get(index)?;
        let number = place.line as usize;
        let all = lines::meant(&source.text, number);
        for (text, words) in all.into_iter().chain(blocks::meant(&source.text, number)) {
            // Most cannot be read either: those do not count as tried.
            let mut wrong = Findings::default();
            let new = Source::new("", text);
            if yaml::read(&new, 1, &mut wrong).is_none()
                || wrong.0.iter().any(|f| f.code == codes::BAD_YAML.code)
            {
                continue;
            }
            let text = new.text;
            if let Some(text) = self.settled(finding, index, text) {
                return Some((difference(&source.text, &text, place.source)?, words));
            }
        }
        None
    }
}

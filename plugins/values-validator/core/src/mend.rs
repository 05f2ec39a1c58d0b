//! Edits that the whole file proves: each that is offered is tried, and where a finding has none, a key is
//! tried where it may belong, or a line as it may have been meant.

mod search;

use crate::finding::{Finding, Replacement, Report, Severity};
use crate::node::Values;
use crate::sorted::Names;
use crate::{Input, Place, codes};

/// Most texts that are tried for a report.
const TRIED: usize = 48;

/// The largest file, in bytes, in which an edit is looked for: each try reads all of it.
const LARGEST: usize = 1 << 17;

/// Most edits that one leads to: a key of another chart, and the keys below it.
const CHAIN: usize = 5;

/// Reads, merges and checks an input.
type Checked = fn(&Input) -> (Values, Report);

struct Trial<'a> {
    checked: Checked,
    input: &'a Input,
    known: Names,
    tried: usize,
    /// Whether nothing of the kind may be left at the path, even with another value.
    strict: bool,
    /// What is wrong with the last text that was good enough.
    left: Option<search::Left>,
}

fn named(finding: &Finding) -> String {
    format!("{} {}", finding.code, finding.path)
}

/// Leaves an edit out whose result has what it was to mend, or something new that is wrong; finds one where
/// there is none.
pub fn verify(input: &Input, checked: Checked, values: &Values, report: &mut Report) {
    let mut trial = Trial {
        checked,
        input,
        known: report.findings.iter().map(named).collect(),
        tried: 0,
        strict: false,
        left: None,
    };
    let small = (input.sources.iter()).all(|source| source.text.len() <= LARGEST);
    let mut gone = Vec::new();
    for at in 0..report.findings.len() {
        if crate::FULL {
            if search::twice(report, at) {
                report.findings[at].fix.replacement = None;
                continue;
            }
            trial.left = None;
        }
        let finding = &report.findings[at];
        let mut found = None;
        if let Some(edit) = &finding.fix.replacement {
            let mut edit = edit.clone();
            if crate::FULL
                && let Some(all) = search::emptied(&values.root, finding, &edit)
            {
                edit.place = all;
            }
            if edit.text.is_empty()
                && let Some(source) = report.source(edit.place)
                && let Some(all) = source.alone(edit.place)
            {
                edit.place = all;
            }
            let index = (edit.place.source as usize).wrapping_sub(1);
            // What is given as an argument is edited by nobody.
            if index >= input.sources.len() {
                continue;
            }
            found = trial.holds(finding, &edit);
        }
        let mut words = None;
        if crate::FULL {
            (found, words) = trial.meant(report, at, &values.root, found, small);
            if let (true, Some(left)) = (found.is_some(), trial.left.take()) {
                gone.push((at, left));
            }
        }
        let finding = &mut report.findings[at];
        if crate::FULL
            && let Some(place) = search::assigned(finding, found.as_ref(), input)
        {
            finding.place = Some(place);
        }
        finding.fix.replacement = found;
        if let Some(words) = words.filter(|words| !words.is_empty()) {
            finding.fix.text = words;
        }
        if crate::FULL {
            search::units_of(finding);
        }
    }
    if crate::FULL {
        search::dropped(report, &gone);
    }
}

impl Trial<'_> {
    /// The edit, with those that it leads to, where nothing is wrong then that was not before.
    fn holds(&mut self, finding: &Finding, edit: &Replacement) -> Option<Replacement> {
        let index = (edit.place.source as usize).checked_sub(1)?;
        let source = self.input.sources.get(index)?;
        // An edit of several lines would take their comments away.
        let lines = source.text.lines().skip(edit.place.line as usize - 1);
        let mut lines = lines.take((edit.place.end_line - edit.place.line) as usize);
        if lines.any(|line| line.contains(" #")) && !edit.text.is_empty() {
            return None;
        }
        let text = source.replaced(edit.place, &edit.text)?;
        let settled = self.settled(finding, index, text.clone())?;
        if settled == text {
            return Some(edit.clone());
        }
        difference(&source.text, &settled, edit.place.source)
    }

    /// A text in the place of a source's, with further edits until nothing new is wrong.
    fn settled(&mut self, finding: &Finding, index: usize, mut text: String) -> Option<String> {
        let mut mended = self.input.clone();
        // A line that could not be read leads to nothing that is sure.
        let most = if finding.code == codes::BAD_YAML.code {
            1
        } else {
            CHAIN
        };
        for _ in 0..most {
            self.tried += 1;
            if self.tried > TRIED {
                return None;
            }
            mended.sources[index].text.clone_from(&text);
            // What a comment takes out counts neither before nor after.
            let mut left = (self.checked)(&mended).1;
            crate::config::comments(&mut left);
            let wrong = |f: &&Finding| {
                let same = f.code == finding.code && f.path == finding.path;
                let new = !self.known.contains(&named(f));
                // A file that cannot be read has one such finding, wherever the reader stops.
                let strict = self.strict || f.code == codes::BAD_YAML.code;
                same && (strict || f.found == finding.found) || new && f.severity == Severity::Error
            };
            let Some(next) = left.findings.iter().find(wrong) else {
                if crate::FULL {
                    self.remember(&left);
                }
                return Some(text);
            };
            let edit = next.fix.replacement.as_ref()?;
            if named(next) == named(finding) || edit.place.source as usize != index + 1 {
                return None;
            }
            text = mended.sources[index].replaced(edit.place, &edit.text)?;
        }
        None
    }
}

/// What differs between two texts, in whole lines.
fn difference(old: &str, new: &str, source: u32) -> Option<Replacement> {
    let (a, b): (Vec<&str>, Vec<&str>) = (
        old.split_inclusive('\n').collect(),
        new.split_inclusive('\n').collect(),
    );
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let rest = a[start..].iter().rev().zip(b[start..].iter().rev());
    let tail = rest.take_while(|(a, b)| a == b).count();
    let end = a.len() - tail;
    let place = Place {
        source,
        line: start as u32 + 1,
        column: 1,
        end_line: end as u32 + 1,
        end_column: 1,
    };
    Some(Replacement {
        place,
        text: b[start..b.len() - tail].concat(),
    })
}

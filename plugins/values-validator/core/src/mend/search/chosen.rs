//! The one of the words that a value may be with which the rest of the file has an effect.

use super::{TRIED, Trial, named};
use crate::finding::{Finding, Replacement, Severity};
use crate::rules::WITHOUT_EFFECT;

impl Trial<'_> {
    /// The only word with which fewest of the other values are without an effect, and none is an error: who
    /// wrote those did not mean the other words.
    pub(super) fn chosen(&mut self, finding: &Finding) -> Option<(Replacement, String)> {
        let place = finding.place?;
        let index = (place.source as usize).checked_sub(1)?;
        let source = self.input.sources.get(index)?;
        let mut mended = self.input.clone();
        let mut best: Option<(usize, &str)> = None;
        let mut tied = false;
        for word in finding.expected.split([',', ' ']) {
            // What the chart chooses by itself is no word for something.
            if word.is_empty() || matches!(word, "or" | "auto") {
                continue;
            }
            self.tried += 1;
            if self.tried > TRIED {
                return None;
            }
            mended.sources[index].text = source.replaced(place, word)?;
            let mut report = (self.checked)(&mended).1;
            crate::config::comments(&mut report);
            let new = |f: &&Finding| !self.known.contains(&named(f));
            let errors = (report.findings.iter()).filter(|f| f.severity == Severity::Error);
            let idle = (report.findings.iter()).filter(|f| WITHOUT_EFFECT.contains(&f.code));
            let wrong = 100 * errors.filter(new).count() + idle.count();
            match best {
                Some((least, _)) if least < wrong => {}
                Some((least, _)) if least == wrong => tied = true,
                _ => (best, tied) = (Some((wrong, word)), false),
            }
        }
        let (_, word) = best.filter(|(wrong, _)| *wrong < 100 && !tied)?;
        // What else is gone then depends on a choice.
        self.left = None;
        let text = word.to_owned();
        Some((Replacement { place, text }, format!("write {word}")))
    }
}

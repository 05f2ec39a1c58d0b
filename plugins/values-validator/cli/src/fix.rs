//! `--fix` and `--diff`: the edits that findings propose, shown as a diff and written to the files.

use std::fmt::Write as _;

use values_validator_core::{Finding, Input, Replacement, Report, Severity, check};

/// A file with what the edits make of it.
pub struct Edited {
    /// The file's path as it was given.
    pub name: String,
    /// What it holds.
    pub before: String,
    /// What it will hold.
    pub after: String,
}

/// Most times that edits are made: one may make room for another.
const ROUNDS: usize = 24;

/// What the edits of a report make of the files of its input, and those that are left after them, until there
/// are none: each edit by itself leaves no new error, and so must all of them together, or the first one is made
/// alone.
pub fn edits(input: &Input, report: &Report) -> Vec<Edited> {
    let mut mended = input.clone();
    let mut report = report.clone();
    for _ in 0..ROUNDS {
        let known: Vec<(&str, String)> = report.findings.iter().map(named).collect();
        let worse = |report: &Report| {
            let mut errors = (report.findings.iter()).filter(|f| f.severity == Severity::Error);
            errors.any(|finding| !known.contains(&named(finding)))
        };
        let Some((next, left)) = [usize::MAX, 1].into_iter().find_map(|most| {
            let next = edited(&mended, &report, most)?;
            let left = check(&next);
            (!worse(&left)).then_some((next, left))
        }) else {
            break;
        };
        (mended, report) = (next, left);
    }
    let sources = input.sources.iter().zip(mended.sources);
    sources
        .filter(|(old, new)| old.text != new.text && old.name != "-")
        .map(|(old, new)| Edited {
            name: old.name.clone(),
            before: old.text.clone(),
            after: new.text,
        })
        .collect()
}

fn named(finding: &Finding) -> (&'static str, String) {
    (finding.code, finding.path.clone())
}

/// The input with so many edits of a report; none where nothing changes.
fn edited(input: &Input, report: &Report, most: usize) -> Option<Input> {
    let mut mended = input.clone();
    let all = report.findings.iter();
    let all: Vec<&Replacement> = all
        .filter_map(|finding| finding.fix.replacement.as_ref())
        .take(most)
        .collect();
    for (at, source) in mended.sources.iter_mut().enumerate() {
        let mut edits = all.clone();
        edits.retain(|edit| edit.place.source as usize == at + 1);
        // From the end on, so that places before it still hold; of two at one place the first.
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.place));
        let mut last = None;
        for edit in edits {
            let start = (edit.place.line, edit.place.column);
            let end = (edit.place.end_line, edit.place.end_column);
            if last.is_some_and(|last| end > last) {
                continue;
            }
            if let Some(text) = source.replaced(edit.place, &edit.text) {
                source.text = text;
                last = Some(start);
            }
        }
    }
    let mut sources = mended.sources.iter().zip(&input.sources);
    sources
        .any(|(new, old)| new.text != old.text)
        .then_some(mended)
}

/// A unified diff without context: edits stay within their lines.
pub fn diff(edited: &Edited) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) = (
        edited.before.lines().collect(),
        edited.after.lines().collect(),
    );
    let mut out = format!("--- {0}\n+++ {0}\n", edited.name);
    // Edits replace a part of a line, or a few lines: equal lines at both ends are left out.
    let mut at = 0;
    let shift = before.len() == after.len();
    if shift {
        while at < before.len() {
            if before[at] == after[at] {
                at += 1;
                continue;
            }
            let end = (at..before.len())
                .find(|i| before[*i] == after[*i])
                .unwrap_or(before.len());
            hunk(&mut out, at, &before[at..end], at, &after[at..end]);
            at = end;
        }
    } else {
        let start = before
            .iter()
            .zip(&after)
            .take_while(|(a, b)| a == b)
            .count();
        let tail = before[start..]
            .iter()
            .rev()
            .zip(after[start..].iter().rev())
            .take_while(|(a, b)| a == b)
            .count();
        hunk(
            &mut out,
            start,
            &before[start..before.len() - tail],
            start,
            &after[start..after.len() - tail],
        );
    }
    out
}

fn hunk(out: &mut String, from: usize, before: &[&str], to: usize, after: &[&str]) {
    let _ = writeln!(
        out,
        "@@ -{},{} +{},{} @@",
        from + 1,
        before.len(),
        to + 1,
        after.len()
    );
    for line in before {
        let _ = writeln!(out, "-{line}");
    }
    for line in after {
        let _ = writeln!(out, "+{line}");
    }
}

#[cfg(test)]
mod tests {
    use values_validator_core::Source;

    use super::*;

    #[test]
    fn all_edits_of_a_file_are_made_and_shown() {
        let text = "metrics:\n  scrape: {intervall: 30s}\n# kept\ntracing: false\n";
        let input = Input {
            sources: vec![Source::new("values.yaml", text)],
            sets: Vec::new(),
        };
        let all = edits(&input, &check(&input));
        assert_eq!(all.len(), 1);
        assert_eq!(
            all[0].after,
            "metrics:\n  scrape: {interval: 30s}\n# kept\ntracing: {enabled: false}\n"
        );
        assert_eq!(
            diff(&all[0]),
            "--- values.yaml\n+++ values.yaml\n@@ -2,1 +2,1 @@\n-  scrape: {intervall: 30s}\n+  scrape: {interval: 30s}\n@@ -4,1 +4,1 @@\n-tracing: false\n+tracing: {enabled: false}\n"
        );
    }
}

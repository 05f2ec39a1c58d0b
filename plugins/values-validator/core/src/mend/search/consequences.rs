//! Findings that are gone with the edit of another one: they are about what that one has made of the file.

use super::Trial;
use crate::codes;
use crate::finding::{Finding, Report, Severity};

/// Code and path of each finding.
pub(in crate::mend) type Left = Vec<(&'static str, String)>;

impl Trial<'_> {
    /// What is left with a text that is good enough.
    pub(in crate::mend) fn remember(&mut self, left: &Report) {
        let all = left.findings.iter();
        self.left = Some(all.map(|f| (f.code, f.path.clone())).collect());
    }
}

/// The map or list that a path is in.
fn above(path: &str) -> &str {
    &path[..path.rfind(['.', '[']).unwrap_or(0)]
}

/// Leaves out what is gone with the edit of an error, with how each edit leaves the file.
pub(in crate::mend) fn dropped(report: &mut Report, edits: &[(usize, Left)]) {
    let all = &report.findings;
    let known: Vec<(&str, &str)> = all.iter().map(|f| (f.code, f.path.as_str())).collect();
    let mut keep = vec![true; all.len()];
    for (at, left) in edits {
        let cause = &all[*at];
        if cause.severity != Severity::Error || !keep[*at] {
            continue;
        }
        for (other, finding) in all.iter().enumerate() {
            if other == *at || !follows(cause, finding) {
                continue;
            }
            let still = left.iter().any(|(code, path)| {
                *code == finding.code
                    && (*path == finding.path || !known.contains(&(code, path.as_str())))
            });
            if !still {
                keep[other] = false;
            }
        }
    }
    let mut keep = keep.into_iter();
    report.findings.retain(|_| keep.next() != Some(false));
}

/// Whether a finding may be what another one has made of the file.
fn follows(cause: &Finding, finding: &Finding) -> bool {
    if finding.code == codes::BAD_YAML.code || finding.code == codes::DUPLICATE_KEY.code {
        return false;
    }
    let below = |path: &str| {
        path.strip_prefix(cause.path.as_str())
            .is_some_and(|rest| rest.starts_with(['.', '[']))
    };
    if below(&finding.path) {
        return true;
    }
    let edit = finding.fix.replacement.is_some();
    if edit && finding.fix.replacement == cause.fix.replacement {
        return true;
    }
    let section = |path: &str| {
        path.splitn(3, ['.', '['])
            .take(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let undefined =
        finding.code == "receiver-undefined" && section(&finding.path) == section(&cause.path);
    finding.severity > cause.severity
        || !edit && (undefined || above(&finding.path) == above(&cause.path))
}

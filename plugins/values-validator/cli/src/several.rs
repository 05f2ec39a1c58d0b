//! Reports of several checks as one.

use values_validator_core::{Detail, Finding, Place, Report};

/// All findings in the order of the checks; a finding in a file that several checks share once.
pub fn merged(reports: impl Iterator<Item = Report>) -> Report {
    let mut all = Report {
        findings: Vec::new(),
        sources: Vec::new(),
    };
    let mut known = Vec::new();
    for report in reports {
        let above = all.sources.len() as u32;
        for mut finding in report.findings.iter().cloned() {
            let mark = mark(&report, &finding);
            if known.contains(&mark) {
                continue;
            }
            known.push(mark);
            shift(&mut finding, above);
            all.findings.push(finding);
        }
        all.sources.extend(report.sources);
    }
    all
}

/// What makes a finding the same for a reader.
type Mark = (&'static str, String, Option<(String, Place)>, String);

fn mark(report: &Report, finding: &Finding) -> Mark {
    let place = finding.place.map(|place| {
        let name = report.source(place).map(|source| source.name.clone());
        (name.unwrap_or_default(), Place { source: 0, ..place })
    });
    (
        finding.code,
        finding.path.clone(),
        place,
        finding.found.clone(),
    )
}

fn shift(finding: &mut Detail, above: u32) {
    let places = finding
        .place
        .iter_mut()
        .chain(finding.related.iter_mut().map(|related| &mut related.place))
        .chain(finding.fix.replacement.iter_mut().map(|fix| &mut fix.place));
    for place in places {
        place.source += above;
    }
}

#[cfg(test)]
mod tests {
    use values_validator_core::{Input, Severity, Source, check};

    use super::*;

    fn report(files: &[(&str, &str)]) -> Report {
        check(&Input {
            sources: files.iter().map(|(n, t)| Source::new(*n, *t)).collect(),
            sets: Vec::new(),
        })
    }

    #[test]
    fn a_shared_file_is_told_once_and_others_keep_their_names() {
        let base = ("base.yaml", "noSuchKey: 1\n");
        let all = merged(
            [
                report(&[base, ("a.yaml", "alsoNone: 1\n")]),
                report(&[base, ("b.yaml", "\nalsoNone: 1\n")]),
            ]
            .into_iter(),
        );
        let found: Vec<_> = (all.findings.iter())
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| {
                let place = finding.place.expect("a place");
                let name = all.source(place).map(|source| source.name.as_str());
                (name.unwrap_or_default(), place.line)
            })
            .collect();
        assert_eq!(
            found.iter().filter(|f| **f == ("base.yaml", 1)).count(),
            1,
            "{found:?}"
        );
        assert!(
            found.contains(&("a.yaml", 1)) && found.contains(&("b.yaml", 2)),
            "{found:?}"
        );
    }
}

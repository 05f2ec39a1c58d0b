use std::fmt::Write as _;

use super::{position, summary};
use crate::Report;
use crate::sorted::Names;

/// Findings for people, without colours: place, severity, code and path in one line, the rest below.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let place = position(report, finding.place);
        let colon = if place.is_empty() { "" } else { ": " };
        let path = if finding.path.is_empty() { "" } else { ": " };
        let _ = writeln!(
            out,
            "{place}{colon}{} [{}]{path}{}",
            finding.severity.name(),
            finding.code,
            finding.path
        );
        for (name, line) in [
            ("found", &finding.found),
            ("expected", &finding.expected),
            ("why", &finding.why),
            ("fix", &finding.fix.text),
        ] {
            if !line.is_empty() {
                let _ = writeln!(out, "    {name}: {line}");
            }
        }
        for related in &finding.related {
            let place = position(report, Some(related.place));
            let _ = writeln!(out, "    see {place}: {}", related.text);
        }
    }
    let codes: Names = report.findings.iter().map(|f| f.code).collect();
    for code in codes.iter() {
        let _ = writeln!(out, "{code}: {}", crate::codes::url(code));
    }
    let _ = writeln!(out, "{}", summary(report));
    out
}

use std::fmt::Write as _;

use crate::{Report, Severity};

/// Findings as GitHub's workflow commands, which its log shows at the lines of a change.
#[must_use]
pub fn github(report: &Report) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let level = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let mut properties = Vec::new();
        if let Some(place) = finding.place {
            let file = report.source(place).map_or("?", |source| &source.name);
            properties.push(format!("file={}", property(file)));
            properties.push(format!("line={},col={}", place.line, place.column));
            properties.push(format!("endLine={}", place.end_line));
            if place.end_line == place.line {
                properties.push(format!("endColumn={}", place.end_column));
            }
        }
        properties.push(format!("title={}", property(finding.code)));
        let message = [
            ("", finding.path.as_str()),
            ("found: ", &finding.found),
            ("expected: ", &finding.expected),
            ("", &finding.why),
            ("fix: ", &finding.fix.text),
        ]
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| format!("{name}{text}"))
        .collect::<Vec<_>>()
        .join("\n");
        let _ = writeln!(
            out,
            "::{level} {}::{}",
            properties.join(","),
            data(&message)
        );
    }
    out
}

/// As the runner reads it back.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

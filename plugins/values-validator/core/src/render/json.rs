use serde_json::{Value, json};

use crate::{Finding, Place, Report, Severity, codes, titles};

/// Version of the object's shape: it grows when a field changes its meaning or goes.
pub const VERSION: u32 = 1;

/// Findings for programs: `{"version": 1, "tool": {…}, "findings": […], "errors": n, "warnings": n,
/// "info": n}`. A place is `{file, line, column, endLine, endColumn}`, counted from 1, in characters.
#[must_use]
pub fn json(report: &Report) -> String {
    let findings: Vec<Value> = report.findings.iter().map(|f| finding(report, f)).collect();
    let mut out = json!({
        "version": VERSION,
        "tool": {"name": "vllm-values", "version": env!("CARGO_PKG_VERSION")},
        "findings": findings,
        "errors": report.count(Severity::Error),
        "warnings": report.count(Severity::Warning),
        "info": report.count(Severity::Info),
    })
    .to_string();
    out.push('\n');
    out
}

fn finding(report: &Report, finding: &Finding) -> Value {
    let related: Vec<Value> = finding
        .related
        .iter()
        .map(|related| json!({"place": place(report, related.place), "text": related.text}))
        .collect();
    json!({
        "code": finding.code,
        "title": titles::title(finding.code),
        "url": codes::url(finding.code),
        "severity": finding.severity.name(),
        "path": finding.path,
        "place": finding.place.map(|p| place(report, p)),
        "found": finding.found,
        "expected": finding.expected,
        "why": finding.why,
        "fix": {
            "text": finding.fix.text,
            "replacement": finding.fix.replacement.as_ref().map(|r| json!({
                "place": place(report, r.place),
                "text": r.text,
            })),
        },
        "related": related,
    })
}

fn place(report: &Report, place: Place) -> Value {
    json!({
        "file": report.source(place).map_or("?", |source| &source.name),
        "line": place.line,
        "column": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    })
}

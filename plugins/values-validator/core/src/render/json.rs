use super::value::{Json, map, range, text};
use crate::{Finding, Place, Report, Severity, codes, titles};

/// Version of the object's shape: it grows when a field changes its meaning or goes.
pub const VERSION: usize = 1;

/// Findings for programs: `{"version": 1, "tool": {…}, "findings": […], "errors": n, "warnings": n,
/// "info": n}`. A place is `{file, line, column, endLine, endColumn}`, counted from 1, in characters.
#[must_use]
pub fn json(report: &Report) -> String {
    let count = |severity| Json::Number(report.count(severity));
    let findings = report.findings.iter().map(|f| finding(report, f)).collect();
    map([
        ("version", Json::Number(VERSION)),
        (
            "tool",
            map([
                ("name", text("vllm-values")),
                ("version", text(env!("CARGO_PKG_VERSION"))),
            ]),
        ),
        ("findings", Json::List(findings)),
        ("errors", count(Severity::Error)),
        ("warnings", count(Severity::Warning)),
        ("info", count(Severity::Info)),
    ])
    .line()
}

fn finding(report: &Report, finding: &Finding) -> Json {
    let placed = |at, words: &str| map([("place", place(report, at)), ("text", text(words))]);
    let related = finding.related.iter().map(|r| placed(r.place, &r.text));
    let edit = finding.fix.replacement.as_ref();
    map([
        ("code", text(finding.code)),
        ("title", text(titles::title(finding.code))),
        ("url", text(codes::url(finding.code))),
        ("severity", text(finding.severity.name())),
        ("path", text(finding.path.as_str())),
        (
            "place",
            finding.place.map_or(Json::Null, |p| place(report, p)),
        ),
        ("found", text(finding.found.as_str())),
        ("expected", text(finding.expected.as_str())),
        ("why", text(finding.why.as_str())),
        (
            "fix",
            map([
                ("text", text(finding.fix.text.as_str())),
                (
                    "replacement",
                    edit.map_or(Json::Null, |edit| placed(edit.place, &edit.text)),
                ),
            ]),
        ),
        ("related", Json::List(related.collect())),
    ])
}

fn place(report: &Report, place: Place) -> Json {
    let name = report.source(place).map_or("?", |source| &source.name);
    let mut entries = range(["line", "column", "endLine", "endColumn"], place);
    entries.push(("file", text(name)));
    Json::Map(entries)
}

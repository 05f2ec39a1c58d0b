//! A report as text for people, as JSON for programs, and as commands for GitHub's log.

mod github;
mod json;
mod sarif;
mod text;
mod value;

pub use github::github;
pub use json::json;
pub use sarif::sarif;
pub use text::text;

use crate::{Place, Report, Severity};

/// `values.yaml:4:7`, or nothing.
fn position(report: &Report, place: Option<Place>) -> String {
    let Some(place) = place else {
        return String::new();
    };
    let name = report.source(place).map_or("?", |source| &source.name);
    format!("{name}:{}:{}", place.line, place.column)
}

/// `2 errors, 1 warning`; `no findings`.
#[must_use]
pub fn summary(report: &Report) -> String {
    let parts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Info]
        .into_iter()
        .filter_map(|severity| {
            let count = report.count(severity);
            let plural = if count == 1 || severity == Severity::Info {
                ""
            } else {
                "s"
            };
            (count > 0).then(|| format!("{count} {}{plural}", severity.name()))
        })
        .collect();
    if parts.is_empty() {
        "no findings".into()
    } else {
        parts.join(", ")
    }
}

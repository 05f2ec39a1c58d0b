use super::value::{Json, map, range, text};
use crate::sorted::Names;
use crate::{Finding, Place, Report, Severity, codes, titles};

/// Findings as SARIF 2.1.0, which code scanning reads: one run, a rule for each code that was found.
#[must_use]
pub fn sarif(report: &Report) -> String {
    let found: Names = report.findings.iter().map(|f| f.code).collect();
    let rules = found.iter().map(|code| {
        map([
            ("id", text(code)),
            (
                "shortDescription",
                map([("text", text(titles::title(code)))]),
            ),
            ("helpUri", text(codes::url(code))),
        ])
    });
    let results = report.findings.iter().map(|f| result(report, f));
    let driver = map([
        ("name", text("vllm-values")),
        ("version", text(env!("CARGO_PKG_VERSION"))),
        ("informationUri", text(codes::PAGE)),
        ("rules", Json::List(rules.collect())),
    ]);
    let run = map([
        ("tool", map([("driver", driver)])),
        ("columnKind", text("unicodeCodePoints")),
        ("results", Json::List(results.collect())),
    ]);
    map([
        (
            "$schema",
            text("https://json.schemastore.org/sarif-2.1.0.json"),
        ),
        ("version", text("2.1.0")),
        ("runs", Json::List(vec![run])),
    ])
    .line()
}

fn result(report: &Report, finding: &Finding) -> Json {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let message = [
        finding.path.as_str(),
        &format!("found {}", finding.found),
        &format!("expected {}", finding.expected),
        &finding.why,
        &finding.fix.text,
    ]
    .into_iter()
    .filter(|text| !text.is_empty())
    .collect::<Vec<_>>()
    .join("\n");
    let mut entries = vec![
        ("ruleId", text(finding.code)),
        ("level", text(level)),
        ("message", map([("text", text(message))])),
    ];
    if let Some(place) = finding.place {
        let physical = map([
            ("artifactLocation", artifact(report, place)),
            ("region", region(place)),
        ]);
        let location = map([("physicalLocation", physical)]);
        entries.push(("locations", Json::List(vec![location])));
        if let Some(edit) = &finding.fix.replacement {
            let replacement = map([
                ("deletedRegion", region(edit.place)),
                ("insertedContent", map([("text", text(edit.text.as_str()))])),
            ]);
            let change = map([
                ("artifactLocation", artifact(report, edit.place)),
                ("replacements", Json::List(vec![replacement])),
            ]);
            let fix = map([
                (
                    "description",
                    map([("text", text(finding.fix.text.as_str()))]),
                ),
                ("artifactChanges", Json::List(vec![change])),
            ]);
            entries.push(("fixes", Json::List(vec![fix])));
        }
    }
    Json::Map(entries)
}

fn artifact(report: &Report, place: Place) -> Json {
    let name = report.source(place).map_or("?", |source| &source.name);
    map([("uri", text(name))])
}

fn region(place: Place) -> Json {
    Json::Map(range(
        ["startLine", "startColumn", "endLine", "endColumn"],
        place,
    ))
}

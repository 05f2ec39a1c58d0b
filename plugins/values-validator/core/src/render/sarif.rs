use serde_json::{Value, json};

use crate::sorted::Names;
use crate::{Place, Report, Severity, codes, titles};

/// Findings as SARIF 2.1.0, which code scanning reads: one run, a rule for each code that was found.
#[must_use]
pub fn sarif(report: &Report) -> String {
    let level = |severity| match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let found: Names = report.findings.iter().map(|f| f.code).collect();
    let rules: Vec<Value> = found
        .iter()
        .map(|code| {
            json!({
                "id": code,
                "shortDescription": {"text": titles::title(code)},
                "helpUri": codes::url(code),
            })
        })
        .collect();
    let results: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
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
            let mut result = json!({
                "ruleId": finding.code,
                "level": level(finding.severity),
                "message": {"text": message},
            });
            if let Some(place) = finding.place {
                let physical = physical(report, place);
                result["locations"] = json!([{"physicalLocation": physical}]);
                if let Some(edit) = &finding.fix.replacement {
                    result["fixes"] = json!([{
                        "description": {"text": finding.fix.text},
                        "artifactChanges": [{
                            "artifactLocation": {"uri": name(report, edit.place)},
                            "replacements": [{
                                "deletedRegion": region(edit.place),
                                "insertedContent": {"text": edit.text},
                            }],
                        }],
                    }]);
                }
            }
            result
        })
        .collect();
    let mut out = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "vllm-values",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": codes::PAGE,
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
    .to_string();
    out.push('\n');
    out
}

fn name(report: &Report, place: Place) -> &str {
    report.source(place).map_or("?", |source| &source.name)
}

fn physical(report: &Report, place: Place) -> Value {
    json!({
        "artifactLocation": {"uri": name(report, place)},
        "region": region(place),
    })
}

fn region(place: Place) -> Value {
    json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    })
}

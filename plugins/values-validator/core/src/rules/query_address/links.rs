//! URLs that are opened as they are, or with the number of a trace or the path of a dashboard put in.

use super::RULE;
use crate::{Findings, Values};

/// `helmTest.traceURL` with the placeholder of another program.
pub(super) fn placeholder(values: &Values, findings: &mut Findings) {
    if let Some(node) = values.get("helmTest.traceURL")
        && let Some(text) = node.as_str()
        && let Some(other) = text!("${traceID}|{{traceID}}|{{ traceID }}|{{ .traceID }}|{{.traceID}}|{traceId}|{traceid}|{trace_id}|<traceID>|:traceID")
.as_str()
.split('|')
.find(|other| text.contains(other))
    {
        let new = text.replace(other, "{traceID}");
        // Two braces of a template are one of them.
        let new = match crate::FULL {
            true => new.replace("{{traceID}}", "{traceID}"),
            false => new,
        };
        findings.push(
            RULE.at("helmTest.traceURL", &node.place)
                .found(format!("{text:?}, with {other}"))
                .expected("{traceID}")
                .why(text!(
                    "Only {traceID} is replaced: the rest stays, and no trace is found."
                ))
                .quotes(node.place, &new),
        );
    }
}

/// `helmTest.traceURL` as the page that people open.
#[cfg(feature = "full")]
pub(super) fn page(values: &Values, findings: &mut Findings) {
    // Jaeger's page of a trace answers 200 for any.
    if let Some(node) = values.get("helmTest.traceURL")
        && let Some((base, rest)) = node.as_str().and_then(|text| text.split_once("/trace/"))
        && !base.contains("/api")
    {
        let new = format!("{base}/api/traces/{rest}");
        let finding = RULE
            .warning("helmTest.traceURL", &node.place)
            .found("the page of a trace")
            .expected("the API of the store")
            .why("A page for people answers 200 for any trace: the test cannot tell which are stored.")
            .quotes(node.place, &new);
        findings.push(finding);
    }
}

/// `rules.dashboardBaseUrl` with one dashboard's path behind it.
pub(super) fn dashboard(values: &Values, findings: &mut Findings) {
    if let Some(node) = values.get("rules.dashboardBaseUrl")
        && let Some((base, _)) = node.as_str().and_then(|text| text.split_once("/d/"))
    {
        findings.push(
            RULE.finds(
                "rules.dashboardBaseUrl",
                &node.place,
                text!("the path of one dashboard"),
                text!("Grafana's own address"),
                text!("The chart adds /d/ and the dashboard: the links lead nowhere."),
            )
            .writes(node.place, base),
        );
    }
}

//! Matchers that PromQL reads, and that no selector of the rules can have, or that no target fits.

use super::{REFUSED, RULE};
use crate::rules::scrape_jobs::external;
use crate::{Findings, Node, Values};

/// A prefix that KServe's series have, with the wrong sign before the name.
pub(super) fn prefixes(values: &Values, findings: &mut Findings) {
    let all: Vec<(String, &Node)> = values.list("metrics.namePrefixes").collect();
    let [(path, node)] = &all[..] else { return };
    if node.as_str() != Some("kserve_vllm_") || node.is_default() {
        return;
    }
    let finding = RULE
        .warning(path, node.place)
        .found_text("kserve_vllm_")
        .expected("kserve_vllm:, as KServe names vLLM's series: the colon stays")
        .why("The rules find no series by this prefix: no alert fires, and the dashboards are empty.")
        .quotes(node.place, "kserve_vllm:");
    findings.push(finding);
}

/// Matchers of the name, which the rules write themselves, and of labels that no series here has.
pub(super) fn check(values: &Values, path: &str, node: &Node, text: &str, findings: &mut Findings) {
    let label: &str = text
        .trim()
        .split(['=', '!'])
        .next()
        .unwrap_or_default()
        .trim();
    if let Some((before, value)) = text.split_once('=')
        && value.starts_with('"')
        && ["|", ".*", ".+", "*"]
            .iter()
            .any(|sign| value.contains(sign))
    {
        let sign = if before.ends_with('!') { "~" } else { "=~" };
        let value = if value.contains(['|', '.']) {
            value.to_owned()
        } else {
            value.replace('*', ".*")
        };
        let meant = format!("{}{sign}{value}", before.trim_end());
        findings.push(
            RULE.at(path, node.place)
                .found(format!("{text}, which compares letter by letter"))
                .expected("=~ before a regular expression")
                .why("No target has literally that text: the rules find no series, and no alert fires.")
                .fix_write(&meant)
                .replace(node.place, format!("'{meant}'")),
        );
        return;
    }
    let several = values.list("metrics.matchers").count() > 1;
    let said = if label == "__name__" {
        (
            "a matcher of another label: job=\"vllm\"",
            REFUSED.as_str(),
            "remove it: the rules write each metric's name before the braces",
        )
    } else if external(values).contains(&label) {
        (
            "a label that the series of this Prometheus have themselves",
            "Prometheus adds external labels to alerts and to remote write alone: no series here has it, and no rule gives anything.",
            "remove it",
        )
    } else if ["model_name", "engine", "finished_reason", "le"].contains(&label) {
        let finding = RULE
            .warning(path, node.place)
            .found(text)
            .expected("a label that every target has: job=\"…\", namespace=\"…\"")
            .why("The rules put it into `up` and http_requests_total, too, which have no such label: all replicas count as missing, and VllmReplicaDown and VllmFleetDown fire.")
            .fix(if several {
                "remove it, or match by the job: job=\"…\""
            } else {
                "match by the job instead: job=\"…\""
            });
        findings.push(finding);
        return;
    } else {
        return;
    };
    let (expected, why, fix) = said;
    let finding = RULE
        .at(path, node.place)
        .found(text)
        .expected(expected)
        .why(why)
        .fix(fix);
    findings.push(if several {
        finding.remove(node)
    } else {
        finding
    });
}

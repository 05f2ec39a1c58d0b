//! Matchers that PromQL reads, and that no selector of the rules can have.

use super::{REFUSED, RULE};
use crate::rules::scrape_jobs::external;
use crate::{Findings, Node, Values};

/// Matchers of the name, which the rules write themselves, and of labels that no series here has.
pub(super) fn check(values: &Values, path: &str, node: &Node, text: &str, findings: &mut Findings) {
    let label: &str = text
        .trim()
        .split(['=', '!'])
        .next()
        .unwrap_or_default()
        .trim();
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

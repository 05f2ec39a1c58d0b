//! A scrape above `metrics.scrape.limits` is dropped as a whole, and its target counts as down. A pod of vLLM
//! exports hundreds of series; `metrics.profile` drops some before they are counted. One of them,
//! `vllm:cache_config_info`, has about forty labels.

#[cfg(feature = "full")]
mod figures;

use super::Rule;
use super::look::text;
use crate::{Findings, Severity, Values};

/// The limit of samples against what a pod exports.
pub const RULE: Rule = Rule {
    code: "scrape-limit",
    severity: Severity::Warning,
    title: text!("A limit of samples below what a pod exports"),
    check,
};

#[cfg(not(feature = "full"))]
/// Fewer than any pod has, with `metrics.profile: full` and with another; chart/values.yaml has the figures.
const LEAST: [i64; 2] = [400, 100];

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    figures::check(values, findings);
    let path = "metrics.scrape.limits.samples";
    let Some(node) = values.get(path) else { return };
    let profile = text(values, "metrics.profile");
    #[cfg(feature = "full")]
    let least = figures::samples(values, profile);
    #[cfg(not(feature = "full"))]
    let least = LEAST[usize::from(profile != "full")];
    if node.as_i64().is_some_and(|most| most > 0 && most < least) {
        findings.push(
            RULE.says(
                path.to_owned(),
                node.place,
                node.described(),
                text!("more samples than a pod has, or 0 for no limit").as_str(),
                text!("Prometheus drops each scrape of a pod with more: it counts as down."),
            )
            .fix(if crate::FULL {
                "write 2000, or 0 for no limit"
            } else {
                "write 20000, or 0"
            }),
        );
    }
}

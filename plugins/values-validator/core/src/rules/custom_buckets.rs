//! `--custom-histogram-buckets` (vLLM 0.32 and newer) replaces the bounds of histograms. What counts at
//! a bound of the originals finds no series any more: VllmSlowRequestsPresent, and the objectives of
//! `slos`.

use super::Rule;
use super::look::models;
use crate::{Findings, Severity, Values};

/// `--custom-histogram-buckets` in `models[].deploy.args`.
pub const RULE: Rule = Rule {
    code: "custom-buckets",
    severity: Severity::Warning,
    title: text!("A model has other buckets than the rules read"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let Some(arg) = model.arg("--custom-histogram-buckets") else {
            continue;
        };
        findings.push(
            RULE.finds(
                arg.path,
                &arg.node.place,
                text!("buckets of its own"),
                text!("vLLM's own buckets"),
                text!("Alerts and objectives that count at a bound find no series with it."),
            )
            .fix(text!(
                "keep the bounds of thresholds and slos among them, or take it out"
            )),
        );
    }
}

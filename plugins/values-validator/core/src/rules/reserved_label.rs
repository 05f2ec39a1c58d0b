//! The chart labels its objects itself, and selects its pods by some of these labels. A label of the
//! same name in `commonLabels` would be set twice, and pods would miss what selects them.

#[cfg(feature = "full")]
mod pods;

use super::Rule;
use crate::{Findings, Severity, Values};

/// `commonLabels` against the chart's own.
pub const RULE: Rule = Rule {
    code: "reserved-label",
    severity: Severity::Error,
    title: text!("A common label is one of the chart's own"),
    check,
};

/// What the template `labels` writes, and what marks a model's pods.
const OWN: [&str; 7] = [
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/component",
    "app.kubernetes.io/version",
    "app.kubernetes.io/managed-by",
    "helm.sh/chart",
    "vllm-monitoring/model",
];

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    pods::check(values, findings);
    for (path, key, node) in values.map("commonLabels") {
        if !OWN.contains(&key) {
            continue;
        }
        findings.push(
            RULE.finds(
                path,
                node.key_place(),
                key,
                text!("a label that the chart does not set"),
                text!("It would be set twice, and the chart selects its pods by such labels."),
            )
            .fix(text!(
                "leave it out; nameOverride changes app.kubernetes.io/name"
            )),
        );
    }
}

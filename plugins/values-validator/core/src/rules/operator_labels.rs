//! A Prometheus Operator reads the PodMonitors and rules that its Prometheus selects by labels.
//! kube-prometheus-stack selects `release: <its release>`. Without it nothing of this release is read, and
//! there is no error: this is the most common reason for "No data".

#[cfg(feature = "full")]
mod objects;
#[cfg(feature = "full")]
mod prometheus;

use super::Rule;
use super::look::{on, text};
use crate::node::blamed;
use crate::{Findings, Severity, Values};

/// `metrics.operator.labels` with `metrics.mode: operator`.
pub const RULE: Rule = Rule {
    code: "operator-labels",
    severity: Severity::Warning,
    title: text!("The labels that Prometheus selects by are not set"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    objects::unselected(values, findings);
    #[cfg(feature = "full")]
    prometheus::swapped(values, findings);
    let [Some(mode), Some(labels)] =
        ["metrics.mode", "metrics.operator.labels"].map(|path| values.get(path))
    else {
        return;
    };
    // Beside the pods each Prometheus of a namespace reads all: OpenShift's selects by no label.
    let namespaced = on(values, "metrics.operator.namespaced");
    if text(values, "metrics.mode") != "operator" || labels.entries().next().is_some() || namespaced
    {
        return;
    }
    let at = blamed(&[labels, mode]).unwrap_or(mode);
    let path = if std::ptr::eq(at, mode) {
        "metrics.mode"
    } else {
        "metrics.operator.labels"
    };
    findings.push(
        RULE.finds(
            path,
            &at.place,
            text!("operator, without metrics.operator.labels"),
            text!("the labels your Prometheus selects PodMonitors and rules by"),
            text!("A Prometheus that selects by labels reads nothing of this: \"No data\"."),
        )
        .fix(text!(
            "add them, for kube-prometheus-stack: metrics: {operator: {labels: {release: kps}}}"
        )),
    );
}

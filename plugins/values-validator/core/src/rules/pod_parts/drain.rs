//! A pod that drains for longer than it may live.

use super::RULE;
use crate::rules::look::Model;
use crate::{Findings, Node};

/// Kubernetes kills the pod before it has drained.
pub(super) fn drain(model: &Model<'_>, deploy: &Node, findings: &mut Findings) {
    let number = |key: &str| Some((deploy.child(key)?, deploy.child(key)?.as_i64()?));
    if let (Some((node, drain)), Some((other, end))) =
        (number("drainSeconds"), number("terminationSeconds"))
        && drain >= end
    {
        let finding = RULE
            .finds(
                model.deploy_path("drainSeconds"),
                &node.place,
                format!("drainSeconds: {drain}, terminationSeconds: {end}"),
                text!("drainSeconds below terminationSeconds"),
                text!("The pod is killed while it still waits: requests in flight are cut off."),
            )
            .fix(format!(
                "write less than {end}, or raise terminationSeconds"
            ))
            .related(other.place, "the end")
            .as_warning();
        findings.push(finding);
    }
}

//! Keys of an autoscaler that KEDA reads only before the last replica goes, and a clock that asks for more
//! replicas than there may be.

use super::RULE;
use crate::node::join;
use crate::rules::concurrency;
use crate::{Findings, Node};
use vllm_catalog::number::Shown;

/// `cooldownPeriod` of a model that always has a replica. Beside triggers of one's own another file may set
/// `minReplicas: 0`.
pub(super) fn waits(path: &str, autoscaling: &Node, least: i64, findings: &mut Findings) {
    let triggers = autoscaling.child("triggers").map_or(&[][..], Node::items);
    let Some(node) = autoscaling
        .child("cooldownPeriod")
        .filter(|_| least > 0 && triggers.is_empty())
    else {
        return;
    };
    let seconds = node.as_seconds().map_or(600.0, f64::ceil);
    findings.push(
        RULE.at(join(path, "cooldownPeriod"), &node.key_place())
            .found(format!("cooldownPeriod, with at least {least} replica{}", if least == 1 { "" } else { "s" }))
            .expected("cooldownPeriod with minReplicas: 0 alone")
            .why("KEDA waits so before it removes the last replica, which it never does: scaling down is not slower.")
            .fix(format!(
                "write behavior: {{scaleDown: {{stabilizationWindowSeconds: {}}}}} instead, to scale down later, or set minReplicas: 0 with a trigger that something else feeds",
                Shown(seconds)
            )),
    );
}

/// A clock that asks for more than the most.
pub(super) fn clocks(path: &str, autoscaling: &Node, limit: i64, findings: &mut Findings) {
    let triggers = autoscaling.child("triggers").map_or(&[][..], Node::items);
    for (at, trigger) in triggers.iter().enumerate() {
        if trigger.child("type").and_then(Node::as_str) != Some("cron") {
            continue;
        }
        let Some(node) = trigger.get("metadata.desiredReplicas") else {
            continue;
        };
        let Some(wanted) = node
            .as_str()
            .and_then(|text| text.trim().parse::<i64>().ok())
        else {
            continue;
        };
        if wanted > limit {
            findings.push(
                RULE.at(
                    format!("{path}.triggers[{at}].metadata.desiredReplicas"),
                    &node.place,
                )
                .found(format!(
                    "{wanted} replicas by the clock, of at most {limit}"
                ))
                .expected("at most maxReplicas")
                .why(format!(
                    "KEDA never makes more than maxReplicas: there are {limit} at that time."
                ))
                .fix(format!(
                    "raise maxReplicas to {wanted}, or write at most {limit}"
                )),
            );
        }
    }
}

/// Directions in which a behaviour turns scaling off: downwards that is meant, upwards nothing is scaled.
pub(super) fn upwards(path: &str, autoscaling: &Node, findings: &mut Findings) {
    if let Some(node) = autoscaling.get("behavior.scaleUp.selectPolicy")
        && node.as_str() == Some("Disabled")
    {
        findings.push(
            RULE.at(format!("{path}.behavior.scaleUp.selectPolicy"), &node.place)
                .found("scaleUp with selectPolicy: Disabled")
                .expected("Max or Min for scaleUp; Disabled for scaleDown alone")
                .why("Scaling up is off: no replica is ever added, however long the queue is.")
                .fix("write Max, or write it below scaleDown where replicas are not to be removed")
                .replace(node.place, "Max"),
        );
    }
}

/// A target of running requests that no replica reaches.
pub(super) fn running(
    path: &str,
    model: &crate::rules::look::Model<'_>,
    autoscaling: &Node,
    findings: &mut Findings,
) {
    let Some(node) = autoscaling.get("targets.running") else {
        return;
    };
    let (Some(target), Some((most, arg))) = (node.as_f64(), concurrency::running(model)) else {
        return;
    };
    #[expect(clippy::cast_precision_loss, reason = "requests of a server")]
    let most = most as f64;
    if target > most {
        findings.push(
            RULE.at(format!("{path}.targets.running"), &node.place)
                .found(format!("{} running requests a replica, of at most {}", Shown(target), Shown(most)))
                .expected("a target below --max-num-seqs of all engines of a pod")
                .why("A replica never runs more than --max-num-seqs requests at once: no replica is ever added.")
                .fix(format!("write less than {}, such as {}", Shown(most), Shown((most * 0.8).floor().max(1.0))))
                .related(arg.node.place, "the most requests"),
        );
    }
}

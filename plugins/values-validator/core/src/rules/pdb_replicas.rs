//! A PodDisruptionBudget that lets no pod go blocks every drain of a node: `minAvailable` as large as
//! the number of replicas, or `maxUnavailable: 0`. One that asks for more than there are is never
//! met. Under an autoscaler the number is the least that it may choose.

use super::Rule;
use super::look::models;
use crate::node::join;
use crate::{Findings, Node, Severity, Value, Values};
use vllm_catalog::number::Shown;

/// `models[].deploy.podDisruptionBudget` against `replicas`, or against `autoscaling.minReplicas`.
pub const RULE: Rule = Rule {
    code: "pdb-replicas",
    severity: Severity::Warning,
    title: text!("A disruption budget allows no eviction"),
    check,
};

/// A number of pods, or a percentage of `of`, rounded up as Kubernetes does.
fn pods(node: &Node, of: f64) -> Option<f64> {
    match &node.value {
        Value::Text(text) => {
            Some((crate::units::float(text.strip_suffix('%')?)? * of / 100.0).ceil())
        }
        _ => node.as_f64(),
    }
}

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let Some(budget) = model.deploy.and_then(|d| d.child("podDisruptionBudget")) else {
            continue;
        };
        if budget.child("enabled").and_then(Node::as_bool) == Some(false) {
            continue;
        }
        let count = match model.autoscaling() {
            Some(autoscaling) => autoscaling.child("minReplicas"),
            None => model.node.child("replicas"),
        };
        let replicas = count.map_or(Some(1.0), Node::as_f64);
        let Some(replicas) = replicas.filter(|n| *n > 0.0) else {
            continue; // `auto`: somebody else's autoscaler knows
        };
        let most = budget
            .child("maxUnavailable")
            .and_then(|n| Some((n, pods(n, replicas)?)));
        let least = budget
            .child("minAvailable")
            .and_then(|n| Some((n, pods(n, replicas)?)));
        let top = model
            .autoscaling()
            .and_then(|a| a.child("maxReplicas")?.as_f64())
            .unwrap_or(replicas);
        if let Some((node, count)) = most
            && count > top.max(1.0)
        {
            findings.push(
                RULE.finds(
                    join(&model.deploy_path("podDisruptionBudget"), "maxUnavailable"),
                    &node.place,
                    format!("{} pods, of {} replicas", Shown(count), Shown(top)),
                    text!("fewer than there are"),
                    text!("All may be evicted at once: the budget protects nothing."),
                )
                .fix(text!(
                    "write 1 for one pod at a time, or a percentage in quotes such as \"25%\""
                )),
            );
        }
        let (key, node, count) = match (most, least) {
            (Some((node, count)), _) if count < 1.0 => ("maxUnavailable", node, count),
            (_, Some((node, count))) if count >= replicas => ("minAvailable", node, count),
            _ => continue,
        };
        let (count, replicas) = (Shown(count), Shown(replicas));
        findings.push(
            RULE.finds(
                join(&model.deploy_path("podDisruptionBudget"), key),
                &node.place,
                format!(
                    "{key} of {count} pods, of {}{replicas} replicas",
                    if model.autoscaling().is_some() {
                        "at least "
                    } else {
                        ""
                    }
                ),
                text!("a budget that lets one pod go"),
                text!("No node with such a pod can ever be drained."),
            )
            .fix(text!("set maxUnavailable to 1, and leave minAvailable out")),
        );
    }
}

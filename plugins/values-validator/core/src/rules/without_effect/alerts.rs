//! Settings of an alert that can never fire, because no model has the replicas for it.

use super::{RULE, default, leaves, same};
use crate::rules::concurrency::replicas;
use crate::rules::look::models;
use crate::{Findings, Node, Values};

/// The first setting of an alert that somebody gave, and that says something other than the chart.
fn given<'a>(values: &'a Values, alert: &str) -> Option<(String, &'a Node)> {
    let path = format!("rules.alerts.{alert}");
    let node = values.get(&path)?;
    if node.child("enabled").and_then(Node::as_bool) == Some(false) {
        return None;
    }
    let mut first = None;
    leaves(node, "", &mut |key, node| {
        let path = format!("{path}.{key}");
        let own = default(&path).is_some_and(|default| same(default, node));
        if !own && first.is_none() {
            first = Some((path, node));
        }
    });
    first
}

/// `VllmReplicaOutlier`: a replica against the median of three or more.
pub(super) fn check(values: &Values, findings: &mut Findings) {
    let models = models(values);
    let few = |model: &crate::rules::look::Model<'_>| {
        model.node.child("replicas").is_some() && replicas(model).is_some_and(|most| most < 3)
    };
    if models.is_empty()
        || !models.iter().all(few)
        || values.list("rules.export.engines").next().is_some()
    {
        return;
    }
    let Some((path, node)) = given(values, "VllmReplicaOutlier") else {
        return;
    };
    let most = models.iter().filter_map(replicas).max().unwrap_or_default();
    let finding = RULE
        .at(path, node.place)
        .found(format!("VllmReplicaOutlier, of models with {most} replicas at most"))
        .expected("a model with three replicas or more, or the alert as it is")
        .why("The alert compares a replica with the median of three or more: with fewer it never fires.")
        .fix("remove the settings of VllmReplicaOutlier, or run three replicas of a model");
    let replicas = models
        .first()
        .and_then(|model| model.node.child("replicas"));
    findings.push(match replicas {
        Some(replicas) => finding.related(replicas.place, "the replicas"),
        None => finding,
    });
}

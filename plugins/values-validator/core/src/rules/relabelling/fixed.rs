//! Targets that are written down have the labels that are written beside them, and none of a discovery.

use super::say::empty;
use crate::rules::Rule;
use crate::shape::scalar;
use crate::{Finding, Node};

/// A label of a discovery, in a job that has none.
pub(super) fn read(
    rule: &Rule,
    path: &str,
    node: &Node,
    text: &str,
    job: &Node,
) -> Option<Finding> {
    let configs = job.child("static_configs")?;
    if job.entries().any(|(key, _)| key.ends_with("_sd_configs")) {
        return None;
    }
    let labels = configs.items().iter().filter_map(|one| one.child("labels"));
    let labels: Vec<&str> = labels
        .flat_map(Node::entries)
        .map(|(name, _)| name)
        .collect();
    let finding = empty(rule, path, node).expected(
        "a label of static_configs: only a discovery gives labels that begin with __meta_",
    );
    // `__meta_kubernetes_service_label_component` for `component`.
    let own = labels
        .iter()
        .find(|label| text.ends_with(&format!("_{label}")));
    Some(match (own, labels.first()) {
        (Some(own), _) => finding
            .fix(format!("write {own}, or remove the step: its targets are written down"))
            .replace(node.place, scalar(own)),
        (None, Some(first)) => finding.fix(format!(
            "compare a label of static_configs, such as {first}, or remove the step: its targets are written down"
        )),
        (None, None) => finding.fix("remove the step: the job's targets are written down, and have no such labels"),
    })
}

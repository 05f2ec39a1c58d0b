//! Attributes of the cluster, which the collector adds where `k8sAttributes` says so.

use super::RULE;
use crate::rules::look::models;
use crate::{Finding, Node, Values};

/// What the collector adds; the variables of deployed models have them too.
const ADDED: &str = "k8s.namespace.name k8s.pod.name k8s.node.name k8s.deployment.name";

/// A dimension that spans do not have; what senders outside this chart say themselves cannot be known.
pub(super) fn check(values: &Values, path: &str, node: &Node, name: &str) -> Option<Finding> {
    let switch = values.get("tracing.k8sAttributes.enabled")?;
    let models = models(values);
    let elsewhere = models.iter().any(|model| model.deploy.is_none());
    let off = switch.as_bool() == Some(false)
        && name.starts_with("k8s.")
        && (!switch.is_default() || elsewhere && ADDED.split(' ').any(|known| known == name));
    let found = if switch.is_default() {
        format!("{name}, without k8sAttributes")
    } else {
        format!("{name}, with k8sAttributes.enabled: false")
    };
    off.then(|| {
        RULE.warning(path, &node.place)
            .found(found)
            .expected("an attribute that spans have")
            .why("Unless the sender adds it, the label is empty.")
            .fix("set tracing.k8sAttributes.enabled: true")
            .replace(switch.place, "true")
    })
}

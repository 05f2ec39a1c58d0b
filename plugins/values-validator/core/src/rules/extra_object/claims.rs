//! Claims among the extra objects against the models that mount them.

use super::chart::deployed;
use super::refusal::plain;
use crate::rules::storage_fit;
use crate::{Findings, Node, Values, units};

pub(super) fn check(values: &Values, path: &str, object: &Node, findings: &mut Findings) {
    let (Some("PersistentVolumeClaim"), Some(name)) =
        (plain(object, "kind"), plain(object, "metadata.name"))
    else {
        return;
    };
    let models = deployed(values);
    let mounts = models.iter().filter(|model| {
        model
            .node
            .get("deploy.storage.existingClaim")
            .and_then(Node::as_str)
            == Some(name)
    });
    let mounts: Vec<_> = mounts.collect();
    let Some(first) = mounts.first() else { return };
    let pods: i64 = (mounts.iter())
        .map(|model| {
            let most = model
                .autoscaling()
                .and_then(|scaler| scaler.child("maxReplicas")?.as_i64());
            most.or_else(|| model.node.child("replicas")?.as_i64())
                .unwrap_or(1)
        })
        .sum();
    let modes = object.get("spec.accessModes").map_or(&[][..], Node::items);
    if let [mode] = modes
        && let Some(word @ ("ReadWriteOnce" | "ReadWriteOncePod")) = mode.as_str()
        && pods > 1
    {
        let finding = storage_fit::once(format!("{path}.spec.accessModes[0]"), mode, word, pods);
        findings.push(finding.related(first.node.place, "the entry that mounts it"));
    }
    let (Some(size), Some(text)) = (
        object.get("spec.resources.requests.storage"),
        plain(object, "spec.resources.requests.storage"),
    ) else {
        return;
    };
    for model in mounts {
        let weights = model
            .node
            .get("deploy.model")
            .and_then(Node::as_str)
            .unwrap_or(model.name);
        if let (Some(bytes), Some(least)) = (units::quantity(text), storage_fit::weights(weights))
            && bytes < least
        {
            findings.push(storage_fit::small(
                format!("{path}.spec.resources.requests.storage"),
                size,
                text,
                weights,
                least,
            ));
            return;
        }
    }
}

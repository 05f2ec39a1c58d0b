//! Alertmanagers that do not know of each other: without gossip each notifies of every alert.

use super::RULE;
use crate::rules::look::foreign_prometheus;
use crate::{Findings, Values};

/// `--cluster.listen-address=` with several of them.
pub(super) fn off(values: &Values, findings: &mut Findings) {
    let Some(replicas) = values.get("alertmanager.replicas") else {
        return;
    };
    let Some(count) = replicas.as_i64().filter(|count| *count > 1) else {
        return;
    };
    if foreign_prometheus(values) {
        return;
    }
    for (path, node) in values.list("alertmanager.extraArgs") {
        let value = node
            .as_str()
            .and_then(|text| text.strip_prefix("--cluster.listen-address="));
        if !value.is_some_and(|value| matches!(value.trim_matches(['"', '\'']), "")) {
            continue;
        }
        findings.push(
            RULE.at(path, node.place)
                .found(format!("gossip off, with {count} Alertmanagers"))
                .expected("Alertmanagers that tell each other, or replicas: 1")
                .why("Each of them notifies of every alert, and a silence in one is not one in the others.")
                .fix("remove it, or set alertmanager.replicas: 1")
                .remove(node)
                .related(replicas.place, "how many there are"),
        );
    }
}

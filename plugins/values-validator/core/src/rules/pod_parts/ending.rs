//! Containers that run to their end before the pod's own start: nothing probes them.

use super::{REFUSED, RULE};
use crate::node::join;
use crate::{Findings, Node};

/// What only containers that go on running may have.
const RUNNING: [&str; 4] = [
    "readinessProbe",
    "livenessProbe",
    "startupProbe",
    "lifecycle",
];

pub(super) fn probes(path: &str, node: &Node, findings: &mut Findings) {
    for (at, container) in node.items().iter().enumerate() {
        // A policy of its own is looked at by itself.
        if container.child("restartPolicy").is_some() {
            continue;
        }
        for key in RUNNING {
            let Some(probe) = container.child(key) else {
                continue;
            };
            findings.push(
                RULE.at(join(&format!("{path}[{at}]"), key), &probe.key_place())
                    .found(format!("{key} of a container that runs to its end"))
                    .expected("no probe: the pod waits for the end of each init container")
                    .why(REFUSED)
                    .fix(format!(
                        "remove {key}; for a sidecar that goes on running add restartPolicy: Always"
                    ))
                    .remove(probe),
            );
        }
    }
}

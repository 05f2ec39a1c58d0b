//! What the API server asks of the fields of common kinds.

use super::refusal::plain;
use super::{access, network, pod, schedule, workload};
use crate::node::join;
use crate::{Findings, Node};

/// One object, by its kind.
pub(super) fn fields(path: &str, object: &Node, findings: &mut Findings) {
    let Some(kind) = plain(object, "kind") else {
        return;
    };
    access::check(path, object, kind, findings);
    let Some(spec) = object.child("spec") else {
        return;
    };
    let path = join(path, "spec");
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => {
            workload::selected(&path, spec, findings);
            pod::check(&path, spec, false, findings);
        }
        "Job" => pod::check(&path, spec, true, findings),
        "CronJob" => {
            schedule::check(&path, spec, findings);
            if let Some(job) = spec.get("jobTemplate.spec") {
                pod::check(&format!("{path}.jobTemplate.spec"), job, true, findings);
            }
        }
        "PersistentVolumeClaim" => workload::claim(&path, spec, findings),
        "PodDisruptionBudget" => workload::budget(&path, spec, findings),
        "HorizontalPodAutoscaler" => workload::scaled(&path, spec, findings),
        "Service" => network::service(&path, spec, findings),
        "Ingress" => network::ingress(&path, spec, findings),
        "NetworkPolicy" => network::policy(&path, spec, findings),
        _ => {}
    }
}

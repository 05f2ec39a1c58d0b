//! A kind that is not of `apps/v1`, which is the version of a target that names none.

use super::RULE;
use crate::rules::look::Model;
use crate::{Findings, Node};

const KINDS: [(&str, &str); 5] = [
    ("LeaderWorkerSet", "leaderworkerset.x-k8s.io/v1"),
    ("Rollout", "argoproj.io/v1alpha1"),
    ("InferenceService", "serving.kserve.io/v1beta1"),
    ("RayService", "ray.io/v1"),
    ("RayCluster", "ray.io/v1"),
];

pub(super) fn check(model: &Model<'_>, autoscaling: &Node, findings: &mut Findings) {
    let Some(target) = autoscaling.child("scaleTargetRef") else {
        return;
    };
    let Some(kind) = target.child("kind") else {
        return;
    };
    let word = kind.as_str().unwrap_or("");
    let apps = matches!(word, "Deployment" | "StatefulSet" | "ReplicaSet" | "");
    let known = KINDS
        .iter()
        .find(|(name, _)| *name == word)
        .map_or("<group>/<version>", |(_, version)| version);
    if apps || target.child("apiVersion").is_some() {
        return;
    }
    findings.push(
        RULE.at(format!("{}.autoscaling.scaleTargetRef.kind", model.path), &kind.place)
            .found(format!("{word} without apiVersion"))
            .expected(format!("apiVersion: {known}"))
            .why("Without apiVersion it is of apps/v1, which has no such kind: KEDA finds nothing to scale.")
            .fix(format!("add apiVersion: {known} to scaleTargetRef")),
    );
}

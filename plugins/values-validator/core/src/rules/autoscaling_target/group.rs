//! The group and version of what an autoscaler scales: each kind is in one, and KEDA takes `apps/v1` where none is
//! named.

use super::RULE;
use crate::node::join;
use crate::rules::look::Model;
use crate::{Findings, Node, Values};

const APPS: &str = "apps/v1";
const KINDS: [(&str, &str); 8] = [
    ("Deployment", APPS),
    ("StatefulSet", APPS),
    ("ReplicaSet", APPS),
    ("LeaderWorkerSet", "leaderworkerset.x-k8s.io/v1"),
    ("Rollout", "argoproj.io/v1alpha1"),
    ("InferenceService", "serving.kserve.io/v1beta1"),
    ("RayService", "ray.io/v1"),
    ("RayCluster", "ray.io/v1"),
];

/// The target of a model's autoscaler.
pub(super) fn check(model: &Model<'_>, autoscaling: &Node, findings: &mut Findings) {
    if let Some(target) = autoscaling.child("scaleTargetRef") {
        let path = format!("{}.autoscaling.scaleTargetRef", model.path);
        unnamed(&path, target, findings);
        of_another(&path, target, findings);
    }
}

/// The target of a model that this chart deploys: another kind is a finding of its own.
pub(super) fn deployed(model: &Model<'_>, autoscaling: &Node, findings: &mut Findings) {
    let target = autoscaling.child("scaleTargetRef");
    let deployment = |target: &&Node| {
        let kind = target.child("kind").and_then(Node::as_str);
        matches!(kind, None | Some("Deployment"))
    };
    if let Some(target) = target.filter(deployment) {
        let path = format!("{}.autoscaling.scaleTargetRef", model.path);
        of_another(&path, target, findings);
    }
}

/// The targets of autoscalers among the extra objects.
pub(super) fn objects(values: &Values, findings: &mut Findings) {
    for (path, object) in values.list("extraObjects") {
        let kind = object.child("kind").and_then(Node::as_str);
        if let Some("HorizontalPodAutoscaler" | "ScaledObject") = kind
            && let Some(target) = object.get("spec.scaleTargetRef")
        {
            let path = format!("{path}.spec.scaleTargetRef");
            unnamed(&path, target, findings);
            of_another(&path, target, findings);
        }
    }
}

fn version(kind: &str) -> Option<&'static str> {
    KINDS
        .iter()
        .find(|(name, _)| *name == kind)
        .map(|(_, version)| *version)
}

/// A kind that is not of `apps/v1`, without its version.
fn unnamed(path: &str, target: &Node, findings: &mut Findings) {
    let Some(kind) = target.child("kind") else {
        return;
    };
    let word = kind.as_str().unwrap_or("");
    let known = version(word).unwrap_or("<group>/<version>");
    if known == APPS || word.is_empty() || target.child("apiVersion").is_some() {
        return;
    }
    findings.push(
        RULE.at(join(path, "kind"), &kind.place)
            .found(format!("{word} without apiVersion"))
            .expected(format!("apiVersion: {known}"))
            .why("Without apiVersion it is of apps/v1, which has no such kind: KEDA finds nothing to scale.")
            .fix(format!("add apiVersion: {known} to scaleTargetRef")),
    );
}

/// A kind with the version of another group.
fn of_another(path: &str, target: &Node, findings: &mut Findings) {
    let text = |key: &str| target.child(key).and_then(Node::as_str);
    let (Some(node), Some(given)) = (target.child("apiVersion"), text("apiVersion")) else {
        return;
    };
    // Without a kind it is a Deployment.
    let kind = text("kind").unwrap_or("Deployment");
    let Some(known) = version(kind) else { return };
    let group = |version: &str| {
        version
            .split_once('/')
            .map_or("", |(group, _)| group)
            .to_owned()
    };
    // What the API server has no more.
    let old = given.starts_with("apps/v1beta");
    if given.is_empty() || given.contains("{{") || group(given) == group(known) && !old {
        return;
    }
    findings.push(
        RULE.warning(join(path, "apiVersion"), &node.place)
            .found(format!("{kind} of {given}"))
            .expected(format!("apiVersion: {known}"))
            .why("That version has no such kind: the autoscaler finds nothing to scale.")
            .writes(node.place, known),
    );
}

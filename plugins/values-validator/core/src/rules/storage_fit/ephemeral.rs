//! Weights that are downloaded to the disk of the node, against the limit of it.

use super::{GIB, RULE, weights};
use crate::rules::look::Model;
use crate::{Findings, Node};
use vllm_catalog::number::Shown;

pub(super) fn check(model: &Model<'_>, findings: &mut Findings) {
    let Some(deploy) = model.deploy else { return };
    let given = |key: &str| {
        deploy
            .get(key)
            .and_then(Node::as_str)
            .is_some_and(|text| !text.is_empty())
    };
    let kept = ["existingClaim", "size", "image", "hostPath"]
        .iter()
        .any(|key| given(&format!("storage.{key}")));
    let mounted = deploy
        .child("volumeMounts")
        .is_some_and(|list| !list.items().is_empty());
    let name = deploy
        .child("model")
        .and_then(Node::as_str)
        .unwrap_or(model.name);
    if kept || mounted || name.starts_with('/') {
        return;
    }
    let Some(limit) = deploy
        .get("resources.limits")
        .and_then(|limits| limits.child("ephemeral-storage"))
    else {
        return;
    };
    let (Some(most), Some(least)) = (limit.as_quantity(), weights(name)) else {
        return;
    };
    if most < 1_048_576.0 || most >= least {
        return;
    }
    let need = Shown((least * 4.0 / GIB).ceil());
    findings.push(
        RULE.at(format!("{}.limits[\"ephemeral-storage\"]", model.deploy_path("resources")), &limit.place)
            .found(format!("{} for the weights of {name}, which are downloaded to the node's disk", limit.as_str().map_or_else(|| limit.described(), str::to_owned)))
            .expected("a limit above the weights, or a volume for them")
            .why("The pod is evicted while it downloads, again and again.")
            .fix(format!("add storage: {{size: {need}Gi}}, or raise the limit above the weights, such as to {need}Gi")),
    );
}

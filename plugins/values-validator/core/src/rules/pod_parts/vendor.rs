//! Nodes of one vendor's GPUs for pods that ask for another's.

use super::RULE;
use crate::node::join;
use crate::rules::look::Model;
use crate::{Findings, Node};

/// Groups of devices, and labels of their nodes; and one device of each.
const GROUPS: [(&str, &str); 4] = [
    ("nvidia.com", "nvidia.com/gpu"),
    ("amd.com", "amd.com/gpu"),
    ("habana.ai", "habana.ai/gaudi"),
    ("gpu.intel.com", "gpu.intel.com/xe"),
];

pub(super) fn check(model: &Model<'_>, findings: &mut Findings) {
    let Some((deploy, selector)) = model
        .deploy
        .and_then(|deploy| Some((deploy, deploy.child("nodeSelector")?)))
    else {
        return;
    };
    let given = deploy.child("gpuResource");
    let device = given.and_then(Node::as_str).unwrap_or("nvidia.com/gpu");
    let group = |key: &str| key.split('/').next().unwrap_or(key).to_owned();
    let own = group(device);
    let known = |name: &str| GROUPS.iter().find(|(group, _)| *group == name);
    if known(&own).is_none() || selector.entries().any(|(key, _)| group(key) == own) {
        return;
    }
    let other = selector
        .entries()
        .find_map(|(key, node)| Some((key, node, known(&group(key))?.1)));
    let Some((key, node, meant)) = other else {
        return;
    };
    let finding = RULE
        .warning(join(&model.deploy_path("nodeSelector"), key), &node.key_place())
        .found(format!("nodes by {key}, and pods that ask for {device}"))
        .expected(format!("nodes with {device}"))
        .why("No node has the label and such devices: the pods are never scheduled.")
        .fix(match given {
            Some(_) => format!("write gpuResource: {meant}, with an image that is built for it, or select nodes by a label of {own}"),
            None => format!("add gpuResource: {meant}, with an image that is built for it, or select nodes by a label of {own}"),
        });
    findings.push(finding);
}

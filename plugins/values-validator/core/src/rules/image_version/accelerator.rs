//! An image of vLLM is built for the devices of one vendor.

use super::RULE;
use crate::node::join;
use crate::rules::look::Model;
use crate::{Findings, Node};

/// A part of a repository, the group of the devices that it is built for, and one of these.
const BUILT: [(&str, &str, &str); 8] = [
    ("rocm", "amd.com", "amd.com/gpu"),
    ("vllm-tpu", "google.com", "google.com/tpu"),
    ("gaudi", "habana.ai", "habana.ai/gaudi"),
    ("habana", "habana.ai", "habana.ai/gaudi"),
    ("neuron", "aws.amazon.com", "aws.amazon.com/neuron"),
    ("ascend", "huawei.com", "huawei.com/Ascend910"),
    ("intel/", "gpu.intel.com", "gpu.intel.com/xe"),
    ("vllm/vllm-openai", "nvidia.com", "nvidia.com/gpu"),
];
/// Where the images for a group of devices are.
const IMAGES: [(&str, &str); 7] = [
    ("nvidia.com", "vllm/vllm-openai"),
    ("amd.com", "vllm/vllm-openai-rocm"),
    ("google.com", "vllm/vllm-tpu"),
    ("habana.ai", "an image of vLLM for Gaudi"),
    ("aws.amazon.com", "an image of vLLM for Neuron"),
    ("huawei.com", "quay.io/ascend/vllm-ascend"),
    ("gpu.intel.com", "intel/vllm"),
];
const STOCK: &str = "vllm/vllm-openai";

pub(super) fn check(model: &Model<'_>, findings: &mut Findings) {
    let Some(deploy) = model.deploy else { return };
    let image = deploy
        .get("image.repository")
        .filter(|node| node.as_str() != Some(""));
    let repository = image.and_then(Node::as_str).unwrap_or(STOCK);
    let device = deploy.child("gpuResource");
    let asked = device.and_then(Node::as_str).unwrap_or("nvidia.com/gpu");
    let of = |(part, ..): &&(&str, &str, &str)| {
        repository.contains(part) && (*part != STOCK || repository.ends_with(part))
    };
    let Some((_, group, such)) = BUILT.iter().find(of) else {
        return;
    };
    let own = asked.split('/').next().unwrap_or(asked);
    let Some((_, right)) = IMAGES.iter().find(|(other, _)| *other == own) else {
        return;
    };
    // The default image is meant to be replaced where there is no other of vLLM's own.
    if own == *group || image.is_none() && !right.starts_with(STOCK) {
        return;
    }
    let Some((path, node)) = image
        .map(|node| (join(&model.deploy_path("image"), "repository"), node))
        .or_else(|| Some((model.deploy_path("gpuResource"), device?)))
    else {
        return;
    };
    let finding = RULE
        .at(path, &node.place)
        .found(format!(
            "{repository}, built for {such}, and pods that ask for {asked}"
        ))
        .expected("an image that is built for the devices of the pods")
        .why("vLLM finds no device that it knows and ends at its start, again and again.");
    let exists = right.contains('/');
    // A mirror has the other image beside this one.
    let mirror = repository
        .strip_suffix(STOCK)
        .filter(|_| right.starts_with("vllm/"));
    let right = format!("{}{right}", mirror.unwrap_or(""));
    findings.push(match (image, device) {
        // Without its own name the device is the one that is not meant.
        (Some(_), None) => finding.fix(format!(
            "add gpuResource: {such} to deploy, or write {right}"
        )),
        (Some(node), Some(_)) if exists => finding.writes(node.place, &right),
        (Some(_), Some(_)) => finding.fix(format!("name {right}")),
        (None, _) => finding.fix(format!("add image: {{repository: {right}}} to deploy")),
    });
}

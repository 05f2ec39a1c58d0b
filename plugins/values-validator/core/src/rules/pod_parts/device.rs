//! The name of the resource that GPUs are.

use super::{REFUSED, RULE};
use crate::{Findings, Node};

pub(super) fn device(path: &str, node: &Node, findings: &mut Findings) {
    const DEVICES: [&str; 9] = [
        "nvidia.com/gpu",
        "amd.com/gpu",
        "gpu.intel.com/i915",
        "gpu.intel.com/xe",
        "habana.ai/gaudi",
        "google.com/tpu",
        "aws.amazon.com/neuron",
        "aws.amazon.com/neuroncore",
        "huawei.com/Ascend910",
    ];
    let near = node
        .as_str()
        .filter(|t| t.contains('/') && !DEVICES.contains(t));
    if let Some(near) = near.and_then(|text| crate::shape::nearest(text, DEVICES)) {
        let finding = RULE
            .finds(
                path,
                &node.place,
                node.described(),
                text!("a device's full name, such as nvidia.com/gpu or amd.com/gpu"),
                text!("No node has such a device: the pod is never scheduled."),
            )
            .meant(node.place, near)
            .as_warning();
        findings.push(finding);
    }
    if let Some(text) = node
        .as_str()
        .filter(|text| !text.is_empty() && !text.contains('/'))
    {
        findings.push(
            RULE.at(path, &node.place)
                .found_text(text)
                .expected(text!(
                    "a device's full name, such as nvidia.com/gpu or amd.com/gpu"
                ))
                .why(REFUSED)
                .fix(text!("write nvidia.com/gpu"))
                .replace(node.place, "nvidia.com/gpu"),
        );
    }
}

//! Limits and requests: names of resources, whole devices and thousandths of cores.

use super::{REFUSED, RULE};
use crate::{Findings, Node};
use vllm_catalog::number::Shown;

/// `limited`: something else writes the limit of NVIDIA GPUs where it is left out.
pub(super) fn resources(path: &str, node: &Node, limited: bool, findings: &mut Findings) {
    for kind in ["limits", "requests"] {
        for (name, amount) in node.child(kind).into_iter().flat_map(Node::entries) {
            let extended = name.contains('/');
            const NATIVE: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];
            // Without a blank behind its colon: the schema says so.
            if name.contains(':') {
                continue;
            }
            if !extended && !NATIVE.contains(&name) && !name.starts_with("hugepages-") {
                let near = match name {
                    "mem" | "ram" | "Memory" => Some("memory"),
                    "cpus" | "cores" | "CPU" => Some("cpu"),
                    "gpu" | "gpus" => Some("nvidia.com/gpu"),
                    "storage" | "disk" => Some("ephemeral-storage"),
                    _ => crate::shape::nearest(name, NATIVE),
                };
                let finding = RULE.finds(
                    format!("{path}.{kind}.{name}"),
                    amount.key_place(),
                    format!("the resource {name:?}"),
                    text!("cpu, memory, ephemeral-storage, or a device such as nvidia.com/gpu"),
                    REFUSED,
                );
                findings.push(match near {
                    Some(near) => finding.writes(amount.key_place(), near),
                    None => finding.fix(text!("write memory, or remove it")),
                });
            }
            if extended && amount.as_quantity().is_some_and(|n| n.fract() != 0.0) {
                findings.push(
                    RULE.at(format!("{path}.{kind}[{name:?}]"), &amount.place)
                        .found(format!("{} of {name}", amount.as_str().map_or_else(|| amount.described(), str::to_owned)))
                        .expected("a whole number")
                        .why(text!("Devices are given whole: the API server refuses it."))
                        .fix(text!("write 1; for a part of a GPU, the name of a MIG slice such as nvidia.com/mig-1g.10gb")),
                );
            }
            if extended && kind == "requests" && name != "hugepages" {
                let limit = node.child("limits").and_then(|l| l.child(name));
                let written = limited && name == "nvidia.com/gpu" && limit.is_none();
                if !written && limit.is_none_or(|limit| limit.as_quantity() != amount.as_quantity())
                {
                    findings.push(
                        RULE.finds(format!("{path}.requests[{name:?}]"), &amount.place, format!("{name} in requests, and not the same in limits"), text!("devices in limits"), text!("Devices cannot be shared: the API server refuses a request that is not the limit."))
                            .fix(format!("move it to limits: {{{name}: …}}")),
                    );
                }
            }
            if crate::FULL
                && name == "cpu"
                && amount.as_quantity().is_some_and(|n| n >= 300.0)
                && !matches!(amount.value, crate::Value::Text(_))
            {
                let number = Shown(amount.as_f64().unwrap_or(0.0));
                findings.push(
                    RULE.warning(format!("{path}.{kind}.cpu"), &amount.place)
                        .found(format!("{number} cores"))
                        .expected(format!("{number}m for thousandths of a core"))
                        .why("No node has so many: the pod is never scheduled.")
                        .fix(format!("write {number}m"))
                        .replace(amount.place, format!("{number}m")),
                );
            }
        }
    }
}

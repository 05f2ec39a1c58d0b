//! Memory of the pod that arguments of vLLM and /dev/shm take, against its limit.

use super::RULE;
use crate::node::join;
use crate::rules::look::{Model, models};
use crate::{Findings, Node, Values};
use vllm_catalog::number::Shown;

const GIB: f64 = 1_073_741_824.0;

/// A flag that takes memory in GiB, and whether each GPU takes as much.
const TAKES: [(&str, bool); 3] = [
    ("--cpu-offload-gb", true),
    ("--swap-space", true),
    ("--kv-offloading-size", false),
];

pub(super) fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let Some(deploy) = model.deploy else { continue };
        let limit = deploy.get("resources.limits.memory");
        let Some((limit, most)) = limit.and_then(|node| Some((node, node.as_quantity()?))) else {
            continue;
        };
        // Without a unit it is another mistake.
        if most < GIB {
            continue;
        }
        shared(&model, deploy, limit, most, findings);
        let size = |key: &str| deploy.child(key).and_then(Node::as_f64).unwrap_or(1.0);
        let gpus = [
            "tensorParallelSize",
            "pipelineParallelSize",
            "dataParallelSize",
        ]
        .map(size);
        let gpus: f64 = gpus.iter().product();
        for (flag, each) in TAKES {
            let Some(arg) = model.arg(flag) else { continue };
            let Some(amount) = crate::units::float(arg.value) else {
                continue;
            };
            let all = if each { amount * gpus } else { amount };
            if all * GIB < most {
                continue;
            }
            let [all, amount, gpus] = [all, amount, gpus].map(|n| Shown(n).to_string());
            let found = if each && gpus != "1" {
                format!("{amount} GiB for each of {gpus} GPUs, {all} GiB together")
            } else {
                format!("{all} GiB")
            };
            let text = limit
                .as_str()
                .map_or_else(|| limit.described(), str::to_owned);
            findings.push(
                RULE.at(arg.path.clone(), &arg.holder.place)
                    .found(format!("{flag}: {found}, with limits.memory: {text}"))
                    .expected("less than limits.memory, with room for vLLM itself")
                    .why("It is memory of the container, which is killed as soon as it has taken it, again and again.")
                    .fix(format!("raise resources.limits.memory above {all}Gi by what vLLM needs itself, or lower {flag}"))
                    .related(limit.place, "the limit"),
            );
        }
    }
}

/// Shared memory is memory of the pod.
fn shared(model: &Model<'_>, deploy: &Node, limit: &Node, most: f64, findings: &mut Findings) {
    let Some(node) = deploy.child("sharedMemory") else {
        return;
    };
    if !node.as_quantity().is_some_and(|bytes| bytes >= most) {
        return;
    }
    let text = |node: &Node| {
        node.as_str()
            .map_or_else(|| node.described(), str::to_owned)
    };
    let finding = RULE
        .warning(join(&join(&model.path, "deploy"), "sharedMemory"), &node.place)
        .found(format!("sharedMemory: {}, with limits.memory: {}", text(node), text(limit)))
        .expected("sharedMemory below limits.memory")
        .why("/dev/shm is memory of the container: it is killed before /dev/shm is full.")
        .fix(format!("raise resources.limits.memory above {} by what vLLM needs itself, or lower sharedMemory, such as to 16Gi", text(node)))
        .related(limit.place, "the limit");
    findings.push(finding);
}

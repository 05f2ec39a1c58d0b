//! A time to start that no model of its size needs so little of: minutes where seconds are read.

use super::RULE;
use crate::rules::look::Model;
use crate::{Findings, Node};

/// Below it vLLM on GPUs does not start: it loads weights, compiles, and measures its memory.
const SHORT: i64 = 30;
/// The same of weights on several GPUs, or in storage of a size that takes longer to read.
const LARGE: i64 = 120;

pub(super) fn check(model: &Model<'_>, findings: &mut Findings) {
    let Some(deploy) = model.deploy else { return };
    let Some((node, seconds)) = deploy
        .child("startupSeconds")
        .and_then(|node| Some((node, node.as_i64()?)))
    else {
        return;
    };
    let gpus = ["tensorParallelSize", "pipelineParallelSize"]
        .map(|key| deploy.child(key).and_then(Node::as_i64).unwrap_or(1));
    let size = deploy
        .get("storage.size")
        .and_then(Node::as_quantity)
        .unwrap_or(0.0);
    let large = gpus[0] * gpus[1] >= 4 || size >= 150e9;
    let on_cpus = deploy.child("gpuResource").and_then(Node::as_str) == Some("");
    if seconds <= 0 || on_cpus || seconds > if large { LARGE } else { SHORT } {
        return;
    }
    let finding = RULE
        .warning(model.deploy_path("startupSeconds"), &node.place)
        .found(format!("{seconds} seconds until vLLM answers"))
        .expected("seconds, such as 3600 for an hour")
        .why("The weights are not loaded by then: the pod is restarted before it is ready, again and again.")
        .fix(format!("write {} if minutes were meant, or remove it for an hour", seconds * 60));
    findings.push(finding);
}

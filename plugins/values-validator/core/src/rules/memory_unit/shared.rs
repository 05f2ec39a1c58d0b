//! Mebibytes where gibibytes are meant: `/dev/shm` of several GPUs, and the disk of Prometheus.

use super::{MEBIBYTE, RULE};
use crate::rules::look::{Model, models, on};
use crate::{Finding, Findings, Node, Values};

/// What NCCL needs at least for the GPUs of one pod, in bytes; Kubernetes gives 64Mi without `sharedMemory`.
const LEAST: f64 = 128.0 * MEBIBYTE;
/// Less than Prometheus writes to its log of samples in the first hours.
const DISK: f64 = 256.0 * MEBIBYTE;

pub(super) fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let node = model.deploy.and_then(|deploy| deploy.child("sharedMemory"));
        let count = gpus(&model);
        if let Some(node) = node.filter(|_| count > 1) {
            findings.0.extend(small(
                (&model.deploy_path("sharedMemory"), node, LEAST),
                format!("{} of shared memory for {count} GPUs", node.described()),
                "some gibibytes, such as 16Gi",
                "The GPUs exchange their parts through it: NCCL fails, and vLLM ends at its start, again and again.",
            ));
        }
    }
    let path = "prometheus.storage.size";
    if let Some(node) = values.get(path)
        && on(values, "prometheus.storage.persistent")
    {
        findings.0.extend(small(
            (path, node, DISK),
            format!("{} for the samples", node.described()),
            "some gibibytes, such as 20Gi",
            "The disk is full within hours: Prometheus stores no more samples.",
        ));
    }
}

/// How many GPUs one pod of it has.
fn gpus(model: &Model<'_>) -> i64 {
    let count = |key: &str| {
        let node = model.deploy.and_then(|deploy| deploy.child(key));
        node.and_then(Node::as_i64).unwrap_or(1)
    };
    count("tensorParallelSize") * count("pipelineParallelSize")
}

fn small(
    (path, node, least): (&str, &Node, f64),
    found: String,
    expected: &str,
    why: &str,
) -> Option<Finding> {
    let digits = node.as_str()?.strip_suffix("Mi")?;
    let bytes = node.as_quantity()?;
    if !(MEBIBYTE..least).contains(&bytes) {
        return None;
    }
    let finding = RULE
        .warning(path, &node.place)
        .found(found)
        .expected(expected)
        .why(why);
    Some(finding.writes(node.place, &format!("{digits}Gi")))
}

/// What a limit below its request does: no pod is made at all.
pub(super) fn below_request(values: &Values, path: &str, bytes: f64) -> Option<&'static str> {
    let request = values.get(&path.replacen(".limits.", ".requests.", 1))?;
    let below = path.contains(".limits.") && request.as_quantity()? > bytes;
    below.then_some("It is below the request: Kubernetes refuses the pod.")
}

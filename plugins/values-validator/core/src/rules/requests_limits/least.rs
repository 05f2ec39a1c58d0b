//! Less memory for vLLM than its process has before it loads anything.

use super::RULE;
use crate::rules::look::models;
use crate::{Findings, Values};

const GIB: f64 = 1_073_741_824.0;

pub(super) fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let limit = model
            .deploy
            .and_then(|deploy| deploy.get("resources.limits.memory"));
        let Some(node) = limit else { continue };
        // Below a mebibyte it is a mistake of its own.
        let bytes = node.as_quantity().filter(|bytes| *bytes >= GIB / 1024.0);
        if bytes.is_none_or(|bytes| bytes >= 2.0 * GIB) {
            continue;
        }
        let text = node.as_str().unwrap_or("");
        let meant = text
            .strip_suffix("Mi")
            .filter(|digits| digits.len() < 4)
            .map_or("16Gi".to_owned(), |digits| format!("{digits}Gi"));
        findings.push(
            RULE.warning(
                format!("{}.limits.memory", model.deploy_path("resources")),
                &node.place,
            )
            .found(format!("{} of memory for vLLM", node.described()))
            .expected("8Gi or more, beside what sharedMemory takes")
            .why("PyTorch and CUDA's libraries alone take more: the pod is killed at its start, again and again.")
            .fix(format!("write {meant}, or remove it")),
        );
    }
}

//! `--gpu-memory-utilization` is the part of a GPU's memory that vLLM takes: above 0, at most 1. `95`
//! or `95%` stops vLLM at its start, after the pod has waited for its GPUs.

use super::Rule;
use super::look::models;
use crate::finding::in_quotes;
use crate::{Findings, Severity, Values};
use vllm_catalog::number::Shown;

/// `gpuMemoryUtilization` of models, and `--gpu-memory-utilization` in their `args`.
pub const RULE: Rule = Rule {
    code: "gpu-memory",
    severity: Severity::Error,
    title: text!("gpuMemoryUtilization is not above 0 and at most 1"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let arg = model.arg("--gpu-memory-utilization");
        let key = model.deploy.and_then(|d| d.child("gpuMemoryUtilization"));
        let by_key = key.map(|node| {
            let path = model.deploy_path("gpuMemoryUtilization");
            let text = node.as_f64().map_or_else(
                || node.as_str().unwrap_or("").to_owned(),
                |n| Shown(n).to_string(),
            );
            (path, node, text)
        });
        let by_arg = arg.map(|arg| (arg.path, arg.holder, arg.value.to_owned()));
        for (path, node, text) in by_key.into_iter().chain(by_arg) {
            let number = crate::units::float(text.trim_end_matches('%').trim());
            let good = |n: &f64| *n > 0.0 && *n <= 1.0 && !text.ends_with('%');
            if number.as_ref().is_some_and(good) {
                continue;
            }
            let finding = RULE
                .at(path, &node.place)
                .found_text(&text)
                .expected(text!("a number above 0, at most 1, such as 0.95"))
                .why(text!(
                    "vLLM refuses it and stops, after the pod has waited for its GPUs."
                ));
            findings.push(match number.filter(|n| (2.0..=100.0).contains(n)) {
                Some(percent) => {
                    let part = Shown(percent / 100.0);
                    let new = node
                        .as_str()
                        .map_or_else(|| part.to_string(), |t| t.replace(&text, &part.to_string()));
                    finding.fix_write(&part.to_string()).replace(
                        node.place,
                        if node.as_str() == Some(text.as_str()) {
                            in_quotes(&new)
                        } else {
                            new
                        },
                    )
                }
                None => finding.fix(text!(
                    "write a part of 1, or leave it out for vLLM's own default"
                )),
            });
        }
    }
}

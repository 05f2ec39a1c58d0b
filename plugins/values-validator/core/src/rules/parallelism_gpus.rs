//! A replica of vLLM needs one GPU for each tensor-parallel rank, times the pipeline-parallel, times
//! the data-parallel size. The chart asks for as many; a limit in `resources`, or a size in `args`,
//! that says otherwise leaves GPUs unused or has vLLM fail at the start.

#[cfg(feature = "full")]
mod heads;

use super::Rule;
use super::look::{Model, models};
use crate::{Findings, Node, Severity, Values};

/// `models[].deploy`'s parallel sizes against its GPUs.
pub const RULE: Rule = Rule {
    code: "parallelism-gpus",
    severity: Severity::Error,
    title: text!("Parallel sizes do not multiply to the GPUs of a replica"),
    check,
};

/// Key of `deploy`, flag and short flag of `vllm serve`.
const SIZES: [(&str, &str, &str); 3] = [
    ("tensorParallelSize", "--tensor-parallel-size", "-tp"),
    ("pipelineParallelSize", "--pipeline-parallel-size", "-pp"),
    ("dataParallelSize", "--data-parallel-size", "-dp"),
];

/// A size as the chart knows it, and as an argument overrides it.
fn sizes(
    model: &Model<'_>,
    key: &str,
    flags: [&str; 2],
) -> (i64, Option<(i64, String, crate::Place)>) {
    let by_key = model
        .deploy
        .and_then(|d| d.child(key))
        .and_then(Node::as_i64);
    let by_arg = flags
        .iter()
        .find_map(|flag| model.arg(flag))
        .and_then(|arg| {
            let size = arg.value.parse().ok()?;
            Some((size, arg.path, arg.node.place))
        });
    (by_key.unwrap_or(1), by_arg)
}

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values).iter().filter(|m| m.deploy.is_some()) {
        #[cfg(feature = "full")]
        heads::check(model, findings);
        let mut asked = 1;
        let mut needed = 1;
        let mut blamed = None;
        for (key, flag, short) in SIZES {
            let (by_key, by_arg) = sizes(model, key, [flag, short]);
            asked *= by_key;
            needed *= by_arg.as_ref().map_or(by_key, |(size, ..)| *size);
            if let Some((size, path, place)) = by_arg
                && size != by_key
            {
                blamed = Some((key, flag, size, path, place));
            }
        }
        let resource = model
            .deploy
            .and_then(|d| d.child("gpuResource"))
            .and_then(Node::as_str)
            .unwrap_or("nvidia.com/gpu");
        let limit = ["limits", "requests"].iter().find_map(|kind| {
            let gpus = model
                .deploy?
                .child("resources")?
                .child(kind)?
                .child(resource)?;
            #[expect(clippy::cast_possible_truncation, reason = "whole GPUs")]
            let count = gpus.as_quantity()? as i64;
            Some((*kind, gpus, count))
        });
        if let Some((kind, gpus, count)) = limit {
            if count != needed {
                findings.push(
                    RULE.at(
                        format!("{}.{kind}[{resource:?}]", model.deploy_path("resources")),
                        &gpus.place,
                    )
                    .found(format!("{count} GPUs for {needed} parallel ranks"))
                    .expected(format!("{needed}, or no {resource} in resources"))
                    .why(if count < needed {
                        "vLLM does not start: it has fewer GPUs than ranks."
                    } else {
                        "The GPUs beyond the ranks are paid for and idle."
                    })
                    .fix(text!(
                        "leave it out: the chart asks for the product of the parallel sizes"
                    ))
                    .remove(gpus),
                );
            }
        } else if let Some((key, flag, size, path, place)) = blamed {
            findings.push(
                RULE.at(path, &place)
                    .found(format!(
                        "{flag} {size}, where the chart asks for {asked} GPUs"
                    ))
                    .expected(format!("deploy.{key}: {size}"))
                    .why(text!(
                        "The chart asks for as many GPUs as its own keys say, not the arguments."
                    ))
                    .fix(if crate::FULL {
                        format!("set deploy.{key} to {size} and take {flag} out of args; or take it out alone for {asked} GPUs")
                    } else {
                        format!("take {flag} out of args, or set deploy.{key} to {size}")
                    }),
            );
        }
    }
}

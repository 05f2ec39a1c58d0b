//! Variables of vLLM, PyTorch and NCCL whose value does nothing, or ends vLLM at its start.

use super::RULE;
use crate::rules::look::Model;
use crate::rules::vllm_argument::runs;
use crate::{Finding, Node};
use vllm_catalog::Version;

const LEVELS: &str = "VERSION WARN INFO TRACE ABORT";
/// Keys of PyTorch's allocator.
const KEYS: &str = "backend max_split_size_mb max_non_split_rounding_mb roundup_power2_divisions garbage_collection_threshold expandable_segments release_lock_on_cudamalloc pinned_use_cuda_host_register pinned_num_register_threads pinned_use_background_threads per_process_memory_fraction";

/// What is wrong with one variable; `traced`: the chart gives the address of the collector.
pub(super) fn check(
    model: &Model<'_>,
    at: usize,
    name: &str,
    value: &Node,
    traced: bool,
) -> Option<Finding> {
    let text = value.as_str()?;
    if text.contains("$(") {
        return None;
    }
    let says = |expected: &str, why: &str| {
        RULE.at(
            format!("{}[{at}].value", model.deploy_path("env")),
            &value.place,
        )
        .found(format!("{name}={text}"))
        .expected(expected)
        .why(why)
    };
    let since = |minor: u16| runs(model).is_some_and(|runs| runs >= Version::new(0, minor, 0));
    match name {
        "VLLM_USE_V1" if text == "0" && since(13) => Some(
            says(
                "vLLM's one engine",
                "The engine of before is gone, and vLLM reads the variable no more: it does nothing.",
            )
            .fix("remove it"),
        ),
        "VLLM_ATTENTION_BACKEND" if since(16) => Some(
            says(
                "--attention-backend in deploy.args",
                "vLLM reads the variable no more: it chooses the backend itself.",
            )
            .fix(format!(
                "remove it, and add the argument --attention-backend={text}"
            )),
        ),
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" if traced => Some(
            says(
                "tracing as the chart sets it up",
                "The chart gives vLLM the collector's address as an argument, which counts: the variable does nothing.",
            )
            .fix("remove it, and name the receiver in tracing.exporters"),
        ),
        "NCCL_DEBUG" if !LEVELS.split(' ').any(|word| word.eq_ignore_ascii_case(text)) => {
            let finding = says(
                &LEVELS.replace(' ', ", "),
                "NCCL knows no such word, and writes nothing to the log.",
            );
            Some(finding.quotes(value.place, "INFO"))
        }
        "PYTORCH_CUDA_ALLOC_CONF" | "PYTORCH_ALLOC_CONF" => {
            let new = allocator(text)?;
            let finding = says(
                "key:value, with commas between them",
                "PyTorch refuses it, and vLLM ends at its start, again and again.",
            );
            Some(finding.quotes(value.place, &new))
        }
        _ => None,
    }
}

/// The settings of PyTorch's allocator as it reads them; none where they are right, or nothing that is known.
fn allocator(text: &str) -> Option<String> {
    let parts = text.split(',').map(|part| {
        let (key, value) = part.split_once([':', '='])?;
        let (key, value) = (key.trim(), value.trim());
        let known = KEYS.split(' ');
        let key = known
            .clone()
            .find(|known| *known == key)
            .or_else(|| crate::shape::nearest(key, known))?;
        let value = match value.to_ascii_lowercase().as_str() {
            "true" | "1" | "on" if key == "expandable_segments" => "True",
            "false" | "0" | "off" if key == "expandable_segments" => "False",
            _ => value,
        };
        Some(format!("{key}:{value}"))
    });
    let new = parts.collect::<Option<Vec<_>>>()?.join(",");
    (new != text.replace(' ', "")).then_some(new)
}

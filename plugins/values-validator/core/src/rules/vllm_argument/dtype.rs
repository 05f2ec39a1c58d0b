//! A quantization where the type of the numbers is named: `--dtype=fp8`.

use super::RULE;
use crate::Finding;
use crate::rules::look::Model;

/// Quantizations that vLLM makes itself while it loads.
const QUANTIZATIONS: &str = "fp8 bitsandbytes experts_int8";
/// Forms of quantized weights, of which the checkpoint says which method reads them.
const FORMS: &str =
    "int8 int4 nf4 fp4 nvfp4 fp6 w4a16 w8a8 w8a16 q4 q8 q4_k_m q8_0 4bit 8bit fp8_e4m3 fp8_e5m2";

/// The finding, and at which argument.
pub(super) fn check(model: &Model<'_>, path: &str) -> Option<Finding> {
    let arg = model.arg("--dtype").filter(|arg| arg.path == path)?;
    let value = arg.value.to_ascii_lowercase();
    let is = |words: &str| words.split(' ').any(|word| word == value);
    let quantization = is(QUANTIZATIONS);
    if !quantization && !is(FORMS) {
        return None;
    }
    let other = model.arg("--quantization").or_else(|| model.arg("-q"));
    let finding = RULE
        .at(path, &arg.node.place)
        .found(format!("--dtype={}, a quantization", arg.value))
        .expected("auto, bfloat16, float, float16, float32, half")
        .why("vLLM does not know it and ends at its start, again and again.");
    let whole = arg.node.place == arg.holder.place;
    Some(match other {
        Some(other) => finding
            .fix("remove it: --quantization says it")
            .related(other.node.place, "the quantization"),
        None if quantization => {
            let new = format!("--quantization={value}");
            let finding = finding.fix(format!("write {new}"));
            if whole {
                finding.replace(arg.node.place, new)
            } else {
                finding.replace(arg.node.place, "--quantization")
            }
        }
        None => finding.fix("remove it: vLLM reads from the checkpoint how it is quantized"),
    })
}

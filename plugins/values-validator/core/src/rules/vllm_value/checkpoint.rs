//! `--quantization` against what the name of the weights says: vLLM compares it with the checkpoint's own
//! configuration and ends where they differ.

use super::RULE;
use crate::Findings;
use crate::rules::look::Model;

/// The end of a name's word, and the first letters of the methods that read such weights. Of other tools'
/// formats of the same name, `compressed-tensors` is one.
const FORMATS: &str = "awq awq moe_wna16 compressed auto ipex\ngptq gptq moe_wna16 compressed auto ipex\nfp8 fp8 compressed fbgemm ptpc modelopt quark torchao\nnvfp4 modelopt compressed petit\nmxfp4 mxfp4 quark compressed\nbnb bitsandbytes\ngguf gguf\ngpt-oss mxfp4 quark compressed";
/// Organisations whose weights are as they were trained unless the name says otherwise.
const TRAINED: [&str; 7] = [
    "meta-llama",
    "Qwen",
    "mistralai",
    "google",
    "microsoft",
    "allenai",
    "tiiuae",
];
/// Words of a name that tell of some format.
const WORDS: &str = "awq gptq fp8 fp4 bnb gguf int4 int8 w4a16 w8a8 w8a16 4bit 8bit quant qat q4 q8 4-bit 8-bit gpt-oss";

pub(super) fn check(model: &Model<'_>, findings: &mut Findings) {
    let Some(arg) = model.arg("--quantization").or_else(|| model.arg("-q")) else {
        return;
    };
    let Some(id) = model.deploy.and_then(|deploy| deploy.child("model")) else {
        return;
    };
    let (Some(name), method) = (id.as_str(), arg.value) else {
        return;
    };
    if method.is_empty() || method.contains("$(") {
        return;
    }
    let lower = name.to_ascii_lowercase();
    let known = FORMATS.lines().filter_map(|line| {
        let (word, methods) = line.split_once(' ')?;
        lower.contains(word).then_some(methods)
    });
    let formats: Vec<&str> = known.collect();
    let wrong = match formats[..] {
        [methods] => !methods.split(' ').any(|start| method.starts_with(start)),
        // What is neither named nor made while it is loaded is not in the files.
        [] => {
            let plain = !WORDS.split(' ').any(|word| lower.contains(word));
            let trained = TRAINED
                .iter()
                .any(|org| name.split('/').next() == Some(org));
            plain
                && trained
                && ["awq", "gptq", "gguf", "compressed", "modelopt"]
                    .iter()
                    .any(|start| method.starts_with(start))
        }
        _ => false,
    };
    if !wrong {
        return;
    }
    let flag = "--quantization";
    let mut fix = "remove it: vLLM reads the method from the checkpoint".to_owned();
    if formats.is_empty() {
        fix = format!(
            "remove it, or name weights of that format in deploy.model, such as <organisation>/{}-{}",
            name.rsplit('/').next().unwrap_or(name),
            method
                .split('_')
                .next()
                .unwrap_or(method)
                .to_ascii_uppercase()
        );
    }
    let finding = RULE
        .at(arg.path.clone(), &arg.holder.place)
        .found(format!("{flag}={method} for {name}"))
        .expected("the method of the checkpoint, or none")
        .why("vLLM compares it with the checkpoint's configuration and ends at its start, again and again.")
        .fix(fix)
        .related(id.place, "the weights");
    let alone = std::ptr::eq(arg.node, arg.holder) && !formats.is_empty();
    findings.push(if alone {
        finding.remove(arg.node)
    } else {
        finding
    });
}

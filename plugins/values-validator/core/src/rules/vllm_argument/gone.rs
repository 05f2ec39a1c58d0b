//! Flags that vLLM took once, by a release that does not have them any more. The releases are set late, and are not
//! read from the sources of vLLM.

use super::{ENDS, GONE, RULE};
use crate::rules::look::Model;
use crate::{Finding, Node};
use vllm_catalog::Version;

const ADAPTERS: &str = "remove it: vLLM has no prompt adapters any more";
const POOL: &str = "remove it: vLLM has no pool of tokenizers any more";
const ENGINE: &str = "remove it: the engine that it was for is gone";
const GRAPHS: &str = "remove it: CUDA graphs are captured by batch size";
const SPECULATIVE: &str = "write one --speculative-config={\"method\": …, \"num_speculative_tokens\": …} instead of all flags of speculation";
const ROPE: &str = "write --hf-overrides={\"rope_parameters\": …}";

/// A flag, the minor release from which it is gone, and the cure: words, an argument (`--…=…`), or another flag
/// that takes the same value (`--…`).
const FLAGS: [(&str, u16, &str); 43] = [
    (
        "--enable-reasoning",
        10,
        "remove it: --reasoning-parser alone turns it on",
    ),
    ("--enable-prompt-adapter", 10, ADAPTERS),
    ("--max-prompt-adapters", 10, ADAPTERS),
    ("--max-prompt-adapter-token", 10, ADAPTERS),
    ("--prompt-adapters", 10, ADAPTERS),
    ("--tokenizer-pool-size", 10, POOL),
    ("--tokenizer-pool-type", 10, POOL),
    ("--tokenizer-pool-extra-config", 10, POOL),
    ("--multi-step-stream-outputs", 11, ENGINE),
    ("--preemption-mode", 11, ENGINE),
    ("--scheduler-delay-factor", 13, ENGINE),
    ("--disable-async-output-proc", 13, ENGINE),
    ("--override-neuron-config", 13, ENGINE),
    ("--engine-use-ray", 10, "--distributed-executor-backend=ray"),
    (
        "--qlora-adapter-name-or-path",
        10,
        "write --enable-lora and --lora-modules=…",
    ),
    (
        "--long-lora-scaling-factors",
        11,
        "remove it: vLLM has no scaling factors of adapters any more",
    ),
    (
        "--enable-lora-bias",
        13,
        "remove it: vLLM has no biases of adapters any more",
    ),
    (
        "--lora-extra-vocab-size",
        16,
        "remove it: an adapter adds no words any more",
    ),
    (
        "--device",
        13,
        "remove it: vLLM sees itself on which hardware it runs",
    ),
    ("--num-speculative-tokens", 10, SPECULATIVE),
    ("--speculative-model-quantization", 10, SPECULATIVE),
    ("--speculative-draft-tensor-parallel-size", 10, SPECULATIVE),
    ("--speculative-max-model-len", 10, SPECULATIVE),
    ("--speculative-disable-by-batch-size", 10, SPECULATIVE),
    ("--speculative-disable-mqa-scorer", 10, SPECULATIVE),
    ("--ngram-prompt-lookup-max", 10, SPECULATIVE),
    ("--ngram-prompt-lookup-min", 10, SPECULATIVE),
    ("--spec-decoding-acceptance-method", 10, SPECULATIVE),
    (
        "--typical-acceptance-sampler-posterior-threshold",
        10,
        SPECULATIVE,
    ),
    (
        "--typical-acceptance-sampler-posterior-alpha",
        10,
        SPECULATIVE,
    ),
    ("--disable-logprobs-during-spec-decoding", 10, SPECULATIVE),
    ("--rope-scaling", 16, ROPE),
    ("--rope-theta", 16, ROPE),
    (
        "--guided-decoding-backend",
        13,
        "--structured-outputs-config.backend",
    ),
    (
        "--guided-decoding-disable-fallback",
        13,
        "--structured-outputs-config.disable_fallback=true",
    ),
    (
        "--guided-decoding-disable-any-whitespace",
        13,
        "--structured-outputs-config.disable_any_whitespace=true",
    ),
    (
        "--guided-decoding-disable-additional-properties",
        13,
        "--structured-outputs-config.disable_additional_properties=true",
    ),
    ("--max-seq-len-to-capture", 13, GRAPHS),
    ("--max-context-len-to-capture", 10, GRAPHS),
    ("--cuda-graph-sizes", 16, "--cudagraph-capture-sizes"),
    ("--override-pooler-config", 16, "--pooler-config"),
    (
        "--disable-mm-preprocessor-cache",
        16,
        "--mm-processor-cache-gb=0",
    ),
    (
        "--enable-multimodal-encoder-data-parallel",
        16,
        "--mm-encoder-tp-mode=data",
    ),
];

/// The release that runs: the chart's own where no image is named, none where it cannot be known.
pub(crate) fn runs(model: &Model<'_>) -> Option<Version> {
    let image = model.deploy?.child("image");
    let given = |key: &str| {
        let node = image.and_then(|image| image.child(key));
        node.is_some_and(|node| node.as_str() != Some(""))
    };
    if ["repository", "tag", "digest"].iter().any(|key| given(key)) {
        Some(model.release()?.1)
    } else {
        Some(Version::NEWEST)
    }
}

/// What is to say of an argument whose flag vLLM took once; none where that is no matter of releases.
pub(super) fn check(
    model: &Model<'_>,
    path: &str,
    at: usize,
    node: &Node,
    text: &str,
) -> Option<Option<Finding>> {
    let name = text.split('=').next().unwrap_or(text);
    let bare = name.replace('_', "-");
    if GONE.iter().any(|(gone, _)| *gone == bare) {
        // The modules say of any release that it is gone.
        let old = runs(model).is_some_and(|own| own < Version::new(0, 10, 0));
        return old.then_some(None);
    }
    let (_, minor, cure) = FLAGS.iter().find(|(flag, ..)| *flag == bare)?;
    if runs(model).is_none_or(|own| own < Version::new(0, *minor, 0)) {
        return None;
    }
    let args = model.deploy?.child("args")?.items();
    let flag = |next: &Node| next.as_str().is_some_and(|text| text.starts_with('-'));
    let whole = text.contains('=') || args.get(at + 1).is_none_or(flag);
    let finding = RULE
        .at(path, &node.place)
        .found(format!("the flag {name}, which vLLM has no more"))
        .expected("a flag of vllm serve")
        .why(ENDS);
    Some(Some(if !cure.starts_with("--") {
        let finding = finding.fix(*cure);
        if cure.starts_with("remove") && whole && args.len() > 1 {
            finding.remove(node)
        } else {
            finding
        }
    } else if cure.contains('=') {
        finding.quotes(node.place, cure)
    } else {
        finding.quotes(node.place, &text.replacen(name, cure, 1))
    }))
}

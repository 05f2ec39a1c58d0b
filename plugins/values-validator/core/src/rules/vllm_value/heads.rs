//! What is known of the checkpoints that most people serve: attention heads, which the ranks of tensor parallelism
//! share, and the longest context.

use super::{Arg, say};
use crate::node::Node;
use crate::rules::concurrency::integer;
use crate::rules::look::Model;
use crate::{Finding, Place};

/// Name without its organisation, attention heads, heads of keys and values, and the longest context with its
/// organisation. 0: not bounded by it, or not known.
const KNOWN: &str = "\
Qwen3-0.6B 16 8 Qwen 40960
Qwen3-1.7B 16 8 Qwen 40960
Qwen3-4B 32 8 Qwen 40960
Qwen3-8B 32 8 Qwen 40960
Qwen3-14B 40 8 Qwen 40960
Qwen3-32B 64 8 Qwen 40960
Qwen3-30B-A3B 32 4 Qwen 40960
Qwen3-235B-A22B 64 4 Qwen 40960
Qwen3-4B-Instruct-2507 32 8 Qwen 262144
Qwen3-30B-A3B-Instruct-2507 32 4 Qwen 262144
Qwen3-235B-A22B-Instruct-2507 64 4 Qwen 262144
Qwen3-Coder-30B-A3B-Instruct 32 4 Qwen 262144
Qwen3-Coder-480B-A35B-Instruct 96 8 Qwen 262144
Qwen2.5-0.5B-Instruct 14 2 Qwen 32768
Qwen2.5-1.5B-Instruct 12 2 Qwen 32768
Qwen2.5-3B-Instruct 16 2 Qwen 32768
Qwen2.5-7B-Instruct 28 4 Qwen 32768
Qwen2.5-14B-Instruct 40 8 Qwen 32768
Qwen2.5-32B-Instruct 40 8 Qwen 32768
Qwen2.5-72B-Instruct 64 8 Qwen 32768
Qwen2.5-Coder-7B-Instruct 28 4 Qwen 32768
Qwen2.5-Coder-14B-Instruct 40 8 Qwen 32768
Qwen2.5-Coder-32B-Instruct 40 8 Qwen 32768
QwQ-32B 40 8 Qwen 0
Llama-3.1-8B-Instruct 32 8 meta-llama 131072
Meta-Llama-3.1-8B-Instruct 32 8 meta-llama 131072
Llama-3.1-70B-Instruct 64 8 meta-llama 131072
Meta-Llama-3.1-70B-Instruct 64 8 meta-llama 131072
Llama-3.1-405B-Instruct 128 8 meta-llama 131072
Llama-3.2-1B-Instruct 32 8 meta-llama 131072
Llama-3.2-3B-Instruct 24 8 meta-llama 131072
Llama-3.3-70B-Instruct 64 8 meta-llama 131072
Meta-Llama-3-8B-Instruct 32 8 meta-llama 8192
Meta-Llama-3-70B-Instruct 64 8 meta-llama 8192
Llama-4-Scout-17B-16E-Instruct 40 8 meta-llama 0
Llama-4-Maverick-17B-128E-Instruct 40 8 meta-llama 0
Mistral-7B-Instruct-v0.3 32 8 mistralai 32768
Mistral-Small-24B-Instruct-2501 32 8 mistralai 32768
Mixtral-8x7B-Instruct-v0.1 32 8 mistralai 32768
Mixtral-8x22B-Instruct-v0.1 48 8 mistralai 65536
gpt-oss-20b 64 8 openai 131072
gpt-oss-120b 64 8 openai 131072
gemma-2-9b-it 16 8 google 8192
gemma-2-27b-it 32 16 google 8192
gemma-3-12b-it 16 8 google 131072
gemma-3-27b-it 32 16 google 131072
phi-4 40 10 microsoft 16384
DeepSeek-V3 128 0 deepseek-ai 163840
DeepSeek-V3.1 128 0 deepseek-ai 163840
DeepSeek-R1 128 0 deepseek-ai 163840
DeepSeek-R1-Distill-Llama-8B 32 8 deepseek-ai 131072
DeepSeek-R1-Distill-Llama-70B 64 8 deepseek-ai 131072
DeepSeek-R1-Distill-Qwen-7B 28 4 deepseek-ai 131072
DeepSeek-R1-Distill-Qwen-14B 40 8 deepseek-ai 131072
DeepSeek-R1-Distill-Qwen-32B 40 8 deepseek-ai 131072
GLM-4.5 96 8 zai-org 131072
GLM-4.5-Air 96 8 zai-org 131072";

/// Endings of the same checkpoint with quantized weights.
const QUANTIZED: [&str; 7] = [
    "-FP8",
    "-FP8-dynamic",
    "-AWQ",
    "-GPTQ-Int4",
    "-GPTQ-Int8",
    "-quantized.w4a16",
    "-quantized.w8a8",
];

/// Arguments with which vLLM takes other numbers than the checkpoint's own.
const OTHERWISE: [&str; 5] = [
    "--hf-overrides",
    "--rope-scaling",
    "--rope-theta",
    "--config",
    "--hf-config-path",
];

struct Checkpoint {
    heads: u64,
    shared: u64,
    /// The longest context of the name with its organisation.
    context: u64,
}

fn known(model: &str) -> Option<Checkpoint> {
    let (organisation, name) = model.rsplit_once('/')?;
    let name = QUANTIZED
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(name);
    KNOWN.lines().find_map(|line| {
        let mut columns = line.split(' ');
        let mut next = || columns.next();
        let own = next()?.eq_ignore_ascii_case(name);
        let (heads, shared) = (next()?.parse().ok()?, next()?.parse().ok()?);
        let same = next()? == organisation;
        let context = next()?.parse().ok()?;
        own.then_some(Checkpoint {
            heads,
            shared,
            context: if same { context } else { 0 },
        })
    })
}

pub(super) fn check(model: &Model<'_>) -> Vec<Finding> {
    let named = (model.deploy)
        .and_then(|deploy| deploy.child("model"))
        .and_then(Node::as_str);
    let Some(checkpoint) = named.and_then(known) else {
        return Vec::new();
    };
    if OTHERWISE.iter().any(|flag| model.arg(flag).is_some()) {
        return Vec::new();
    }
    let name = named.unwrap_or_default();
    let mut found = Vec::new();
    found.extend(heads(model, name, &checkpoint));
    found.extend(context(model, name, checkpoint.context));
    found
}

/// The size of tensor parallelism as vLLM gets it: path, place and number.
fn size(model: &Model<'_>) -> Option<(String, Place, u64)> {
    let by = |arg: Arg<'_>| Some((arg.path, arg.holder.place, arg.value.parse().ok()?));
    let flags = ["--tensor-parallel-size", "-tp"];
    if let Some(arg) = flags.iter().find_map(|flag| model.arg(flag)) {
        return by(arg);
    }
    let key = model.deploy?.child("tensorParallelSize")?;
    let path = model.deploy_path("tensorParallelSize");
    Some((path, key.place, u64::try_from(key.as_i64()?).ok()?))
}

/// Heads that the ranks cannot share.
fn heads(model: &Model<'_>, name: &str, checkpoint: &Checkpoint) -> Option<Finding> {
    let (path, place, ranks) = size(model)?;
    let fits = |ranks: u64| {
        let shared = checkpoint.shared;
        checkpoint.heads.is_multiple_of(ranks)
            && (shared.is_multiple_of(ranks) || shared > 0 && ranks.is_multiple_of(shared))
    };
    if ranks == 0 || fits(ranks) {
        return None;
    }
    let below = (1..ranks).rev().find(|ranks| fits(*ranks))?;
    let above = (ranks + 1..=16).find(|ranks| fits(*ranks));
    let listed = above.map_or(below.to_string(), |above| format!("{below} or {above}"));
    let whole = checkpoint.heads.is_multiple_of(ranks);
    let which = if whole {
        checkpoint.shared
    } else {
        checkpoint.heads
    };
    let of = if whole { " of keys and values" } else { "" };
    Some(
        super::RULE
            .at(path, place)
            .found(format!("{ranks} ranks for the {which} heads{of} of {name}"))
            .expected(format!("a size that divides them, {listed}"))
            .why("Ranks share the heads evenly: vLLM refuses it and ends at its start.")
            .fix(format!("write {listed}")),
    )
}

/// A context above the checkpoint's own.
fn context(model: &Model<'_>, name: &str, most: u64) -> Option<Finding> {
    let arg = model.arg("--max-model-len")?;
    let asked = integer(arg.value).filter(|asked| most > 0 && *asked > most)?;
    let env = model.deploy?.child("env").map_or(&[][..], Node::items);
    let longer = |variable: &Node| {
        variable.child("name").and_then(Node::as_str) == Some("VLLM_ALLOW_LONG_MAX_MODEL_LEN")
    };
    if env.iter().any(longer) {
        return None;
    }
    let old = arg.holder.as_str().unwrap_or("");
    let new = format!("{}{most}", old.strip_suffix(arg.value).unwrap_or(""));
    Some(
        say(
            &arg.path,
            arg.holder,
            format!("{asked} tokens, where {name} takes {most}"),
            &format!("at most {most}"),
        )
        .why("vLLM refuses more than the model's own context and ends at its start.")
        .fix(format!(
            "write {new}, or give a longer context by --hf-overrides with rope_scaling"
        ))
        .replace(arg.holder.place, crate::finding::in_quotes(&new)),
    )
}

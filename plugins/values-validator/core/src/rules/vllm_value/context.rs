//! The longest context of the checkpoints that most people serve.

use super::say;
use crate::Finding;
use crate::node::Node;
use crate::rules::concurrency::integer;
use crate::rules::look::Model;

/// Name and tokens, as `max_position_embeddings` of the checkpoint's config.json has them.
const KNOWN: &str = "\
Qwen/Qwen3-0.6B 40960
Qwen/Qwen3-1.7B 40960
Qwen/Qwen3-4B 40960
Qwen/Qwen3-8B 40960
Qwen/Qwen3-14B 40960
Qwen/Qwen3-32B 40960
Qwen/Qwen3-30B-A3B 40960
Qwen/Qwen3-235B-A22B 40960
Qwen/Qwen3-4B-Instruct-2507 262144
Qwen/Qwen3-30B-A3B-Instruct-2507 262144
Qwen/Qwen3-235B-A22B-Instruct-2507 262144
Qwen/Qwen3-Coder-30B-A3B-Instruct 262144
Qwen/Qwen3-Coder-480B-A35B-Instruct 262144
Qwen/Qwen2.5-0.5B-Instruct 32768
Qwen/Qwen2.5-1.5B-Instruct 32768
Qwen/Qwen2.5-3B-Instruct 32768
Qwen/Qwen2.5-7B-Instruct 32768
Qwen/Qwen2.5-14B-Instruct 32768
Qwen/Qwen2.5-32B-Instruct 32768
Qwen/Qwen2.5-72B-Instruct 32768
Qwen/Qwen2.5-Coder-7B-Instruct 32768
Qwen/Qwen2.5-Coder-14B-Instruct 32768
Qwen/Qwen2.5-Coder-32B-Instruct 32768
meta-llama/Llama-3.1-8B-Instruct 131072
meta-llama/Meta-Llama-3.1-8B-Instruct 131072
meta-llama/Llama-3.1-70B-Instruct 131072
meta-llama/Meta-Llama-3.1-70B-Instruct 131072
meta-llama/Llama-3.1-405B-Instruct 131072
meta-llama/Llama-3.2-1B-Instruct 131072
meta-llama/Llama-3.2-3B-Instruct 131072
meta-llama/Llama-3.3-70B-Instruct 131072
meta-llama/Meta-Llama-3-8B-Instruct 8192
meta-llama/Meta-Llama-3-70B-Instruct 8192
mistralai/Mistral-7B-Instruct-v0.3 32768
mistralai/Mistral-Small-24B-Instruct-2501 32768
mistralai/Mixtral-8x7B-Instruct-v0.1 32768
mistralai/Mixtral-8x22B-Instruct-v0.1 65536
openai/gpt-oss-20b 131072
openai/gpt-oss-120b 131072
google/gemma-2-9b-it 8192
google/gemma-2-27b-it 8192
google/gemma-3-12b-it 131072
google/gemma-3-27b-it 131072
microsoft/phi-4 16384
deepseek-ai/DeepSeek-V3 163840
deepseek-ai/DeepSeek-V3.1 163840
deepseek-ai/DeepSeek-R1 163840
deepseek-ai/DeepSeek-R1-Distill-Llama-8B 131072
deepseek-ai/DeepSeek-R1-Distill-Llama-70B 131072
deepseek-ai/DeepSeek-R1-Distill-Qwen-7B 131072
deepseek-ai/DeepSeek-R1-Distill-Qwen-14B 131072
deepseek-ai/DeepSeek-R1-Distill-Qwen-32B 131072
zai-org/GLM-4.5 131072
zai-org/GLM-4.5-Air 131072";

/// Arguments with which vLLM takes another context than the checkpoint's own.
const OTHERWISE: [&str; 5] = [
    "--hf-overrides",
    "--rope-scaling",
    "--rope-theta",
    "--config",
    "--hf-config-path",
];

/// A context above the checkpoint's own.
pub(super) fn check(model: &Model<'_>) -> Option<Finding> {
    if OTHERWISE.iter().any(|flag| model.arg(flag).is_some()) {
        return None;
    }
    let name = model.deploy?.child("model")?.as_str()?;
    let most: u64 = KNOWN
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())?;
    let arg = model.arg("--max-model-len")?;
    let asked = integer(arg.value).filter(|asked| *asked > most)?;
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

//! Words that other servers, older releases or another argument of vLLM has where an argument takes words of a
//! closed list.

use super::say;
use crate::Finding;
use crate::rules::look::{Arg, Model};
use crate::shape::{bare, nearest};

/// What is written for a word of the argument's own list: argument, then `theirs=ours`.
const MEANT: &str = "\
--kv-cache-dtype fp8_e4m3fn=fp8_e4m3 float8_e4m3fn=fp8_e4m3 float8_e5m2=fp8_e5m2 half=float16 none=auto int8=fp8 int4=fp8 fp4=fp8 float8=fp8 q8_0=fp8 q4_0=fp8 8bit=fp8
--quantization 4bit=bitsandbytes 8bit=bitsandbytes nf4=bitsandbytes bnb_4bit=bitsandbytes w8a8=compressed-tensors w4a16=compressed-tensors w8a16=compressed-tensors llmcompressor=compressed-tensors nvfp4=modelopt_fp4 autoawq=awq autogptq=gptq gptqmodel=gptq float8=fp8
--tool-call-parser qwen=hermes qwen2=hermes llama=llama3_json llama3_3=llama3_json llama3_2=llama3_json llama4=llama4_pythonic gpt_oss=openai deepseek=deepseek_v3 deepseek_r1=deepseek_v3 kimi=kimi_k2 glm=glm45 glm4=glm45 phi4=phi4_mini_json granite3=granite openai_gptoss=openai mixtral=mistral qwen_coder=qwen3_coder
--reasoning-parser deepseek=deepseek_r1 qwen=qwen3 qwq=deepseek_r1 gpt_oss=openai_gptoss openai=openai_gptoss glm=glm45 glm4=glm45 kimi=kimi_k2 hermes=qwen3 magistral=mistral granite3=granite
--load-format hf=auto huggingface=auto transformers=auto pytorch=pt bin=pt s3=runai_streamer runai=runai_streamer streamer=runai_streamer sharded=sharded_state bnb=bitsandbytes none=auto fp8=auto awq=auto gptq=auto
--distributed-executor-backend multiprocess=mp multi=mp process=mp nccl=mp gloo=mp local=mp torch=mp torchrun=external_launcher single=uni none=uni
--scheduling-policy fair=fcfs roundrobin=fcfs lifo=fcfs default=fcfs prio=priority
--task embeddings=embed classification=classify rerank=score generation=generate text_generation=generate chat=generate completion=generate
--runner generation=generate chat=generate embed=pooling embedding=pooling classify=pooling score=pooling
--convert embedding=embed embeddings=embed classification=classify
--chat-template-content-format text=string str=string json=openai
--uvicorn-log-level fatal=critical verbose=trace err=error
--model-impl hf=transformers huggingface=transformers native=vllm
--prefix-caching-hash-algo md5=sha256 sha1=sha256 sha512=sha256";

/// Further lists: those of arguments that no plugin adds a word to. A word that is like none is wrong all the same.
const CLOSED: &str = "\
--scheduling-policy fcfs priority
--runner auto generate pooling draft
--convert auto none embed classify reward
--chat-template-content-format auto string openai
--logprobs-mode raw_logprobs raw_logits processed_logprobs processed_logits
--mm-encoder-tp-mode weights data
--mm-processor-cache-type lru shm
--data-parallel-backend mp ray
--mamba-cache-dtype auto float16 float32 bfloat16
--optimization-level 0 1 2 3
--uvicorn-log-level debug info warning error critical trace";

/// The rest of the line that begins with an argument.
fn line(table: &'static str, flag: &str) -> Option<&'static str> {
    let rest = |line: &'static str| line.strip_prefix(flag)?.strip_prefix(' ');
    table.lines().find_map(rest)
}

/// The word that was meant by one that the argument does not take.
pub(super) fn meant(flag: &str, value: &str) -> Option<&'static str> {
    let wanted = bare(value);
    line(MEANT, flag)?.split(' ').find_map(|pair| {
        let (theirs, ours) = pair.split_once('=')?;
        (bare(theirs) == wanted).then_some(ours)
    })
}

/// A word that is in none of the further lists.
pub(super) fn check(model: &Model<'_>) -> Vec<Finding> {
    let wrong = |line: &'static str| {
        let (flag, words) = line.split_once(' ')?;
        unknown(&model.arg(flag)?, flag, words)
    };
    CLOSED.lines().filter_map(wrong).collect()
}

fn unknown(arg: &Arg<'_>, flag: &str, words: &'static str) -> Option<Finding> {
    let value = arg.value;
    let known = |word: &str| word == value;
    if value.is_empty() || value.contains("$(") || words.split(' ').any(known) {
        return None;
    }
    let listed = words.replace(' ', ", ");
    let finding = say(&arg.path, arg.holder, format!("{flag}={value}"), &listed);
    let near = meant(flag, value).or_else(|| nearest(value, words.split(' ')));
    Some(match near {
        // `vllm-value` has said so by its own list.
        Some(_) if matches!(flag, "--scheduling-policy" | "--uvicorn-log-level") => return None,
        Some(near) => {
            let old = arg.holder.as_str().unwrap_or("");
            let new = format!("{}{near}", old.strip_suffix(value).unwrap_or(""));
            finding.quotes(arg.holder.place, &new)
        }
        None => finding.fix(format!("write one of {listed}")),
    })
}

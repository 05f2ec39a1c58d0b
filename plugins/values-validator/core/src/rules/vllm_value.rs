//! Values of `vllm serve`'s arguments: words of a closed list, JSON that parses, each flag once, and a parser
//! of tool calls with the flag that turns it on.

#[cfg(feature = "full")]
mod alone;
#[cfg(feature = "full")]
mod checkpoint;
#[cfg(feature = "full")]
mod choices;
#[cfg(feature = "full")]
mod context;
#[cfg(feature = "full")]
mod further;
#[cfg(feature = "full")]
mod least;
#[cfg(feature = "full")]
mod objects;
#[cfg(feature = "full")]
mod unused;

use super::Rule;
use super::look::{Model, models};
use crate::close::ends;
use crate::embedded::Text;
use crate::shape::{bare, paired};
use crate::{Finding, Findings, Node, Severity, Values};

/// `models[].deploy.args[]` and their values.
pub const RULE: Rule = Rule {
    code: "vllm-value",
    severity: Severity::Error,
    title: text!("An argument's value that vLLM does not take"),
    check,
};

const WORDS: Text = text!(
    "--quantization awq awq_marlin fp8 ptpc_fp8 fbgemm_fp8 fp_quant modelopt modelopt_fp4 modelopt_mxfp8 bitblas gguf gptq gptq_marlin gptq_marlin_24 gptq_bitblas compressed-tensors bitsandbytes hqq experts_int8 tpu_int8 ipex quark moe_wna16 torchao auto-round rtn inc mxfp4 petit_nvfp4\n--kv-cache-dtype auto bfloat16 float16 fp8 fp8_e4m3 fp8_e5m2 fp8_inc fp8_ds_mla\n--tool-call-parser deepseek_v3 deepseek_v31 deepseek_v32 ernie45 functiongemma gigachat3 glm45 glm47 granite granite-20b-fc hermes hunyuan_a13b internlm jamba kimi_k2 llama3_json llama4_json llama4_pythonic longcat minimax minimax_m2 mistral olmo3 openai phi4_mini_json pythonic qwen3_coder qwen3_xml seed_oss step3 step3p5 xlam\n--reasoning-parser deepseek_r1 deepseek_v3 ernie45 glm45 granite holo2 hunyuan_a13b kimi_k2 minimax_m2 minimax_m2_append_think mistral nemotron_v3 olmo3 openai_gptoss qwen3 seed_oss step3 step3p5\n--load-format auto pt safetensors npcache dummy tensorizer runai_streamer runai_streamer_sharded bitsandbytes sharded_state gguf mistral fastsafetensors\n--distributed-executor-backend ray mp uni external_launcher\n--scheduling-policy fcfs priority\n--tokenizer-mode auto slow mistral custom hf deepseek_v32\n--max-lora-rank 1 8 16 32 64 128 256 320 512\n--uvicorn-log-level debug info warning error critical trace"
);
const FOREIGN: Text = text!(
    "bnb=bitsandbytes bf16=bfloat16 fp16=float16 e4m3=fp8_e4m3 e5m2=fp8_e5m2 fp8e4m3fn=fp8_e4m3 llama3=llama3_json llama3.1=llama3_json llama4=llama4_pythonic qwen3=hermes qwen2.5=hermes gptoss=openai gptoss=openai_gptoss harmony=openai deepseekr1=deepseek_r1 multiprocessing=mp safetensor=safetensors warn=warning fifo=fcfs"
);
const ENDS: Text = text!("vLLM does not take it and ends at its start, again and again.");

/// Arguments that vLLM refuses without another one: its `validate_parsed_serve_args` and `ParallelConfig`.
const NEEDS: Text = text!(
    "--enable-auto-tool-choice --tool-call-parser=<parser of the model>, such as hermes for Qwen or llama3_json for Llama\n--enable-eplb --enable-expert-parallel\n--lora-modules --enable-lora"
);

fn say(path: &str, node: &Node, found: String, expected: &str) -> Finding {
    RULE.says(path.to_owned(), node.place, found, expected, ENDS)
}

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    objects::roles(values, findings);
    for model in models(values) {
        #[cfg(feature = "full")]
        {
            alone::check(&model, findings);
            checkpoint::check(&model, findings);
            unused::check(&model, findings);
            further::check(&model, findings);
            least::check(&model, findings);
            findings.0.extend(choices::check(&model));
            findings.0.extend(context::check(&model));
            findings.0.extend(objects::check(&model));
        }
        for line in WORDS.as_str().lines() {
            if let Some((flag, words)) = line.split_once(' ') {
                findings.0.extend(word(&model, flag, words));
            }
        }
        let args = (model.deploy)
            .and_then(|deploy| deploy.child("args"))
            .map_or(&[][..], Node::items);
        let mut seen: Vec<(String, &Node)> = Vec::new();
        for (at, node) in args.iter().enumerate() {
            let path = format!("{}[{at}]", model.deploy_path("args"));
            let Some(text) = node.as_str() else { continue };
            findings.0.extend(json(&path, node, text));
            let flag = text.split('=').next().unwrap_or(text).replace('_', "-");
            if !flag.starts_with("--") || flag == "--middleware" {
                continue;
            }
            if let Some((_, first)) = seen.iter().find(|(other, _)| *other == flag) {
                findings.push(again(&path, node, text, &flag, first));
            }
            seen.push((flag, node));
        }
        if let Some(arg) = model.arg("--tool-call-parser")
            && model.arg("--enable-auto-tool-choice").is_none()
        {
            let finding = say(
                &arg.path,
                arg.node,
                text!("a parser of tool calls, without --enable-auto-tool-choice").into(),
                "both",
            )
            .why(text!(
                "vLLM does not parse tool calls: a request with tool_choice auto is refused."
            ))
            .fix(text!("add the argument --enable-auto-tool-choice"))
            .as_warning();
            findings.push(finding);
        }
        let number = |flag: &str| {
            let arg = model.arg(flag)?;
            Some((arg.value.parse::<u64>().ok()?, arg))
        };
        if let (Some((tokens, arg)), Some((requests, _))) =
            (number("--max-num-batched-tokens"), number("--max-num-seqs"))
            && tokens < requests
        {
            let found = format!("{tokens} tokens a step for {requests} requests");
            findings.push(
                say(
                    &arg.path,
                    arg.node,
                    found,
                    text!("at least a token for each request").as_str(),
                )
                .fix(text!("write 8192, or lower --max-num-seqs")),
            );
        }
        for line in NEEDS.as_str().lines() {
            if let Some((flag, needed)) = line.split_once(' ')
                && let Some(arg) = model.arg(flag)
                && model
                    .arg(needed.split(['=', ' ']).next().unwrap_or(needed))
                    .is_none()
            {
                findings.push(
                    say(
                        &arg.path,
                        arg.node,
                        format!("{flag} without its other argument"),
                        "both",
                    )
                    .why(text!(
                        "vLLM refuses one without the other and ends at its start."
                    ))
                    .fix(format!("add the argument {needed}")),
                );
            }
        }
    }
}

/// A value that is not in the list of its flag, and one of the list in another form.
fn word(model: &Model<'_>, flag: &str, words: &'static str) -> Option<Finding> {
    let arg = model.arg(flag)?;
    let value = arg.value;
    if value.is_empty() || value.contains("$(") || words.split(' ').any(|word| word == value) {
        return None;
    }
    let wanted = bare(value);
    let near = |word: &&str| {
        let word = bare(word);
        let mut pairs = word.chars().zip(wanted.chars());
        let numbers = |(a, b): (char, char)| a != b && a.is_ascii_digit() && b.is_ascii_digit();
        word == wanted
            || wanted.len() > 4
                && strsim::damerau_levenshtein(&word, &wanted) == 1
                && !pairs.any(numbers)
    };
    let above = |word: &&str| {
        let numbers = word.parse::<u32>().ok().zip(value.parse().ok());
        numbers.is_some_and(|(word, value): (u32, u32)| word > value)
    };
    let meant = paired(FOREIGN, value, words)
        .or_else(|| words.split(' ').find(near))
        .or_else(|| words.split(' ').find(above));
    #[cfg(feature = "full")]
    let meant = meant.or_else(|| choices::meant(flag, value));
    let meant = meant?;
    let old = arg.holder.as_str().unwrap_or("");
    let new = format!("{}{meant}", old.strip_suffix(value).unwrap_or(""));
    let found = format!("{flag}={value}");
    Some(
        say(&arg.path, arg.holder, found, &words.replace(' ', ", ")).writes(arg.holder.place, &new),
    )
}

/// JSON of an argument that does not parse.
fn json(path: &str, node: &Node, text: &str) -> Option<Finding> {
    let value = match text.split_once('=') {
        Some((name, value)) if name.starts_with("--") => value,
        _ => text,
    };
    if !value.starts_with('{') {
        return None;
    }
    let new = match ends(value, "\"") {
        Some(ends) if ends.is_empty() => return None,
        Some(ends) => Some(format!("{text}{ends}")),
        None => {
            let whole = |new: &String| ends(new, "\"").is_some_and(|ends| ends.is_empty());
            Some(text.replace('\'', "\"")).filter(|new| !text.contains('"') && whole(new))
        }
    };
    let finding = say(
        path,
        node,
        text!("JSON that does not parse").into(),
        "JSON: each { and [ closed, texts in double quotes",
    );
    Some(match new {
        None => finding.fix(text!("close what is open, and open what is closed")),
        Some(new) => finding
            .fix_write(&new)
            .replace(node.place, format!("'{new}'")),
    })
}

/// A flag that an argument before has.
fn again(path: &str, node: &Node, text: &str, flag: &str, first: &Node) -> Finding {
    let found = format!("{flag} a second time");
    let finding = say(path, node, found, "each flag once")
        .why(text!("vLLM takes the last one alone."))
        .related(first.place, "the first one")
        .as_warning();
    if first.as_str() == Some(text) && text.contains('=') {
        finding.fix("remove it").remove(node)
    } else {
        finding.fix(format!(
            "leave the right one: {}, or {text}",
            first.as_str().unwrap_or("")
        ))
    }
}

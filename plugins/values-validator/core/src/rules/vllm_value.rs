//! Values of `vllm serve`'s arguments: words of a closed list, JSON that parses, each flag once, and a parser
//! of tool calls with the flag that turns it on.

use super::Rule;
use super::look::models;
use crate::embedded::Text;
use crate::{Finding, Findings, Node, Severity, Values};

/// `models[].deploy.args[]` and their values.
pub const RULE: Rule = Rule {
    code: "vllm-value",
    severity: Severity::Error,
    title: text!("An argument's value that vLLM does not take"),
    check,
};

const WORDS: Text = text!(
    "--quantization awq awq_marlin fp8 ptpc_fp8 fbgemm_fp8 fp_quant modelopt modelopt_fp4 modelopt_mxfp8 bitblas gguf gptq gptq_marlin gptq_marlin_24 gptq_bitblas compressed-tensors bitsandbytes hqq experts_int8 tpu_int8 ipex quark moe_wna16 torchao auto-round rtn inc mxfp4 petit_nvfp4\n--kv-cache-dtype auto bfloat16 float16 fp8 fp8_e4m3 fp8_e5m2 fp8_inc fp8_ds_mla\n--tool-call-parser deepseek_v3 deepseek_v31 deepseek_v32 ernie45 functiongemma gigachat3 glm45 glm47 granite granite-20b-fc hermes hunyuan_a13b internlm jamba kimi_k2 llama3_json llama4_json llama4_pythonic longcat minimax minimax_m2 mistral olmo3 openai phi4_mini_json pythonic qwen3_coder qwen3_xml seed_oss step3 step3p5 xlam\n--reasoning-parser deepseek_r1 deepseek_v3 ernie45 glm45 granite holo2 hunyuan_a13b kimi_k2 minimax_m2 minimax_m2_append_think mistral nemotron_v3 olmo3 openai_gptoss qwen3 seed_oss step3 step3p5\n--load-format auto pt safetensors npcache dummy tensorizer runai_streamer runai_streamer_sharded bitsandbytes sharded_state gguf mistral fastsafetensors\n--distributed-executor-backend ray mp uni external_launcher\n--scheduling-policy fcfs priority\n--tokenizer-mode auto slow mistral custom hf deepseek_v32\n--uvicorn-log-level debug info warning error critical trace"
);
const FOREIGN: Text = text!(
    "bnb=bitsandbytes bf16=bfloat16 fp16=float16 e4m3=fp8_e4m3 e5m2=fp8_e5m2 fp8e4m3fn=fp8_e4m3 llama3=llama3_json llama3.1=llama3_json llama4=llama4_pythonic qwen3=hermes qwen2.5=hermes gptoss=openai gptoss=openai_gptoss harmony=openai deepseekr1=deepseek_r1 multiprocessing=mp safetensor=safetensors warn=warning fifo=fcfs"
);
const ENDS: Text = text!("vLLM does not take it and ends at its start, again and again.");

/// Letters and digits alone, small: `fp-8` is `fp8`.
fn bare(word: &str) -> String {
    let word = word.chars().filter(char::is_ascii_alphanumeric);
    word.collect::<String>().to_ascii_lowercase()
}

/// What JSON lacks at its end; none where it is whole, an error where it closes what is not open.
fn open(text: &str) -> Result<String, ()> {
    let (mut ends, mut inside, mut escaped) = (String::new(), false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            _ if inside => {}
            '{' => ends.insert(0, '}'),
            '[' => ends.insert(0, ']'),
            '}' | ']' if ends.starts_with(c) => {
                ends.remove(0);
            }
            '}' | ']' | '\'' => return Err(()),
            _ => {}
        }
    }
    if inside {
        ends.insert(0, '"');
    }
    Ok(ends)
}

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let say = |path: &str, node: &Node, found: String, expected: &str| -> Finding {
            RULE.at(path, &node.place)
                .found(found)
                .expected(expected)
                .why(ENDS)
        };
        for line in WORDS.lines() {
            let Some((flag, words)) = line.split_once(' ') else {
                continue;
            };
            let Some(arg) = model.arg(flag) else { continue };
            let value = arg.value;
            if value.is_empty()
                || value.contains("$(")
                || words.split(' ').any(|word| word == value)
            {
                continue;
            }
            let wanted = bare(value);
            let foreign = FOREIGN.as_str().split(' ').find_map(|pair| {
                let (other, ours) = pair.split_once('=')?;
                (bare(other) == wanted && words.split(' ').any(|word| word == ours)).then_some(ours)
            });
            let near = |word: &&str| {
                bare(word) == wanted
                    || wanted.len() > 4
                        && strsim::damerau_levenshtein(&bare(word), &wanted) == 1
                        && !bare(word)
                            .chars()
                            .zip(wanted.chars())
                            .any(|(a, b)| a != b && a.is_ascii_digit() && b.is_ascii_digit())
            };
            if let Some(meant) = foreign.or_else(|| words.split(' ').find(near)) {
                let old = arg.holder.as_str().unwrap_or("");
                let new = format!("{}{meant}", old.strip_suffix(value).unwrap_or(""));
                findings.push(
                    say(
                        &arg.path,
                        arg.holder,
                        format!("{flag}={value}"),
                        &words.replace(' ', ", "),
                    )
                    .fix(format!("write {new}"))
                    .replace(arg.holder.place, new),
                );
            }
        }
        let args = model
            .deploy
            .and_then(|deploy| deploy.child("args"))
            .map_or(&[][..], Node::items);
        let mut seen: Vec<(String, &Node)> = Vec::new();
        for (at, node) in args.iter().enumerate() {
            let path = format!("{}[{at}]", model.deploy_path("args"));
            let Some(text) = node.as_str() else { continue };
            let (name, value) = text.split_once('=').unwrap_or(("", text));
            let (name, value) = if text.starts_with('{') {
                ("", text)
            } else {
                (name, value)
            };
            if value.starts_with('{')
                && (name.is_empty() && text.starts_with('{') || name.starts_with("--"))
            {
                let ends = open(value);
                let quoted = value.replace('\'', "\"");
                let new = match ends {
                    Ok(ends) if ends.is_empty() => None,
                    Ok(ends) => Some(format!("{text}{ends}")),
                    Err(())
                        if !value.contains('"')
                            && open(&quoted).is_ok_and(|ends| ends.is_empty()) =>
                    {
                        Some(text.replace('\'', "\""))
                    }
                    Err(()) => Some(String::new()),
                };
                if let Some(new) = new {
                    let finding = say(
                        &path,
                        node,
                        text!("JSON that does not parse").to_string(),
                        "JSON: each { and [ closed, texts in double quotes",
                    );
                    findings.push(if new.is_empty() {
                        finding.fix(text!("close what is open, and open what is closed"))
                    } else {
                        finding
                            .fix(format!("write {new}"))
                            .replace(node.place, format!("'{new}'"))
                    });
                }
            }
            let flag = text.split('=').next().unwrap_or(text).replace('_', "-");
            if !flag.starts_with("--") || flag == "--middleware" {
                continue;
            }
            if let Some((_, first)) = seen.iter().find(|(other, _)| *other == flag) {
                let mut finding = say(
                    &path,
                    node,
                    format!("{flag} a second time"),
                    "each flag once",
                )
                .why(text!("vLLM takes the last one alone."))
                .related(first.place, "the first one");
                finding.severity = Severity::Warning;
                findings.push(if first.as_str() == Some(text) && text.contains('=') {
                    finding.fix("remove it").remove(node)
                } else {
                    finding.fix(format!(
                        "leave the right one: {}, or {text}",
                        first.as_str().unwrap_or("")
                    ))
                });
            }
            seen.push((flag, node));
        }
        if let Some(arg) = model.arg("--tool-call-parser")
            && model.arg("--enable-auto-tool-choice").is_none()
        {
            let mut finding = say(
                &arg.path,
                arg.node,
                text!("a parser of tool calls, without --enable-auto-tool-choice").to_string(),
                "both",
            )
            .why(text!(
                "vLLM does not parse tool calls: a request with tool_choice auto is refused."
            ))
            .fix(text!("add the argument --enable-auto-tool-choice"));
            finding.severity = Severity::Warning;
            findings.push(finding);
        }
    }
}

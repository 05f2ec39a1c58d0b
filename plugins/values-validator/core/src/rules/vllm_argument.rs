//! `deploy.args` are the arguments of `vllm serve`, one item each: `--flag=value`, or `--flag` and
//! `value`. A blank inside an item is no shell's: vLLM sees one unknown argument and ends at its start. So it
//! does for a flag that it does not know.

#[cfg(feature = "full")]
mod dtype;
#[cfg(feature = "full")]
mod gone;

#[cfg(feature = "full")]
pub(super) use gone::runs;

use super::Rule;
use super::look::models;
use crate::embedded::Text;
use crate::finding::in_quotes;
use crate::shape::nearest;
use crate::{Findings, Node, Severity, Values, embedded};

/// `models[].deploy.args` as vLLM reads them.
pub const RULE: Rule = Rule {
    code: "vllm-argument",
    severity: Severity::Error,
    title: text!("An argument that vLLM does not know"),
    check,
};

const ENDS: Text = text!("vLLM does not know it and ends at its start, again and again.");
/// Arguments with one dash.
const SHORT: [&str; 12] = [
    "-tp", "-pp", "-dp", "-dpn", "-dpr", "-dpl", "-dpa", "-dpp", "-dpb", "-ep", "-asc", "-cc",
];
/// What other servers call it.
const FOREIGN: [(&str, &str); 14] = [
    ("--tp", "--tensor-parallel-size"),
    ("--tp-size", "--tensor-parallel-size"),
    ("--max-context-length", "--max-model-len"),
    ("--context-length", "--max-model-len"),
    ("--max-seq-len", "--max-model-len"),
    ("--max-total-tokens", "--max-num-batched-tokens"),
    ("--max-batch-size", "--max-num-seqs"),
    ("--max-running-requests", "--max-num-seqs"),
    ("--mem-fraction-static", "--gpu-memory-utilization"),
    ("--gpu-memory", "--gpu-memory-utilization"),
    ("--num-gpus", "--tensor-parallel-size"),
    ("--tokenizer-path", "--tokenizer"),
    ("--model-path", "--model"),
    ("--enable-lora-adapters", "--enable-lora"),
];

/// Flags of vLLM's first engine, gone with it in 0.11, and what to do.
const GONE: [(&str, &str); 6] = [
    (
        "--num-scheduler-steps",
        "remove it: the engine schedules asynchronously by itself",
    ),
    (
        "--num-lookahead-slots",
        "write --speculative-config={\"num_speculative_tokens\": …}",
    ),
    (
        "--speculative-model",
        "write --speculative-config={\"model\": …}",
    ),
    ("--use-v2-block-manager", "remove it: there is only one"),
    (
        "--worker-use-ray",
        "write --distributed-executor-backend=ray",
    ),
    (
        "--disable-log-requests",
        "remove it: requests are not logged unless --enable-log-requests says so",
    ),
];

/// Flags that take a number, some with k, M or G behind it.
const NUMBERS: Text = text!(
    "--block-size --cpu-offload-gb --gpu-memory-utilization --max-cpu-loras --max-log-len --max-logprobs --max-lora-rank --max-loras --max-model-len --max-num-batched-tokens --max-num-seqs --max-parallel-loading-workers --max-seq-len-to-capture --num-gpu-blocks-override --seed --swap-space --tensor-parallel-size --pipeline-parallel-size --data-parallel-size"
);

/// Whether vLLM reads a text as a number: 4096, 0.9, 32k, 1.5M, and `auto`, which some take.
fn number(text: &str) -> bool {
    let bare = text
        .trim_end_matches('i')
        .trim_end_matches(|c: char| "kKmMgGtT".contains(c));
    text == "auto" || text.contains("$(") || crate::units::float(bare).is_some()
}

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let Some(args) = model.deploy.and_then(|deploy| deploy.child("args")) else {
            continue;
        };
        for (at, node) in args.items().iter().enumerate() {
            let Some(text) = node.as_str() else { continue };
            let path = format!("{}[{at}]", model.deploy_path("args"));
            if at == 0 && matches!(text, "serve" | "vllm")
                || text == "--model"
                || text.starts_with("--model=")
            {
                let mut finding = RULE.finds(path, &node.place, format!("{text}, which the chart writes itself"), text!("further arguments of vllm serve"), text!("vLLM gets it twice: it ends at its start, or serves another model than `model` says."))
                    .fix(text!("remove it, and name the model in deploy.model"));
                if text.starts_with("--") {
                    finding.severity = Severity::Warning;
                }
                findings.push(finding);
                continue;
            }
            #[cfg(feature = "full")]
            if let Some(finding) = dtype::check(&model, &path) {
                findings.push(finding);
                continue;
            }
            #[cfg(feature = "full")]
            if let Some(known) = gone::check(&model, &path, at, node, text) {
                findings.0.extend(known);
                continue;
            }
            one(path, node, text, findings);
        }
    }
}

fn one(path: String, node: &Node, text: &str, findings: &mut Findings) {
    let finding = |found: String, expected: &str| {
        RULE.at(path.clone(), &node.place)
            .found(found)
            .expected(expected)
            .why(ENDS)
    };
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    // As word processors write them.
    let odd = |c: char| ('\u{2013}'..='\u{201d}').contains(&c);
    if text.chars().any(odd) && !text.contains(' ') {
        let mut new: String = text.chars().filter(|c| !odd(*c)).collect();
        if text.starts_with('\u{2013}') || text.starts_with('\u{2014}') {
            new.insert_str(0, "--");
        }
        findings.push(
            finding(
                in_quotes(text),
                text!("quotes and dashes of the keyboard, not a word processor's").as_str(),
            )
            .quotes(node.place, &new),
        );
        return;
    }
    let trimmed = text.trim();
    if let Some((bare, _)) = trimmed.split_once('=')
        && embedded::flags()
            .lines()
            .any(|flag| flag.strip_prefix("--") == Some(bare))
    {
        findings.push(
            finding(format!("{bare}, without its dashes"), "two dashes")
                .fix(format!("write --{trimmed}"))
                .replace(node.place, format!("\"--{trimmed}\"")),
        );
        return;
    }
    if !trimmed.starts_with('-') || crate::units::float(trimmed).is_some() {
        return;
    }
    if trimmed != text {
        findings.push(
            finding(
                format!("{text:?}, with a blank at its end"),
                "the argument alone",
            )
            .quotes(node.place, trimmed),
        );
        return;
    }
    if name.contains(char::is_whitespace) {
        let parts: Vec<&str> = text.split_whitespace().collect();
        let shown = match parts[..] {
            [flag, "=", value] => format!("{flag}={value}"),
            [flag, value] if !value.starts_with("--") => {
                format!("{flag}={}", value.trim_matches(|c| c == '"' || c == '\''))
            }
            _ => parts.join(", "),
        };
        let finding = finding(
            format!("{text:?} in one item"),
            text!("one argument in each item: --flag=value").as_str(),
        );
        findings.push(match parts[..] {
            [_, "=", value] | [_, value] if !value.starts_with("--") => {
                finding.quotes(node.place, &shown)
            }
            _ => finding.fix(format!("write each as an item of its own: [{shown}]")),
        });
        return;
    }
    if let Some(quoted) = value.filter(|v| {
        v.len() > 1
            && (v.starts_with('"') && v.ends_with('"') || v.starts_with('\'') && v.ends_with('\''))
    }) {
        let new = format!("{name}={}", &quoted[1..quoted.len() - 1]);
        findings.push(
            finding(
                format!("{text:?}, with quotes inside"),
                text!("the value without quotes: no shell takes them away").as_str(),
            )
            .why(text!("vLLM takes the quotes as a part of the value."))
            .fix_write(&new),
        );
        return;
    }
    if !name.starts_with("--") {
        // `-cc.mode=3` is a part of the configuration behind -cc.
        let short = SHORT.contains(&name)
            || name.len() == 2
            || name.starts_with("-O")
            || name.contains('.');
        if !short {
            findings.push(
                finding(format!("{name}, with one dash"), "two dashes")
                    .fix(format!("write -{text}"))
                    .replace(node.place, format!("-{text}")),
            );
        }
        return;
    }
    let plain = name.replace('_', "-").to_ascii_lowercase();
    let bare = plain.split('.').next().unwrap_or(&plain);
    let known = embedded::flags();
    let positive = bare.strip_prefix("--no-").map(|rest| format!("--{rest}"));
    let exact = |flag: &str| known.lines().any(|line| line == flag);
    const BARE: Text = text!(
        "--enable-auto-tool-choice --enforce-eager --trust-remote-code --enable-lora --enable-expert-parallel --enable-prefix-caching --enable-chunked-prefill --disable-log-requests --enable-log-requests --disable-log-stats --async-scheduling"
    );
    if let Some(value @ ("true" | "True" | "false" | "False")) =
        value.filter(|_| BARE.split(' ').any(|flag| flag == bare))
    {
        let new = if value.eq_ignore_ascii_case("true") {
            name.to_owned()
        } else {
            name.replacen("--", "--no-", 1)
        };
        findings.push(
            finding(
                text.to_owned(),
                text!("the flag alone: it takes no value").as_str(),
            )
            .writes(node.place, &new),
        );
        return;
    }
    if let Some(value) =
        value.filter(|value| NUMBERS.split(' ').any(|f| f == bare) && !number(value))
    {
        let groups: Vec<&str> = value.split([',', '_']).collect();
        let thousands = groups.len() > 1 && groups[1..].iter().all(|group| group.len() == 3);
        // As a shell writes a variable.
        let shell = value.contains("${");
        let digits: String = if shell {
            value.replace("${", "$(").replace('}', ")")
        } else if thousands {
            groups.concat()
        } else {
            let part = |c: &char| c.is_ascii_digit() || ".kKmMgG".contains(*c);
            value.chars().take_while(part).collect()
        };
        let finding =
            finding(format!("{name}={value}"), "a number").fix(format!("write {name}={digits}"));
        findings.push(if (thousands || shell) && number(&digits) {
            finding.replace(node.place, format!("\"{name}={digits}\""))
        } else {
            finding
        });
        return;
    }
    if let Some(value) = value.filter(|value| {
        NUMBERS.split(' ').any(|f| f == bare)
            && !matches!(
                bare,
                "--seed" | "--max-logprobs" | "--max-log-len" | "--max-model-len"
            )
            && crate::units::float(value).is_some_and(|n| n < 0.0)
    }) {
        findings.push(
            finding(format!("{name}={value}"), "a number above 0")
                .why(text!(
                    "vLLM refuses it and ends at its start, again and again."
                ))
                .fix(format!("write {name}{}", value.replacen('-', "=", 1)))
                .replace(node.place, format!("{name}{}", value.replacen('-', "=", 1))),
        );
        return;
    }
    if let Some((_, instead)) = GONE.iter().find(|(gone, _)| *gone == bare) {
        findings.push(
            finding(
                format!("the flag {name}, which vLLM has no more"),
                "a flag of vllm serve",
            )
            .fix(*instead),
        );
        return;
    }
    let words = match bare {
        "--dtype" => text!("auto bfloat16 float float16 float32 half").as_str(),
        _ => "",
    };
    if let Some(value) = value.filter(|v| !words.is_empty() && !words.split(' ').any(|w| w == *v))
        && !value.contains("$(")
    {
        let meant = match value {
            "fp16" => "float16",
            "bf16" => "bfloat16",
            "fp32" => "float32",
            _ => "auto",
        };
        let new = format!("{name}={meant}");
        findings.push(
            finding(format!("{name}={value}"), &words.replace(' ', ", ")).writes(node.place, &new),
        );
        return;
    }
    if exact(bare) || positive.as_deref().is_some_and(exact) {
        return;
    }
    let meant = FOREIGN
        .iter()
        .find(|(other, _)| *other == bare)
        .map(|(_, ours)| *ours)
        .or_else(|| nearest(bare, known.lines()));
    if let Some(meant) = meant {
        let finding = finding(format!("the flag {name}"), "a flag of vllm serve").as_warning();
        let new = value.map_or_else(|| meant.to_owned(), |value| format!("{meant}={value}"));
        findings.push(finding.fix(format!("did you mean {meant}?")).replace(
            node.place,
            if value.is_some_and(|v| v.contains(['{', '"', ':', '#'])) {
                in_quotes(&new)
            } else {
                new
            },
        ));
    }
}

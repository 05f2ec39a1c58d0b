//! Arguments that take JSON: text that is none, and keys and words of the two that people write by hand.

mod keys;
mod roles;

use super::further::quoted;
use super::{json, say};
use crate::finding::in_quotes;
use crate::node::{Node, Value};
use crate::rules::look::{Arg, Model};
use crate::set::read_json;
use crate::{Finding, Findings, Source, yaml};

pub(super) use roles::check as roles;

const FLAGS: &str = "--speculative-config --kv-transfer-config --kv-events-config --ec-transfer-config --hf-overrides --compilation-config --limit-mm-per-prompt --mm-processor-kwargs --media-io-kwargs --override-generation-config --override-pooler-config --pooler-config --model-loader-extra-config --additional-config --structured-outputs-config --eplb-config --profiler-config --attention-config --default-chat-template-kwargs --rope-scaling --weight-transfer-config";

/// What vLLM cannot read, or what it reads and does not take.
pub(super) fn check(model: &Model<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for flag in FLAGS.split(' ') {
        let Some(arg) = model.arg(flag) else { continue };
        let old = arg.holder.as_str().unwrap_or("");
        if arg.value.contains("$(")
            || json(&arg.path, arg.holder, old).is_some()
            || quoted(old).is_some()
        {
            continue;
        }
        match read_json(arg.value) {
            Some(object) => found.extend(keys::check(&arg, flag, &object)),
            None => found.extend(unread(&arg, flag)),
        }
    }
    found
}

/// A text that is no JSON.
fn unread(arg: &Arg<'_>, flag: &str) -> Option<Finding> {
    let value = arg.value;
    // A level alone, and what vLLM takes for nothing given.
    let level = flag == "--compilation-config" && value.parse::<u32>().is_ok();
    if level || matches!(value, "" | "None" | "none") {
        return None;
    }
    let finding = say(
        &arg.path,
        arg.holder,
        format!("{flag} with a text that is no JSON"),
        "JSON: names and texts in double quotes, a colon behind each name",
    );
    Some(match meant(value) {
        Some(new) => written(finding, arg, &new),
        None => finding.fix(format!(
            "write an object: {flag}={{\"name\": value}}, with the names and texts in double quotes"
        )),
    })
}

/// The same as JSON, where it can be read as YAML or as a list of pairs.
fn meant(value: &str) -> Option<String> {
    if !value.starts_with('{') {
        let pair = |pair: &str| {
            let (name, count) = pair.split_once(['=', ':'])?;
            let count: u32 = count.trim().parse().ok()?;
            Some(format!("{}: {count}", in_quotes(name.trim())))
        };
        let pairs: Option<Vec<String>> = value.split(',').map(pair).collect();
        return Some(format!("{{{}}}", pairs?.join(", ")));
    }
    let spaced = value.replace(':', ": ").replace(":  ", ": ");
    // Without the blank behind a colon YAML has no map there; within a text it may not be added.
    [value, &spaced].iter().find_map(|text| {
        let source = Source::new("argument", format!("value: {text}"));
        let map = yaml::read(&source, 0, &mut Findings::default())?;
        let mut out = String::new();
        write(map.get("value")?, &mut out).then_some(out)
    })
}

/// Writes a value as JSON; false where a name has no value, so that it was not meant.
fn write(node: &Node, out: &mut String) -> bool {
    match &node.value {
        Value::Null => return false,
        Value::Bool(on) => out.push_str(if *on { "true" } else { "false" }),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Float(number) => out.push_str(&vllm_catalog::number::Shown(*number).to_string()),
        Value::Text(text) if text == "None" => out.push_str("null"),
        Value::Text(text) => out.push_str(&in_quotes(text)),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                if !write(item, out) {
                    return false;
                }
            }
            out.push(']');
        }
        Value::Map(_) => {
            out.push('{');
            for (at, (name, child)) in node.entries().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                out.push_str(&in_quotes(name));
                out.push_str(": ");
                if !write(child, out) {
                    return false;
                }
            }
            out.push('}');
        }
    }
    true
}

/// The argument with another value, as text and as the edit.
fn written(finding: Finding, arg: &Arg<'_>, value: &str) -> Finding {
    let old = arg.holder.as_str().unwrap_or("");
    let new = format!("{}{value}", old.strip_suffix(arg.value).unwrap_or(""));
    let quoted = if new.contains('\'') {
        in_quotes(&new)
    } else {
        format!("'{new}'")
    };
    finding.fix_write(&new).replace(arg.holder.place, quoted)
}

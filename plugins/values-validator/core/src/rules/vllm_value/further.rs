//! Values that vLLM refuses although they are like others: JSON without quotes, a batch that holds no whole prompt.

use super::RULE;
use crate::rules::concurrency::integer;
use crate::rules::look::Model;
use crate::{Finding, Findings, Node};

const ENDS: &str = "vLLM does not take it and ends at its start, again and again.";

pub(super) fn check(model: &Model<'_>, findings: &mut Findings) {
    batch(model, findings);
    let args = model.deploy.and_then(|deploy| deploy.child("args"));
    for (at, node) in args.map_or(&[][..], Node::items).iter().enumerate() {
        let Some(text) = node.as_str() else { continue };
        let Some(new) = quoted(text) else { continue };
        let path = format!("{}[{at}]", model.deploy_path("args"));
        findings.push(
            say(
                &path,
                node,
                "JSON whose keys and texts have no quotes".to_owned(),
                "JSON: keys and texts in double quotes",
            )
            .fix(format!("write {new}"))
            .replace(node.place, format!("'{new}'")),
        );
    }
}

fn say(path: &str, node: &Node, found: String, expected: &str) -> Finding {
    RULE.at(path, &node.place)
        .found(found)
        .expected(expected)
        .why(ENDS)
}

/// Without parts of prompts a step takes a whole one.
fn batch(model: &Model<'_>, findings: &mut Findings) {
    let off = model.arg("--no-enable-chunked-prefill").or_else(|| {
        let arg = model.arg("--enable-chunked-prefill")?;
        matches!(arg.value, "false" | "False").then_some(arg)
    });
    let (Some(off), Some(tokens), Some(longest)) = (
        off,
        model.arg("--max-num-batched-tokens"),
        model.arg("--max-model-len"),
    ) else {
        return;
    };
    let [Some(batch), Some(most)] = [tokens.value, longest.value].map(integer) else {
        return;
    };
    if batch < most {
        findings.push(
            say(
                &tokens.path,
                tokens.holder,
                format!("{batch} tokens a step, prompts of {most}, and no chunked prefill"),
                "at least --max-model-len without chunked prefill",
            )
            .fix(format!(
                "remove {}, or write --max-num-batched-tokens={most}",
                off.node.as_str().unwrap_or("--no-enable-chunked-prefill")
            ))
            .related(longest.node.place, "the longest prompt"),
        );
    }
}

/// The JSON of `--flag={method: ngram}` with quotes; none of what has some, or is none.
pub(super) fn quoted(text: &str) -> Option<String> {
    let (flag, value) = match text.split_once('=') {
        Some((flag, value)) if flag.starts_with("--") => (format!("{flag}="), value),
        _ => (String::new(), text),
    };
    let inner = value.strip_prefix('{')?.strip_suffix('}')?;
    if !inner.contains(':') || inner.contains(['"', '\'', '{', '}', '[', ']', '$']) {
        return None;
    }
    let mut parts = Vec::new();
    for pair in inner.split(',') {
        let (key, value) = pair.split_once(':')?;
        let (key, value) = (key.trim(), value.trim());
        let plain =
            matches!(value, "true" | "false" | "null") || crate::units::float(value).is_some();
        let value = if plain {
            value.to_owned()
        } else {
            format!("\"{value}\"")
        };
        parts.push(format!("\"{key}\": {value}"));
    }
    Some(format!("{flag}{{{}}}", parts.join(", ")))
}

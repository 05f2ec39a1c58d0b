//! What an expression matches, where it is one: no key by the form of a list or a shell's pattern, none below the
//! one that is named, or prompts and answers beside what was meant.

use super::RULE;
use crate::node::Node;
use crate::{Findings, re2};

/// Names of maps and lists, whose values have keys below them.
const BELOW: &str = "metadata tags labels attributes baggage";

/// Names below which the conventions have their keys: no attribute is named so alone.
const SPACES: &str =
    "gen_ai http llm k8s enduser traceloop openinference db rpc messaging cloud telemetry otel";

/// What users ask and are answered, and what they log in with.
const CONTENT: [&str; 9] = [
    "gen_ai.prompt.0.content",
    "gen_ai.completion.0.content",
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "http.request.body",
    "http.request.header.authorization",
    "llm.prompts.0",
    "traceloop.entity.input",
];

/// Words with which an expression names content itself.
const NAMED: [&str; 12] = [
    "prompt",
    "completion",
    "message",
    "instruction",
    "body",
    "header",
    "content",
    "input",
    "output",
    "authorization",
    "entity",
    "event",
];

/// Whether a text is the name of a key, without anything of an expression.
fn plain(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// What of that an expression of `allow` matches without naming it.
fn reached(text: &str, deny: bool) -> Option<&'static str> {
    if deny || NAMED.iter().any(|word| text.contains(word)) {
        return None;
    }
    let pattern = re2::whole(text)?;
    CONTENT.into_iter().find(|key| pattern.is_match(key))
}

/// The keys that are needed in place of all below a name.
fn needed(content: &str) -> String {
    let start = content.split('.').next().unwrap_or_default();
    let key = if start == "gen_ai" {
        "agent[.]name"
    } else {
        "<name>"
    };
    format!("name the keys that are needed, such as {start}[.]{key}, each in an item of its own")
}

/// Dots that a shell's `*` repeats, which stand for any text below a name: `metadata[.]*` is `metadata[.].+`.
fn dots(text: &str) -> Option<String> {
    let mut new = text.to_owned();
    for dot in ["[.]", "\\."] {
        new = new.replace(&format!("{dot}*"), &format!("{dot}.+"));
        // At the end there is no key for more dots either.
        if let Some(stem) = new.strip_suffix(&format!("{dot}+")) {
            new = format!("{stem}{dot}.+");
        }
    }
    (new != text && new.starts_with(char::is_alphanumeric)).then_some(new)
}

/// A name with its dots written for an expression, and a `*` of a shell behind it.
fn starred(text: &str) -> Option<String> {
    let stem = text.strip_suffix('*')?;
    let name = stem.replace("[.]", ".").replace("\\.", ".");
    let shell = stem.len() > 3
        && stem.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && plain(&name);
    let stem = if plain(stem) {
        stem.replace('.', "[.]")
    } else {
        stem.to_owned()
    };
    shell.then(|| format!("{stem}.*"))
}

/// A pattern with an anchor on one side alone, and nothing on the other: the beginning or the end of a key is meant.
fn anchored(text: &str) -> Option<String> {
    let name = |text: &str| plain(&text.replace("[.]", ".").replace("\\.", ".")) && text.len() > 2;
    match (text.strip_prefix('^'), text.strip_suffix('$')) {
        (Some(stem), None) if name(stem) => Some(format!("{stem}.*")),
        (None, Some(stem)) if name(stem) => Some(format!(".*{stem}")),
        _ => None,
    }
}

pub(super) fn check(path: &str, node: &Node, deny: bool, findings: &mut Findings) {
    let text = node.as_str().unwrap_or_default();
    let finding = RULE.warning(path, &node.place);
    let effect = if deny {
        "It is exported."
    } else {
        "It is removed."
    };
    let is = |words: &str| words.split(' ').any(|word| word == text);
    let (finding, new) = if is(SPACES) || !deny && is(BELOW) {
        let finding = finding
            .found(format!("{text:?}, which matches no key below it"))
            .expected(format!("{text}[.].+ for the keys below it"))
            .why(format!(
                "Maps are flattened, and an expression matches a whole key: {text}.<name> is another. {effect}"
            ));
        (finding, format!("{text}([.].+)?"))
    } else if let Some(new) = dots(text).or_else(|| starred(text)) {
        let finding = finding
            .found(format!("{text:?}, a shell's pattern"))
            .expected("a regular expression, in which * repeats the letter before it")
            .why(format!("It matches no key that was meant. {effect}"));
        (finding, new)
    } else if let Some(new) = anchored(text) {
        let finding = finding
            .found(format!("{text:?}, with an anchor on one side"))
            .expected("an expression for the whole key, from its first letter to its last")
            .why(format!(
                "An expression matches a whole key: longer ones do not match. {effect}"
            ));
        (finding, new)
    } else if text.trim() != text && !text.trim().is_empty() {
        let finding = finding
            .found(format!("{text:?}, with a blank at an end"))
            .expected("the expression alone")
            .why(format!(
                "A blank is a letter like any other: no key has it. {effect}"
            ));
        (finding, text.trim().to_owned())
    } else if text.contains(',') && !text.contains(['{', '[', '(']) {
        let first = text.split(',').next().unwrap_or_default().trim();
        findings.push(
            finding
                .found(format!("{text:?}, several keys in one text"))
                .expected("an item for each")
                .why(format!("No key has a comma. {effect}"))
                .fix(format!(
                    "write {first} and each of the others as an item of its own"
                )),
        );
        return;
    } else {
        if let Some(content) = reached(text, deny) {
            findings.push(
                finding
                    .found(format!("{text:?}, which also allows {content}"))
                    .expected("the keys that are needed, and no prompts, answers or credentials")
                    .why("What users ask and are answered leaves with the traces.")
                    .fix(needed(content)),
            );
        }
        return;
    };
    findings.push(match reached(&new, deny) {
        Some(content) => finding.fix(needed(content)),
        None => finding.quotes(node.place, &new),
    });
}

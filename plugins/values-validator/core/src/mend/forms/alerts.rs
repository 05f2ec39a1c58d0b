//! Expressions of added alerts that lack a function round a counter.

use super::{Case, Form};
use crate::node::Node;

pub(super) fn alerts(case: &mut Case<'_>) -> Option<()> {
    if case.path.first()? != "rules" || case.key() != "expr" {
        return None;
    }
    let node: &Node = case.node()?;
    let text = node.as_str()?;
    let found = case.finding.found.as_str();
    let window = case.root.get("rules.window")?.as_str()?;
    let new = if let Some((name, _)) = found.split_once(", a counter, without rate()") {
        // What is compared with less than one is a rate; any other number may be one of a whole window.
        let limit = text.rsplit(['>', '<', '=']).next()?.trim();
        let limit = crate::units::float(limit)?;
        (limit > 0.0 && limit < 1.0)
            .then(|| rated(text, name, window))
            .flatten()?
    } else if found.contains("of buckets without rate()") {
        let name = case
            .finding
            .expected
            .split_once("rate(")?
            .1
            .split('[')
            .next()?;
        rated(text, name, window)?
    } else if found.starts_with("delta() of a counter") {
        text.replace("delta(", "increase(")
    } else {
        return None;
    };
    // Only a text in one line is written again.
    let quotes = case.source.at(node.place)?;
    let form = match quotes.chars().next()? {
        quote @ ('"' | '\'') if !new.contains(quote) => Form::flow(format!("{quote}{new}{quote}")),
        '"' => Form::flow(format!("{new:?}")),
        '\'' => return None,
        _ => Form::flow(new.clone()),
    };
    case.put(node, &form, format!("write {new}"));
    Some(())
}

/// The expression with rate() round each selector of that name.
fn rated(text: &str, name: &str, window: &str) -> Option<String> {
    let mut new = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (head, tail) = rest.split_at(at);
        let mut end = name.len();
        if tail[end..].starts_with('{') {
            end += tail[end..].find('}')? + 1;
        }
        let selector = &tail[..end];
        let mut behind = &tail[end..];
        let mut moved = String::new();
        if let Some(offset) = behind.strip_prefix(" offset ") {
            let length = offset.find([' ', ')', ',']).unwrap_or(offset.len());
            moved = format!(" offset {}", &offset[..length]);
            behind = &offset[length..];
        }
        if behind.starts_with('[') || head.ends_with("rate(") {
            return None;
        }
        new.push_str(&format!("{head}rate({selector}[{window}]{moved})"));
        rest = behind;
    }
    new.push_str(rest);
    (new != text).then_some(new)
}

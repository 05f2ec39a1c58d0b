//! Expressions of added alerts that lack a function round a counter.

use super::{Case, Form};
use crate::codes;
use crate::node::{Node, Value};

/// Groups of rules, as Prometheus' files have them, in the place of alerts.
pub(super) fn groups(case: &mut Case<'_>) -> Option<()> {
    let list = ["rules", "additionalAlerts"].map(str::to_owned);
    let item = case.path.len() == 4 && matches!(case.key(), "rules" | "groups" | "name");
    if !case.path.starts_with(&list)
        || !(case.is(codes::UNKNOWN_KEY) && item
            || case.is(codes::WRONG_TYPE) && case.path.len() == 2)
    {
        return None;
    }
    if case.key() == "name" {
        case.at(case.above(1))?.child("rules")?;
    }
    let node = case.at(&list)?;
    let mut all = Vec::new();
    ungrouped(case, node, &mut all)?;
    let first = "write the alerts themselves, without groups: - alert: …";
    case.put(node, &Form::list(&all), first);
    Some(())
}

/// The alerts of groups, one after the other.
fn ungrouped(case: &Case<'_>, node: &Node, all: &mut Vec<Form>) -> Option<()> {
    if let Value::List(items) = &node.value {
        return items.iter().try_for_each(|item| ungrouped(case, item, all));
    }
    if let Some(below) = node.child("groups").or_else(|| node.child("rules")) {
        // What else a group says of its alerts would be lost.
        let known = |(key, _)| matches!(key, "groups" | "rules" | "name" | "interval");
        return node
            .entries()
            .all(known)
            .then_some(())
            .and_then(|()| ungrouped(case, below, all));
    }
    node.child("alert")?;
    let mut entries = Vec::new();
    for (key, form) in case.lines.entries(node)? {
        let labels = node.child("labels").filter(|_| key == "labels");
        let Some((labels, severity)) = labels.and_then(|all| Some((all, all.child("severity")?)))
        else {
            entries.push(form);
            continue;
        };
        let more = case.lines.without(labels, &["severity"])?;
        if !more.is_empty() {
            let block = case.lines.block(labels)?;
            let more = Form::map(&more);
            entries.push(Form::entry(
                "labels",
                &if block { more } else { more.inline() },
            ));
        }
        entries.push(Form::entry("severity", &case.lines.value(severity)?));
    }
    all.push(Form::map(&entries));
    Some(())
}

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

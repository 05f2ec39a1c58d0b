//! Where a key may belong that is not known where it is.

use super::names::{names, spelled};
use crate::node::{Node, Value};
use crate::shape::homes;

/// The parts of a path: keys, and indices in brackets.
pub fn parts(path: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        let end = if rest.starts_with("[\"") {
            rest.find("\"]").map(|at| at + 2)
        } else if rest.starts_with('[') {
            rest.find(']').map(|at| at + 1)
        } else {
            rest.find(['.', '['])
        };
        let (part, behind) = rest.split_at(end.unwrap_or(rest.len()));
        let key = part.strip_prefix("[\"").and_then(|p| p.strip_suffix("\"]"));
        parts.push(key.unwrap_or(part).to_owned());
        rest = behind;
    }
    parts
}

/// The path that has these parts, as people write it.
pub fn joined(parts: &[String]) -> String {
    parts.join(".").replace(".[", "[")
}

/// What is at a part below a node.
pub fn step<'a>(node: &'a Node, part: &str) -> Option<&'a Node> {
    match &node.value {
        Value::List(items) => items.get(
            part.strip_prefix('[')?
                .strip_suffix(']')?
                .parse::<usize>()
                .ok()?,
        ),
        _ => node.child(part),
    }
}

/// The node at the end of these parts.
pub fn walked<'a>(root: &'a Node, parts: &[String]) -> Option<&'a Node> {
    parts.iter().try_fold(root, |node, part| step(node, part))
}

/// Places where the key may belong, the nearest first, each with how far it is and whether the words say it
/// already: the one that they name; the one that is missing here; the maps above; the maps beside; where the chart knows such a key.
pub fn targets(
    root: &Node,
    from: &[String],
    words: &str,
    missing: &[&str],
) -> Vec<(usize, Vec<String>, bool)> {
    let Some((key, above)) = from.split_last() else {
        return Vec::new();
    };
    let with = |parent: &[String], more: &[&str]| -> Vec<String> {
        let more = more.iter().map(|part| (*part).to_owned());
        parent.iter().cloned().chain(more).collect()
    };
    // Limits of one model belong to its entry.
    if above == ["thresholds"]
        && let Some(models) = root.child("models").map(Node::items)
        && let Some(at) = (models.iter())
            .position(|model| model.child("name").and_then(Node::as_str) == Some(key.as_str()))
    {
        let to = [
            "models".to_owned(),
            format!("[{at}]"),
            "thresholds".to_owned(),
        ];
        return vec![(0, to.to_vec(), false)];
    }
    if let Some(named) = named(words) {
        return vec![
            (0, with(above, &named), true),
            (1, placed(root, from, &named), true),
        ];
    }
    let unknown = ["remove the key", "this key", "move"];
    let unknown = unknown.iter().any(|start| words.starts_with(start));
    if !unknown && names(key).is_empty() {
        return Vec::new();
    }
    if !missing.is_empty() {
        return match missing {
            [only] => vec![(0, with(above, &[only]), false)],
            _ => Vec::new(),
        };
    }
    let mut all = Vec::new();
    // What others call it, where the chart or what it passes on has another word.
    for name in names(key) {
        let parts: Vec<&str> = name.split('.').collect();
        // Labels are an alert's; those of a model say which pods it has.
        if parts[0] == "labels" && from.first().is_none_or(|first| first != "rules") {
            continue;
        }
        all.push((0, with(above, &parts), false));
    }
    let spelled = with(above, &[&spelled(key)]);
    if spelled != from && takes(&spelled) {
        all.push((0, spelled, false));
    }
    if !unknown {
        return all;
    }
    // A word of many places says nothing.
    if key == "enabled" {
        return all;
    }
    for up in 1..=above.len() {
        let parent = &above[..above.len() - up];
        let to = with(parent, &[key]);
        if walked(root, parent).is_some_and(|node| node.items().is_empty()) && takes(&to) {
            all.push((up, to, false));
        }
    }
    if let Some(parent) = walked(root, above) {
        for (beside, node) in parent.entries() {
            // What takes any key says nothing about this one.
            let any = [
                "labels",
                "annotations",
                "headers",
                "details",
                "fields",
                "selector",
            ];
            let any = any.contains(&beside)
                || beside.ends_with("Labels")
                || beside.ends_with("Annotations");
            let to = with(above, &[beside, key]);
            let map = matches!(node.value, Value::Map(_)) && !node.is_default();
            if map && beside != key && !any && takes(&to) {
                all.push((1, to, false));
            }
        }
    }
    for home in homes(key) {
        let home = parts(home);
        let to = placed(
            root,
            from,
            &home.iter().map(String::as_str).collect::<Vec<_>>(),
        );
        let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        // In the same section; from the root anywhere.
        if (common > 0 || above.is_empty()) && !to.iter().any(String::is_empty) {
            let far = above.len() - common.min(above.len()) + to.len().saturating_sub(common + 1);
            all.push((if above.is_empty() { 1 } else { far }, to, false));
        }
    }
    all
}

/// Deepest path of which it is known what it takes.
const DEEP: usize = 7;

/// Whether the key at the end of a path is one that the chart knows there, or may be a label's: a map that takes
/// any key takes a wrong one too.
pub fn takes(to: &[String]) -> bool {
    let Some((key, above)) = to.split_last() else {
        return false;
    };
    let same = |(ours, theirs): (&String, &String)| {
        ours == theirs || theirs == "<name>" || theirs == "[]" && ours.starts_with('[')
    };
    let known = homes(key).any(|home| {
        let home = parts(home);
        home.len() == to.len() && to.iter().zip(&home).all(same)
    });
    let label = above.last().is_some_and(|map| map.ends_with("abels"))
        && !key.contains(|c: char| c.is_ascii_uppercase());
    known || label || key.contains(['.', '/']) || to.len() > DEEP
}

/// A path of the chart as one of this file: `[]` and `<name>` are what they are on the way to the key.
fn placed(root: &Node, from: &[String], path: &[&str]) -> Vec<String> {
    let one = root
        .child("models")
        .is_some_and(|models| models.items().len() == 1);
    let mut to: Vec<String> = Vec::new();
    for part in path {
        let here = from.get(to.len()).filter(|_| from[..to.len()] == to[..]);
        to.push(match *part {
            "[]" => match here {
                Some(index) if index.starts_with('[') => index.clone(),
                // Of one model alone it is known which is meant.
                _ if to.len() == 1 && one => "[0]".to_owned(),
                _ => String::new(),
            },
            "<name>" => here.cloned().unwrap_or_default(),
            part => part.to_owned(),
        });
    }
    to
}

/// The keys that `write a: {b: …}` names, or `write a[].b`.
fn named(words: &str) -> Option<Vec<&str>> {
    let mut rest = words.strip_prefix("write ")?;
    if rest.contains('.') && !rest.contains([' ', ':', '<']) {
        return Some(
            rest.split(['.', '['])
                .map(|part| if part == "]" { "[]" } else { part })
                .collect(),
        );
    }
    let mut keys = Vec::new();
    loop {
        let (key, behind) = rest.split_once(": ")?;
        let plain = |c: char| c.is_alphanumeric() || c == '_';
        if !key.chars().all(plain) {
            return None;
        }
        keys.push(key);
        if let Some(end) = behind.strip_prefix('…') {
            return end.trim_end_matches('}').is_empty().then_some(keys);
        }
        rest = behind.strip_prefix('{')?;
    }
}

//! Words where no edit is sure.

use super::super::targets;
use crate::finding::Finding;
use crate::node::Node;

/// Words that are nearer to what was meant than those of the rule.
pub fn words(finding: &Finding, root: &Node) -> Option<String> {
    let path = finding.path.as_str();
    let node = targets::walked(root, &targets::parts(path))?;
    let key = path.rsplit('.').next().unwrap_or(path);
    if let Some(words) = node
        .as_str()
        .and_then(|text| pattern(text, &finding.fix.text))
    {
        return Some(words);
    }
    if finding.code == "receiver-undefined" && node.is_default() {
        let (_, names) = finding.found.split_once("among receivers ")?;
        return Some(format!("add receiver to route, with one of these: {names}"));
    }
    if finding.code == "alertmanager-config" {
        if finding.found.starts_with("the unknown field") {
            return Some(text!("write .Labels.<label> or .Annotations.<name>: an alert also has Status, StartsAt, EndsAt, GeneratorURL and Fingerprint, and no value").as_str().to_owned());
        }
        if key == "chat_id" {
            return Some(text!("write the number of the chat, such as -1001234567890: Alertmanager takes no name with @").as_str().to_owned());
        }
        let reference = ["secretName", "name", "secretKeyRef", "valueFrom", "key"];
        if reference.iter().any(|name| node.child(name).is_some()) && finding.expected == "a text" {
            return Some(format!(
                "write {key}_file: <the path of a file>, and mount the Secret with alertmanager.extraVolumes and extraVolumeMounts"
            ));
        }
    }
    if let Some((open, text)) = node
        .as_str()
        .filter(|_| finding.found.starts_with("histogram_quantile with 1 arg"))
        .and_then(|text| Some((text.find("histogram_quantile(")? + 19, text)))
    {
        let alert = targets::parts(path);
        let alert = targets::walked(root, &alert[..alert.len() - 1])?;
        let texts: Vec<&str> = (alert.entries().map(|(_, node)| node))
            .chain(
                alert
                    .child("annotations")
                    .into_iter()
                    .flat_map(|all| all.entries().map(|(_, node)| node)),
            )
            .filter_map(Node::as_str)
            .collect();
        let named = |of: &str| {
            texts
                .iter()
                .any(|text| text.contains(&format!("p{of}")) || text.contains(&format!("P{of}")))
        };
        let of = ["99", "95", "90", "50"].into_iter().find(|of| named(of));
        let of = of.unwrap_or("95");
        return Some(format!(
            "write the quantile first: {}0.{of}, {}",
            &text[..open],
            &text[open..]
        ));
    }
    None
}

/// Which bracket of a pattern is open; lookaheads are named where there is one.
fn pattern(text: &str, words: &str) -> Option<String> {
    let (before, note) = words.split_once("close each bracket")?;
    crate::re2::refused(text)?;
    let note = match note.find("; RE2 knows no lookahead") {
        Some(at) if !text.contains("(?") => &note[..at],
        _ => note,
    };
    let close = match open(text) {
        Some((at, bracket)) => {
            let end = if bracket == '[' { ']' } else { ')' };
            format!("close the {bracket} at character {at} of the text with {end}")
        }
        None => "close each bracket".to_owned(),
    };
    Some(format!("{before}{close}{note}"))
}

/// The first bracket that is not closed, and its place, from 1.
fn open(text: &str) -> Option<(usize, char)> {
    let mut all = Vec::new();
    let (mut class, mut escaped) = (false, false);
    for (at, c) in (1..).zip(text.chars()) {
        match c {
            _ if escaped => {
                escaped = false;
                continue;
            }
            '\\' => escaped = true,
            ']' if class => {
                class = false;
                all.pop();
            }
            _ if class => {}
            '[' => {
                class = true;
                all.push((at, c));
            }
            '(' => all.push((at, c)),
            ')' => {
                all.pop();
            }
            _ => {}
        }
    }
    all.first().copied()
}

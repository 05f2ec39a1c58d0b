//! What a file has, in another form: a map's keys without the key above them, an image's tag in its own key.

use super::lines::depth;
use super::moved::{last, moved};
use super::targets::{parts, takes, walked};
use super::{blocks, items, models};
use crate::finding::Finding;
use crate::node::{Node, Value};
use crate::shape::homes;
use crate::{Source, codes};

type Forms = Vec<(String, String)>;

/// The texts that a finding may have been meant to be, each with words: none where the finding's are right.
pub fn recast(finding: &Finding, source: &Source, index: u32, root: &Node) -> Forms {
    let path = parts(&finding.path);
    if let (true, Some(place), Some(key)) = (
        finding.code == codes::DEFAULT_REMOVED.code,
        finding.place,
        path.last(),
    ) {
        return blocks::below(source, place.line as usize, key)
            .into_iter()
            .collect();
    }
    let Some(node) = walked(root, &path).filter(|node| node.place.source == index) else {
        return Vec::new();
    };
    let Some((key, above)) = path.split_last() else {
        return Vec::new();
    };
    let code = finding.code;
    let mut all = Vec::new();
    if code == codes::WRONG_TYPE.code {
        if matches!(node.value, Value::List(_) | Value::Text(_) | Value::Int(_)) {
            let other = match key.strip_suffix('s') {
                Some(one) => one.to_owned(),
                None => format!("{key}s"),
            };
            let to: Vec<String> = above.iter().cloned().chain([other.clone()]).collect();
            // Such a key has to be known there.
            let known = homes(&other).next().is_some() && takes(&to);
            let text = known
                .then(|| moved(source, index, root, &path, &to))
                .flatten();
            all.extend(text.map(|text| (text, format!("write {other}"))));
        }
        if key == "huggingFaceToken" {
            all.extend(models::token(source, node));
        }
        all.extend(retyped(source, node));
        all.extend(items::texts(source, node));
        all.extend(items::list(finding, source, node));
        all.extend(items::number(source, node));
    } else if code == codes::UNKNOWN_KEY.code {
        let fix = &finding.fix.text;
        if fix.ends_with(&format!(", without {key}")) || fix.starts_with("its keys stand in") {
            let text = hoisted(source, node).or_else(|| bare(source, node));
            all.extend(text.map(|text| (text, String::new())));
        }
        all.extend(given(source, root, &path, node));
        all.extend(items::pair(source, root, &path));
        all.extend(items::argument(source, root, &path, node));
        if key == "startupProbe" {
            all.extend(models::startup(source, node));
        }
        let workload = [
            "deployment",
            "statefulset",
            "deploymentName",
            "workloadName",
        ];
        if workload.contains(&key.as_str()) && node.as_str().is_some() {
            let text = node.key.and_then(|key| source.replaced(key, "workload"));
            all.extend(text.map(|text| (text, "write workload".to_owned())));
        }
    } else if code == codes::OUT_OF_BOUNDS.code {
        all.extend(items::number(source, node));
    } else if code == codes::BAD_FORMAT.code && finding.expected == "namespace/name" {
        let url = root.get("metrics.operator.prometheusURL");
        let host = url
            .and_then(Node::as_str)
            .map(|url| crate::url::Url::of(url).host);
        if let Some(space) = host.and_then(|host| host.split('.').nth(1)) {
            let new = format!("{space}/{}", node.as_str().unwrap_or_default());
            let text = source.replaced(node.place, &new);
            all.extend(text.map(|text| (text, format!("write {new}"))));
        }
    } else if code == codes::BAD_FORMAT.code {
        all.extend(items::texts(source, node));
    } else if code == "image-reference" {
        all.extend(models::tagged(source, root, above, node));
    } else if code == "scrape-jobs" && key.starts_with('[') {
        let bare = node
            .as_str()
            .and_then(|text| text.strip_prefix("http://"))
            .map(|text| text.trim_end_matches("/metrics").trim_end_matches('/'));
        if let Some(bare) = bare.filter(|bare| !bare.contains('/')) {
            let text = source.replaced(node.place, &format!("{bare:?}"));
            all.extend(text.map(|text| (text, format!("write {bare}"))));
        }
    } else if code == "model-overlap" {
        all.extend(models::copied(source, index, root));
    }
    all
}

/// The text without a key: what is below it one step less deep.
fn hoisted(source: &Source, node: &Node) -> Option<String> {
    let key = node.key?;
    let (line, end) = (key.line as usize, last(node) as usize);
    let lines: Vec<&str> = source.text.split('\n').collect();
    let own = key.column as usize - 1;
    let before = lines.get(line - 1)?.get(..own)?;
    let first = lines.get(line).filter(|_| end > line)?;
    let step = depth(first).checked_sub(own)?;
    let mut new: Vec<String> = Vec::new();
    for (at, text) in (1..).zip(&lines) {
        if at == line {
            continue;
        }
        let inside = at > line && at <= end;
        let text = if inside {
            text.get(step.min(depth(text))..)?
        } else {
            text
        };
        // Behind the dash of its item.
        let text = if at == line + 1 {
            format!("{before}{}", text.trim_start_matches(' '))
        } else {
            text.to_owned()
        };
        new.push(text);
    }
    Some(new.join("\n"))
}

/// The same for a map between braces.
fn bare(source: &Source, node: &Node) -> Option<String> {
    let mut place = node.key?;
    (place.end_line, place.end_column) = (node.place.end_line, node.place.end_column);
    let inside = source.at(node.place)?.strip_prefix('{')?;
    let inside = inside.strip_suffix('}')?.trim();
    (place.line == place.end_line).then(|| source.replaced(place, inside))?
}

/// A map of the parts of an image as a text.
fn retyped(source: &Source, node: &Node) -> Option<(String, String)> {
    let text = |key: &str| node.child(key).and_then(Node::as_str);
    let name = text("repository")?;
    let new = text("tag").map_or(name.to_owned(), |tag| format!("{name}:{tag}"));
    let words = format!("write {new}");
    Some((source.replaced(node.place, &new)?, words))
}

/// Without a key that a map above has with the same value.
fn given(source: &Source, root: &Node, path: &[String], node: &Node) -> Option<(String, String)> {
    let (key, above) = path.split_last()?;
    let mut place = node.key?;
    (place.end_line, place.end_column) = (node.place.end_line, node.place.end_column);
    let other = (1..above.len()).rev().find_map(|up| {
        let map = walked(root, &above[..up])?;
        map.child(key).filter(|other| !other.is_default())
    })?;
    let text = source.replaced(source.alone(place)?, "")?;
    let line = other.key_place().line;
    (other.value == node.value).then(|| (text, format!("remove it: line {line} has it")))
}

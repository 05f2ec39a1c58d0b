//! Values of the user's own in the form that the chart takes: `tracing: {enabled: false}`.

mod list;
mod map;

use crate::finding::in_quotes;
use crate::node::{Node, Value};
use vllm_catalog::number::Shown;

pub use list::list;
pub use map::map;

/// A value in YAML's flow style, as it would be written again.
pub fn written(node: &Node) -> String {
    value(&node.value)
}

/// The same of a value that has no place.
pub fn value(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(b) => b.to_string(),
        Value::Int(i) => i.to_string(),
        Value::Float(f) => Shown(*f).to_string(),
        Value::Text(text) => scalar(text),
        Value::List(items) => format!(
            "[{}]",
            items.iter().map(written).collect::<Vec<_>>().join(", ")
        ),
        Value::Map(map) => {
            let entries = map
                .iter()
                .map(|(key, node)| format!("{}: {}", scalar(key), written(node)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A text as YAML has it between brackets: in quotes where it needs them.
pub fn scalar(text: &str) -> String {
    let plain =
        |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '=' | ':' | '+' | '%');
    let simple = !text.is_empty()
        && text.chars().all(plain)
        && !text.starts_with(['-', ':', '%'])
        && !text.ends_with(':')
        && matches!(crate::yaml::resolve(text), Value::Text(_));
    if simple {
        text.to_owned()
    } else {
        in_quotes(text)
    }
}

/// The number of `99.9%`, `100k`, `50,000` and `512B`; with `ratio` 90 % is 0.9.
pub fn number(text: &str, ratio: bool) -> Option<String> {
    let text = text.trim();
    if let (true, Some(percent)) = (ratio, text.strip_suffix('%')) {
        let percent = crate::units::float(percent.trim())?;
        return Some(Shown((percent * 1e4).round() / 1e6).to_string());
    }
    if let Some(bare) = text.strip_suffix(['k', 'K', 'M']) {
        let zeros = if text.ends_with('M') { "000000" } else { "000" };
        return bare
            .parse::<u32>()
            .is_ok()
            .then(|| format!("{bare}{zeros}"));
    }
    let plain = text.replace(',', "");
    let end = plain.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (bare, unit) = plain.split_at(end.unwrap_or(plain.len()));
    let known = ["", "%", "B", "s", "x", "Mi", "MiB", "MB", "/min", "/s"].contains(&unit.trim());
    // `99,5` is no thousand.
    let groups = (text.split(',').skip(1)).all(|group| group.trim_end_matches(unit).len() == 3);
    (known && groups && bare != text && crate::units::float(bare).is_some())
        .then(|| bare.to_owned())
}

fn value_of(text: &str) -> String {
    if matches!(crate::yaml::resolve(text), Value::Text(_)) {
        scalar(text)
    } else {
        text.to_owned()
    }
}

fn text_of(text: &str) -> String {
    scalar(text)
}

fn image(text: &str) -> Option<String> {
    if text.contains(char::is_whitespace) || text.is_empty() {
        return None;
    }
    let (name, digest) = match text.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (text, None),
    };
    let (repository, tag) = match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (name, None),
    };
    let mut parts = vec![format!("repository: {}", scalar(repository))];
    parts.extend(tag.map(|tag| format!("tag: {}", scalar(tag))));
    parts.extend(digest.map(|digest| format!("digest: {digest:?}")));
    Some(format!("{{{}}}", parts.join(", ")))
}

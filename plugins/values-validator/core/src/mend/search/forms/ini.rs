//! Sections and keys of grafana.ini, as other charts and Grafana's environment write them.

use super::{Case, Form, text, with};
use crate::codes;
use crate::node::{Node, Value};
use crate::rules::ini_sections;

pub(super) fn sections(case: &mut Case<'_>) -> Option<()> {
    if case.path.first()? != "grafana" {
        return None;
    }
    let ini = ["grafana", "ini"].map(str::to_owned);
    let path = case.path.clone();
    let node = case.node()?;
    match path.get(1)?.as_str() {
        "ini" => {}
        key if case.is(codes::UNKNOWN_KEY) && path.len() == 2 => {
            let to = match environment(key) {
                Some((section, key)) => with(&ini, &[section, &key]),
                None if ini_sections().any(|known| known == key) => with(&ini, &[key]),
                None => return None,
            };
            return case.moved(
                &path,
                &to,
                "write it in grafana.ini: {<section>: {<key>: …}}",
            );
        }
        _ => return None,
    }
    if path.len() == 2 {
        let form = file(text(node)?)?;
        case.put(
            node,
            &form,
            "write sections as maps: ini: {<section>: {<key>: …}}",
        );
        return Some(());
    }
    let name = &path[2];
    // auth: {anonymous: {enabled: true}}
    if path.len() == 4 && matches!(node.value, Value::Map(_)) {
        let whole = format!("{name}.{}", path[3]);
        let to = with(&ini, &[&whole]);
        return case.moved(&path, &to, format!("write {whole}: {{…}}"));
    }
    if path.len() != 3 || matches!(node.value, Value::Map(_) | Value::List(_)) {
        return None;
    }
    // A section of that name is turned on or off.
    if matches!(node.value, Value::Bool(_)) && ini_sections().any(|known| known == name) {
        let form = Form::map(&[Form::entry("enabled", &Form::flow(shown(node)))]).inline();
        case.put(node, &form, format!("write {name}: {}", form.shown()));
        return Some(());
    }
    let (section, key) = match environment(name) {
        Some((section, key)) => (section, key),
        None => {
            let (section, key) = name.rsplit_once('.')?;
            (section, key.to_owned())
        }
    };
    let words = format!("write {section}: {{{key}: {}}}", shown(node));
    case.moved(&path, &with(&ini, &[section, &key]), words)
}

fn shown(node: &Node) -> String {
    match node.value {
        Value::Text(_) => "…".to_owned(),
        _ => crate::shape::written(node),
    }
}

/// The section and key of `GF_AUTH_ANONYMOUS_ENABLED`.
fn environment(name: &str) -> Option<(&'static str, String)> {
    let name = name.strip_prefix("GF_")?.to_ascii_lowercase();
    let inner = |section: &&str| {
        let start = section.replace('.', "_");
        let rest = name.strip_prefix(start.as_str())?.strip_prefix('_')?;
        Some(rest.to_owned())
    };
    let all = ini_sections().filter(|section| inner(section).is_some());
    let section = all.max_by_key(|section| section.len())?;
    Some((section, inner(&section)?))
}

/// The file itself, as a text.
fn file(text: &str) -> Option<Form> {
    let mut all: Vec<(String, Vec<Form>)> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with([';', '#']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[') {
            all.push((name.strip_suffix(']')?.to_owned(), Vec::new()));
            continue;
        }
        let (key, value) = line.split_once('=')?;
        let value = value.trim();
        let form = match crate::yaml::resolve(value) {
            Value::Text(_) | Value::Null => Form::text(value),
            _ => Form::flow(value),
        };
        all.last_mut()?.1.push(Form::entry(key.trim(), &form));
    }
    let all: Vec<Form> = (all.iter())
        .map(|(name, keys)| Form::entry(name, &Form::map(keys)))
        .collect();
    (!all.is_empty()).then(|| Form::map(&all))
}

//! Maps by name where a list of named items is wanted, and such lists where a map by name is.

use super::{Case, Form, text};
use crate::codes;
use crate::node::{Node, Value};

/// Keys that name an item.
const NAMES: [&str; 4] = ["name", "alert", "record", "key"];

pub(super) fn lists(case: &mut Case<'_>) -> Option<()> {
    let node = case.node()?;
    if case.is(codes::UNKNOWN_KEY) {
        return named(case, node);
    }
    if !case.is(codes::WRONG_TYPE) && case.finding.code != "alertmanager-config" {
        return None;
    }
    match &node.value {
        Value::Map(map) if !map.is_empty() => listed(case, node),
        Value::List(items) if !items.is_empty() => keyed(case, node, items),
        Value::Text(name) if crate::shape::at(&case.path)?.items().key("name") => {
            let item = Form::map(&[Form::entry("name", &Form::text(name))]);
            let form = Form::list(&[item]).inline();
            case.put(node, &form, format!("write {}", form.shown()));
            Some(())
        }
        _ => None,
    }
}

/// A list of what a map has by name.
fn listed(case: &mut Case<'_>, node: &Node) -> Option<()> {
    if let (Some((key, inner)), 1) = (node.entries().next(), node.entries().len())
        && matches!(inner.value, Value::List(_))
    {
        let list = Form::list(&case.lines.items(inner)?);
        case.put(node, &list, format!("write the list itself, without {key}"));
        return Some(());
    }
    let wanted = crate::shape::at(&case.path).map(|wanted| wanted.items());
    let name = match &wanted {
        Some(wanted) => NAMES.into_iter().find(|name| wanted.key(name)),
        None => Some("name"),
    }?;
    let mounted = wanted
        .as_ref()
        .is_some_and(|wanted| wanted.key("mountPath"));
    let valued = (wanted.as_ref()).is_some_and(|wanted| wanted.key("valueFrom"));
    let mut all = Vec::new();
    for (key, _) in case.lines.entries(node)? {
        let value = node.child(&key)?;
        let mut entries = vec![Form::entry(name, &Form::text(&key))];
        let read = |key: &String| key.ends_with("KeyRef") || key.ends_with("ieldRef");
        match &value.value {
            // What a variable is read from.
            Value::Map(inner) if valued && inner.keys().any(read) => {
                entries.push(Form::entry("valueFrom", &case.lines.value(value)?.inline()));
            }
            Value::Map(inner) if !inner.contains_key(name) => {
                entries.extend(case.lines.without(value, &[])?);
            }
            Value::Null => {}
            Value::Text(_) if mounted => {
                entries.push(Form::entry("mountPath", &case.lines.value(value)?));
            }
            // A variable, whose value is a text.
            Value::Map(_) | Value::List(_) => return None,
            _ if valued => {
                let own = case.source.at(value.place)?;
                let bare = own.trim_matches(['"', '\'']);
                let plain = matches!(value.value, Value::Text(_)) && own != bare;
                entries.push(Form::entry(
                    "value",
                    &match plain {
                        true => Form::flow(own),
                        false => Form::text(bare),
                    },
                ));
            }
            _ => return None,
        }
        all.push(Form::map(&entries));
    }
    let first = node.entries().next()?.0.to_owned();
    let words = format!("write a list, each item with its {name}: - {name}: {first}");
    case.put(node, &Form::list(&all), words);
    Some(())
}

/// A map by name of the items of a list.
fn keyed(case: &mut Case<'_>, node: &Node, items: &[Node]) -> Option<()> {
    let named = |name: &&str| {
        items
            .iter()
            .all(|item| item.child(name).and_then(text).is_some())
    };
    let name = NAMES.into_iter().find(named)?;
    let mut all = Vec::new();
    for item in items {
        let inner = Form::map(&case.lines.without(item, &[name])?);
        all.push(Form::entry(item.child(name).and_then(text)?, &inner));
    }
    let first = text(items.first()?.child(name)?)?;
    case.put(
        node,
        &Form::map(&all),
        format!("write a map by {name}: {first}: {{…}}"),
    );
    Some(())
}

/// An item with its name as the one key, above its settings.
fn named(case: &mut Case<'_>, node: &Node) -> Option<()> {
    let above = case.above(1);
    let item = case.at(above)?;
    let wanted = crate::shape::at(above)?;
    if !above.last()?.starts_with('[')
        || item.entries().len() != 1
        || !matches!(node.value, Value::Map(_))
    {
        return None;
    }
    let name = NAMES
        .into_iter()
        .find(|name| wanted.key(name) && node.child(name).is_none())?;
    let mut entries = vec![Form::entry(name, &Form::text(case.key()))];
    entries.extend(case.lines.without(node, &[])?);
    let words = format!("write - {name}: {}, and its settings beside it", case.key());
    case.put(item, &Form::map(&entries), words);
    Some(())
}

/// A beginning of names without the sign behind it, which is `:` or, where another library gives the names on, `_`.
pub(super) fn prefixes(case: &mut Case<'_>) -> Option<()> {
    let above = case.above(1).to_vec();
    let text = text(case.node()?)?;
    if !case.is(codes::BAD_FORMAT) || above != ["metrics", "namePrefixes"] {
        return None;
    }
    let list = case.at(&above)?;
    let mut all: Vec<Form> = Vec::new();
    for item in list.items() {
        let own = item.as_str()?;
        if own == text {
            all.extend([":", "_"].map(|end| Form::text(&format!("{own}{end}"))));
        } else {
            all.push(Form::text(own));
        }
    }
    let flow = case.lines.block(list) == Some(false);
    let form = Form::list(&all);
    let form = if flow { form.inline() } else { form };
    let words =
        format!("write \"{text}:\" and \"{text}_\": names have the one or the other behind it");
    case.put(list, &form, words);
    Some(())
}

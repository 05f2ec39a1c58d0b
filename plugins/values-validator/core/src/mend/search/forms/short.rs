//! One value in the place of a map that has it in a key: a type, a share, an objective.

use super::{Case, Form, with};
use crate::node::Value;
use crate::{codes, units};

pub(super) fn short(case: &mut Case<'_>) -> Option<()> {
    let node = case.node()?;
    let wanted = crate::shape::at(&case.path)?;
    if !case.is(codes::WRONG_TYPE) {
        return None;
    }
    let key = case.key();
    let entry = |key: &str, form: &Form| Form::map(&[Form::entry(key, form)]).inline();
    let form = match &node.value {
        Value::Bool(true) if key == "emptyDir" => Form::flow("{}"),
        Value::Bool(false) if key == "probe" && wanted.key("request") => {
            entry("request", &Form::flow("none"))
        }
        Value::Text(text) => {
            let number = text.strip_suffix('%').map(str::trim);
            let number = number.filter(|number| units::float(number).is_some());
            let amounts = matches!(key, "limits" | "requests") && key != text;
            let unit = text.ends_with('i') && units::quantity(text).is_some();
            match number {
                Some(number) if wanted.key("objective") => entry("objective", &Form::flow(number)),
                Some(_) if wanted.key("share") => entry("share", &Form::text(text)),
                _ if amounts && unit => entry("memory", &Form::text(text)),
                _ => word(case, &wanted.keys(), text)?,
            }
        }
        _ => return None,
    };
    let words = format!("write {key}: {}", form.shown());
    case.put(node, &form, words);
    Some(())
}

/// The one key that takes a word, or a list of such words.
fn word(case: &Case<'_>, keys: &[&str], text: &str) -> Option<Form> {
    let mut found = None;
    for key in keys {
        let wanted = crate::shape::at(&with(&case.path, &[key]))?;
        let form = if wanted.words().contains(&text) {
            Form::text(text)
        } else if wanted.items().words().contains(&text) {
            Form::list(&[Form::text(text)]).inline()
        } else {
            continue;
        };
        let form = Form::map(&[Form::entry(key, &form)]).inline();
        if found.replace(form).is_some() {
            return None;
        }
    }
    found
}

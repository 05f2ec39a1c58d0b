//! Parts of pods in a form that Kubernetes does not read.

use super::{Case, Form, text};
use crate::codes;
use crate::node::{Node, Value};

pub(super) fn affinity(case: &mut Case<'_>) -> Option<()> {
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let at = (case.path.iter()).position(|part| part == preferred || part == required)?;
    let nodes = case.path.get(at.checked_sub(1)?)? == "nodeAffinity";
    let inner = if nodes {
        "preference"
    } else {
        "podAffinityTerm"
    };
    if case.path[at] == required && nodes {
        let path = case.path[..=at].to_vec();
        let whole = case.at(&path)?;
        if whole.child("nodeSelectorTerms").is_none() && matches!(whole.value, Value::Map(_)) {
            let term = Form::map(&case.lines.without(whole, &[])?);
            let form = Form::map(&[Form::entry("nodeSelectorTerms", &Form::list(&[term]))]);
            case.put(whole, &form, "write it as an item of nodeSelectorTerms");
        }
        return Some(());
    }
    let path = case.path.get(..at + 2)?.to_vec();
    let item = case.at(&path)?;
    if !matches!(item.value, Value::Map(_)) {
        return None;
    }
    if case.path[at] == required {
        let term = item.child(inner)?;
        let mut all = case.lines.without(item, &[inner, "weight"])?;
        all.extend(case.lines.without(term, &[])?);
        case.put(
            item,
            &Form::map(&all),
            format!("write what is below {inner} without it: what is required has no weight"),
        );
        return Some(());
    }
    let weight = match item.child("weight") {
        Some(weight) => case.lines.value(weight)?,
        None => Form::flow("100"),
    };
    let mut all = vec![Form::entry("weight", &weight)];
    if item.child(inner).is_some() {
        all.extend(case.lines.without(item, &["weight"])?);
    } else {
        let rest = Form::map(&case.lines.without(item, &["weight"])?);
        all.push(Form::entry(inner, &rest));
    }
    let words = format!("write {{weight: 100, {inner}: {{…}}}}");
    case.put(item, &Form::map(&all), words);
    Some(())
}

/// How a Deployment replaces its pods.
pub(super) fn strategy(case: &mut Case<'_>) -> Option<()> {
    let at = case.path.iter().position(|part| part == "strategy")?;
    let path = case.path[..=at].to_vec();
    let node = case.at(&path)?;
    let kind = node.as_str().or_else(|| node.child("type")?.as_str())?;
    let bare = kind.to_ascii_lowercase();
    let bare: String = bare.chars().filter(char::is_ascii_alphabetic).collect();
    let kind = match bare.as_str() {
        "recreate" | "replace" | "recreated" => "Recreate",
        "rollingupdate" | "rolling" | "rollingupdates" => "RollingUpdate",
        _ => return None,
    };
    let entry = Form::entry("type", &Form::text(kind));
    if text(node).is_some() {
        let form = Form::map(&[entry]).inline();
        case.put(node, &form, format!("write strategy: {}", form.shown()));
    } else if kind == "Recreate" && case.is(codes::NOT_ALLOWED) {
        let mut all = vec![entry];
        all.extend(case.lines.without(node, &["type", "rollingUpdate"])?);
        case.put(
            node,
            &Form::map(&all),
            "remove rollingUpdate: Recreate has no numbers",
        );
    }
    Some(())
}

/// The numbers of `8000-8003`.
fn range(text: &str) -> Option<Vec<Form>> {
    let (first, last) = text.split_once('-')?;
    let (first, last): (u16, u16) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    let all = first..=last;
    (first < last && all.len() <= 64)
        .then(|| all.map(|port| Form::flow(port.to_string())).collect())
}

pub(super) fn ports(case: &mut Case<'_>) -> Option<()> {
    let node = case.node()?;
    if case.key() == "port" {
        let ports = match &node.value {
            Value::Text(text) => Form::list(&range(text)?),
            Value::List(_) => Form::list(&case.lines.items(node)?),
            _ => return None,
        };
        let item: &Node = case.at(case.above(1))?;
        let mut all = Vec::new();
        for (key, form) in case.lines.entries(item)? {
            all.push(if key == "port" {
                Form::entry("ports", &ports.inline())
            } else {
                form
            });
        }
        case.put(
            item,
            &Form::map(&all),
            format!("write ports: {}", ports.shown()),
        );
        return Some(());
    }
    let at = case.path.iter().position(|part| part == "ports")?;
    let list = case.at(&case.path[..=at])?;
    let form = match &list.value {
        Value::Text(text) => Form::list(&range(text)?),
        Value::List(items) => {
            let mut all = Vec::new();
            for (item, form) in items.iter().zip(case.lines.items(list)?) {
                match item.as_str().and_then(range) {
                    Some(several) => all.extend(several),
                    None => all.push(form),
                }
            }
            Form::list(&all)
        }
        Value::Map(_) => {
            let all = list.entries().map(|(_, port)| case.lines.value(port));
            Form::list(&all.collect::<Option<Vec<_>>>()?)
        }
        _ => return None,
    };
    case.put(
        list,
        &form.inline(),
        format!("write ports: {}", form.shown()),
    );
    Some(())
}

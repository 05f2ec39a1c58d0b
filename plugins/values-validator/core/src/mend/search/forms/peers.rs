//! Peers of network policies, as texts and with the keys of a NetworkPolicy, and selectors without matchLabels.

use super::{Case, Form, text, with};
use crate::node::{Node, Value};
use crate::{codes, rules};

/// A network, or one address.
fn block(text: &str) -> Option<Form> {
    let address = text.split('/').next().unwrap_or_default();
    let address = address.parse::<std::net::IpAddr>().ok()?;
    let whole = if text.contains('/') {
        text.to_owned()
    } else {
        format!("{text}/{}", if address.is_ipv4() { 32 } else { 128 })
    };
    let cidr = Form::entry("cidr", &Form::text(&whole));
    Some(Form::map(&[Form::entry(
        "ipBlock",
        &Form::flow(format!("{{{}}}", cidr.shown())),
    )]))
}

fn labels(entries: Form) -> Form {
    Form::map(&[Form::entry("matchLabels", &entries)])
}

/// The namespace of that name.
fn namespace(name: &str) -> Form {
    labels(Form::map(&[Form::entry(
        "kubernetes.io/metadata.name",
        &Form::text(name),
    )]))
    .inline()
}

const SELECTORS: [&str; 2] = ["podSelector", "namespaceSelector"];

/// The selector for labels of those names: namespaces have their own ones.
fn selects<'a>(mut labels: impl Iterator<Item = &'a str>) -> &'static str {
    let space = labels.any(|label| label.ends_with("/metadata.name"));
    SELECTORS[usize::from(space)]
}

pub(super) fn peers(case: &mut Case<'_>) -> Option<()> {
    selector(case);
    if case.path.first()? != "networkPolicies" {
        return None;
    }
    let item = case.path.iter().position(|part| part.starts_with('['));
    let node = case.node()?;
    if case.is(codes::WRONG_TYPE)
        && let Some(block) = text(node).and_then(block)
    {
        let words = format!(
            "write - {}",
            block.shown().trim_matches(['{', '}']).to_owned() + "}"
        );
        match item {
            Some(at) if at + 1 == case.path.len() => case.put(node, &block, words),
            None => case.put(node, &Form::list(&[block.inline()]), words),
            _ => {}
        }
        return Some(());
    }
    if case.is(codes::WRONG_TYPE) && case.key() == "namespaceSelector" {
        case.put(node, &namespace(text(node)?), "");
        return Some(());
    }
    let path = case.path.get(..=item?)?.to_vec();
    let peer = case.at(&path)?;
    if (case.is(codes::UNKNOWN_KEY) && path.len() + 1 == case.path.len())
        || case.finding.code == rules::POD_PARTS
    {
        unknown(case, &path, peer);
    }
    Some(())
}

/// A peer with keys that are none of a peer.
fn unknown(case: &mut Case<'_>, path: &[String], peer: &Node) -> Option<()> {
    let only = (peer.entries().len() == 1)
        .then(|| peer.entries().next())
        .flatten();
    match only? {
        ("from" | "to", peers) if matches!(peers.value, Value::List(_)) => {
            let list = case.at(&path[..path.len() - 1])?;
            let mut all = Vec::new();
            for (item, form) in list.items().iter().zip(case.lines.items(list)?) {
                match item.child("from").or_else(|| item.child("to")) {
                    Some(inner) if item.entries().len() == 1 => {
                        all.extend(case.lines.items(inner)?);
                    }
                    _ => all.push(form),
                }
            }
            case.put(
                list,
                &Form::list(&all),
                "write the peers themselves, without from",
            );
        }
        ("namespace" | "namespaces" | "namespaceName", name) => {
            let name = text(name).or_else(|| match name.items() {
                [one] => text(one),
                _ => None,
            })?;
            let form = Form::map(&[Form::entry("namespaceSelector", &namespace(name))]);
            case.put(peer, &form, format!("write {}", form.shown()));
        }
        ("matchLabels" | "labels" | "podLabels" | "selector", own)
            if own.entries().len() > 0 && own.entries().all(|(_, of)| text(of).is_some()) =>
        {
            let kind = selects(own.entries().map(|(key, _)| key));
            let own = case.lines.value(own)?;
            let form = Form::map(&[Form::entry(kind, &labels(own))]);
            case.put(peer, &form, format!("write {kind}: {{matchLabels: …}}"));
        }
        (key, value)
            if text(value).is_some()
                && !["ipBlock", "cidr", "from", "to"].contains(&key)
                && SELECTORS.iter().all(|known| *known != key) =>
        {
            let kind = selects([key].into_iter());
            let own = case.lines.value(peer)?;
            let form = Form::map(&[Form::entry(kind, &labels(own))]);
            case.put(peer, &form, format!("write {kind}: {{matchLabels: …}}"));
        }
        _ => {}
    }
    Some(())
}

/// Labels in the place of a selector, and a selector in the place of labels.
fn selector(case: &mut Case<'_>) -> Option<()> {
    let above = case.above(1).to_vec();
    let parent = case.at(&above)?;
    let wanted = crate::shape::at(&above)?;
    if case.is(codes::UNKNOWN_KEY) && wanted.key("matchLabels") {
        let plain = |(key, of): (&str, &Node)| text(of).is_some() && !wanted.key(key);
        if parent.entries().all(plain) {
            let all = case.lines.value(parent)?;
            case.put(parent, &labels(all), "write the labels below matchLabels");
        }
        return Some(());
    }
    if !case.is(codes::WRONG_TYPE) && !case.is(codes::BAD_FORMAT) {
        return None;
    }
    let node = case.node()?;
    match case.key() {
        "matchLabels" if matches!(node.value, Value::Map(_)) => {
            let mut all = case.lines.without(parent, &["matchLabels"])?;
            all.extend(case.lines.without(node, &[])?);
            let key = above.last()?;
            case.put(
                parent,
                &Form::map(&all),
                format!("write the labels themselves: {key}: {{<label>: <value>}}"),
            );
        }
        "matchLabels" => {
            let (key, value) = text(node)?.split_once('=')?;
            let label = Form::entry(key.trim(), &Form::text(value.trim()));
            case.put(parent, &Form::map(&[label]), "write the labels themselves");
        }
        "matchExpressions" if above.last()? == "selector" => {
            let to = with(&above[..above.len() - 1], &["selectorExpressions"]);
            case.moved(
                &case.path.clone(),
                &to,
                "write them as selectorExpressions, beside selector",
            );
        }
        "nodeSelectorTerms" => {
            let pod = &above[..above.len() - 1];
            let required = "requiredDuringSchedulingIgnoredDuringExecution";
            let to = with(
                pod,
                &["affinity", "nodeAffinity", required, "nodeSelectorTerms"],
            );
            case.moved(
                &case.path.clone(),
                &to,
                "write them in affinity.nodeAffinity",
            );
        }
        _ => {}
    }
    Some(())
}

//! References to a Secret as Kubernetes writes them, and names of Secrets alone.

use super::{Case, Form, text};
use crate::codes;
use crate::node::Node;

pub(super) fn references(case: &mut Case<'_>) -> Option<()> {
    let above = case.above(1).to_vec();
    if case.is(codes::UNKNOWN_KEY)
        && matches!(case.key(), "secretKeyRef" | "valueFrom" | "secretRef")
        && crate::shape::at(&above)?.key("secretName")
    {
        let node = case.node()?;
        let node = node.child("secretKeyRef").unwrap_or(node);
        let own = if crate::shape::at(&above)?.key("secretKey") {
            "secretKey"
        } else {
            "key"
        };
        let form = reference(
            text(node.child("name")?)?,
            own,
            node.child("key").and_then(text),
        );
        let parent = case.at(&above)?;
        if parent.entries().len() > 1
            && parent
                .entries()
                .any(|(key, node)| !node.is_default() && key != case.key())
        {
            return None;
        }
        case.put(parent, &form, format!("write {}", form.shown()));
        return Some(());
    }
    if !case.is(codes::WRONG_TYPE) || !crate::shape::at(&case.path)?.key("secretKey") {
        return None;
    }
    // The name of a Secret with a certificate; what may be a token itself is not.
    let node: &Node = case.node()?;
    let key = match case.key() {
        "ca" => "ca.crt",
        "cert" => "tls.crt",
        "key" => "tls.key",
        _ => return None,
    };
    let name = text(node)?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.chars().all(plain) {
        let form = reference(name, "secretKey", Some(key));
        case.put(
            node,
            &form,
            format!("write {}: {}", case.key(), form.shown()),
        );
    }
    Some(())
}

fn reference(name: &str, own: &str, key: Option<&str>) -> Form {
    let mut all = vec![Form::entry("secretName", &Form::text(name))];
    all.extend(key.map(|key| Form::entry(own, &Form::text(key))));
    Form::map(&all).inline()
}

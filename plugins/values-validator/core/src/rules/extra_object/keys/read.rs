//! Values that read a key of a Secret or a ConfigMap.

use crate::Node;
use crate::node::join;

/// A key that is read of an object.
pub(super) struct Read<'a> {
    pub(super) path: String,
    pub(super) kind: &'static str,
    pub(super) name: &'a str,
    pub(super) key: &'a str,
    /// Where the key is written; none: it is a default.
    pub(super) node: Option<&'a Node>,
    pub(super) at: &'a Node,
}

/// What a value reads, if it is a reference.
pub(super) fn read<'a>(path: &str, key: &str, node: &'a Node) -> Vec<Read<'a>> {
    let text = |key: &str| {
        node.child(key)
            .and_then(Node::as_str)
            .filter(|text| !text.is_empty() && !text.contains("{{"))
    };
    if node.child("optional").and_then(Node::as_bool) == Some(true) {
        return Vec::new();
    }
    let one = |kind: &'static str, name: Option<&'a str>, key: &str, default: Option<&'a str>| {
        let own = node.child(key).filter(|own| !own.is_default());
        let read = node.child(key).map_or(default, Node::as_str)?;
        (!read.is_empty() && !read.contains("{{")).then_some(Read {
            path: join(path, key),
            kind,
            name: name?,
            key: read,
            node: own,
            at: node,
        })
    };
    let listed = |kind: &'static str, name: Option<&'a str>| {
        let items = node
            .child("items")
            .map_or(&[][..], Node::items)
            .iter()
            .enumerate();
        let all = items.filter_map(|(at, item)| {
            let own = item.child("key")?;
            Some(Read {
                path: format!("{path}.items[{at}].key"),
                kind,
                name: name?,
                key: own.as_str()?,
                node: Some(own),
                at: item,
            })
        });
        all.collect::<Vec<_>>()
    };
    match key {
        "secretKeyRef" => one("Secret", text("name"), "key", None)
            .into_iter()
            .collect(),
        "configMapKeyRef" => one("ConfigMap", text("name"), "key", None)
            .into_iter()
            .collect(),
        "secret" => listed("Secret", text("secretName")),
        "configMap" => listed("ConfigMap", text("name")),
        "bearerToken" => one("Secret", text("secretName"), "key", None)
            .into_iter()
            .collect(),
        "tls" => ["cert", "key"]
            .iter()
            .filter_map(|key| one("Secret", text("secretName"), key, None))
            .collect(),
        "huggingFaceToken" => one("Secret", text("secretName"), "secretKey", Some("token"))
            .into_iter()
            .collect(),
        // An item of a TriggerAuthentication.
        "" if node.child("parameter").is_some() => one("Secret", text("name"), "key", None)
            .into_iter()
            .collect(),
        _ if node.child("secretName").is_some() => {
            one("Secret", text("secretName"), "secretKey", None)
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}

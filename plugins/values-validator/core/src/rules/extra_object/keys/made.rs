//! Objects that make a Secret or a ConfigMap whose keys are all known.

use super::super::refusal::plain;
use crate::Node;
use crate::node::join;

/// An object of which all keys are known.
pub(super) struct Made<'a> {
    /// `Secret` or `ConfigMap`.
    pub(super) kind: &'static str,
    pub(super) name: &'a str,
    /// Path, text and node of each key; the node is the text of the key, where that is a value.
    pub(super) keys: Vec<(String, &'a str, Option<&'a Node>)>,
    pub(super) node: &'a Node,
}

pub(super) fn made<'a>(path: &str, object: &'a Node) -> Option<Made<'a>> {
    let maps = |maps: &[&str]| {
        let entries = maps.iter().flat_map(|map| {
            let entries = object.get(map).into_iter().flat_map(Node::entries);
            entries.map(move |(key, _)| (join(&format!("{path}.{map}"), key), key, None))
        });
        entries.collect::<Vec<_>>()
    };
    let kind = plain(object, "kind")?;
    let mut name = plain(object, "metadata.name");
    let keys = match kind {
        "Secret" => maps(&["data", "stringData"]),
        "ConfigMap" => maps(&["data", "binaryData"]),
        "SealedSecret" => {
            name = plain(object, "spec.template.metadata.name").or(name);
            maps(&["spec.encryptedData", "spec.template.data"])
        }
        "ExternalSecret" => {
            let merged = plain(object, "spec.target.creationPolicy")
                .is_some_and(|policy| policy == "Merge" || policy == "None");
            if object.get("spec.dataFrom").is_some()
                || object.get("spec.target.template").is_some()
                || merged
            {
                return None;
            }
            name = plain(object, "spec.target.name").or(name);
            let list = object.get("spec.data")?.items().iter().enumerate();
            let keys = list.map(|(at, one)| {
                let node = one.child("secretKey")?;
                Some((
                    format!("{path}.spec.data[{at}].secretKey"),
                    node.as_str()?,
                    Some(node),
                ))
            });
            keys.collect::<Option<Vec<_>>>()?
        }
        _ => return None,
    };
    let certain = keys.iter().all(|(_, key, _)| !key.contains("{{")) && !keys.is_empty();
    let kind = if kind == "ConfigMap" {
        "ConfigMap"
    } else {
        "Secret"
    };
    certain.then_some(Made {
        kind,
        name: name?,
        keys,
        node: object,
    })
}

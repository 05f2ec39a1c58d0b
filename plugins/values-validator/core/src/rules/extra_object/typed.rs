//! Secrets of a type: what they contain, and what asks for one.

use super::RULE;
use super::refusal::{plain, refused};
use crate::node::join;
use crate::{Findings, Node, Values};

/// A key, and parts of the names that people give it.
type Key = (&'static str, &'static [&'static str]);

/// A type, and the keys that it needs.
const TYPES: [(&str, &[Key]); 3] = [
    (
        "kubernetes.io/tls",
        &[("tls.crt", &["crt", "pem", "cert"]), ("tls.key", &["key"])],
    ),
    (
        "kubernetes.io/dockerconfigjson",
        &[(".dockerconfigjson", &["dockerconfig", "config.json"])],
    ),
    (
        "kubernetes.io/ssh-auth",
        &[("ssh-privatekey", &["id_", "key"])],
    ),
];
const PULLS: &str = "kubernetes.io/dockerconfigjson";

pub(super) fn check(values: &Values, path: &str, object: &Node, findings: &mut Findings) {
    if plain(object, "kind") != Some("Secret") {
        return;
    }
    keys(path, object, findings);
    pulled(values, path, object, findings);
}

fn keys(path: &str, object: &Node, findings: &mut Findings) {
    let Some((kind, needed)) = TYPES
        .iter()
        .find(|(kind, _)| plain(object, "type") == Some(kind))
    else {
        return;
    };
    let given: Vec<(String, &str, &Node)> = (["data", "stringData"].iter())
        .flat_map(|map| {
            let entries = object.child(map).into_iter().flat_map(Node::entries);
            entries.map(move |(key, node)| (join(&format!("{path}.{map}"), key), key, node))
        })
        .collect();
    let has = |name: &str| given.iter().any(|(_, key, _)| *key == name);
    for (name, others) in needed.iter().filter(|(name, _)| !has(name)) {
        // The last part of a name says what it is: `cert.pem`, `key.pem`.
        let stem = |key: &str| key.trim_end_matches(".pem").to_ascii_lowercase();
        let other = given.iter().find(|(_, key, _)| {
            let known = needed.iter().any(|(name, _)| name == key);
            !known
                && others
                    .iter()
                    .any(|word| stem(key).ends_with(word) || key.starts_with(word))
        });
        let expected = needed
            .iter()
            .map(|(name, _)| *name)
            .collect::<Vec<_>>()
            .join(" and ");
        let found = format!("a Secret of type {kind} without {name}");
        findings.push(match other {
            Some((path, _, node)) => refused(path.clone(), node.key_place(), found, expected)
                .writes(node.key_place(), name),
            None => refused(
                join(path, "type"),
                object.child("type").unwrap_or(object).place,
                found,
                expected,
            )
            .fix(format!(
                "add {name}, or remove type for a Secret of any keys"
            )),
        });
    }
}

/// A Secret for pulling images, of a type that the kubelet does not read.
fn pulled(values: &Values, path: &str, object: &Node, findings: &mut Findings) {
    let Some(name) = plain(object, "metadata.name") else {
        return;
    };
    let lists = ["imagePullSecrets", "global.imagePullSecrets"];
    let asked = lists.iter().find_map(|list| {
        let mut all = values.list(list);
        all.find(|(_, one)| one.as_str().or_else(|| one.child("name")?.as_str()) == Some(name))
    });
    let kind = object.child("type");
    let other = kind.is_none_or(|kind| {
        !kind
            .as_str()
            .is_some_and(|kind| kind.contains("dockerc") || kind.contains("{{"))
    });
    let Some((_, asked)) = asked.filter(|_| other) else {
        return;
    };
    let finding = RULE
        .warning(join(path, "type"), &kind.unwrap_or(object).place)
        .found(format!("a Secret for pulling images, of type {}", kind.and_then(Node::as_str).unwrap_or("Opaque")))
        .expected(format!("type: {PULLS}, with the key .dockerconfigjson"))
        .why("The kubelet reads no other type: images of the registry are not pulled.")
        .fix(format!("write type: {PULLS} and data: {{.dockerconfigjson: …}}, as `kubectl create secret docker-registry --dry-run=client -o yaml` prints it"))
        .related(asked.place, "what asks for it");
    findings.push(finding);
}

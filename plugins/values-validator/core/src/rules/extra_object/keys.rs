//! Keys of the Secrets and ConfigMaps that extra objects make, against those that are read.

mod made;
mod read;

use super::RULE;
use crate::rules::look::walk_given;
use crate::shape::{nearest, reworded};
use crate::{Finding, Findings, Values};
use made::{Made, made};
use read::{Read, read};

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let made: Vec<Made<'_>> = values
        .list("extraObjects")
        .filter_map(|(path, object)| made(&path, object))
        .collect();
    if made.is_empty() {
        return;
    }
    let mut reads = Vec::new();
    walk_given(&values.root, "", &mut |path, key, node| {
        reads.extend(read(path, key, node))
    });
    for read in &reads {
        let mut of = made
            .iter()
            .filter(|made| made.kind == read.kind && made.name == read.name);
        // Two objects of one name are each in a namespace of its own.
        let (Some(object), None) = (of.next(), of.next()) else {
            continue;
        };
        if !object.keys.iter().any(|(_, key, _)| *key == read.key) {
            findings.push(absent(object, read, &reads));
        }
    }
}

/// A key that the object does not have: it is written there, where the object has one that nothing else reads,
/// or at what reads it.
fn absent(object: &Made<'_>, read: &Read<'_>, reads: &[Read<'_>]) -> Finding {
    let names = || object.keys.iter().map(|(_, key, _)| *key);
    let typed = nearest(read.key, names());
    let near = typed.or_else(|| reworded(read.key, names()));
    let used = |key: &str| {
        let mut others = reads.iter();
        others.any(|other| other.kind == read.kind && other.name == read.name && other.key == key)
    };
    let free = object
        .keys
        .iter()
        .find(|(_, key, _)| !used(key))
        .filter(|_| object.keys.len() == 1);
    let say = |path: &str, place, found: String| {
        RULE.warning(path, place)
            .found(found)
            .why("The container that reads it is not started: there is no such key.")
    };
    let (kind, name, key) = (read.kind, read.name, read.key);
    if let (Some((path, own, Some(node))), None) = (free, typed.filter(|_| read.node.is_some())) {
        return say(
            path,
            node.place,
            format!("the key {own}, where {key} of the {kind} {name} is read"),
        )
        .expected(key)
        .writes(node.place, key)
        .related(read.at.place, "what reads it");
    }
    let shown = names().collect::<Vec<_>>().join(", ");
    let place = read.node.unwrap_or(read.at).place;
    let first = object.keys.first().and_then(|(_, _, node)| *node);
    let there = first.unwrap_or(object.node).place;
    let finding = say(
        &read.path,
        place,
        format!("the key {key}, which the {kind} {name} does not have"),
    )
    .expected(shown.clone())
    .related(there, "the object that has the keys");
    match (
        near.or_else(|| names().next().filter(|_| object.keys.len() == 1)),
        read.node,
    ) {
        (Some(near), Some(node)) => finding.writes(node.place, near),
        (Some(near), None) => {
            let last = read.path.rsplit('.').next().unwrap_or("key");
            finding.fix(format!("add {last}: {near} beside the name"))
        }
        (None, _) => finding.fix(format!("write one of {shown}, or add {key} to the object")),
    }
}

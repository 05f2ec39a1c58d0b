//! Extra objects against each other: names twice, Services and the pods that they select, targets of autoscalers.

use super::RULE;
use super::refusal::plain;
use crate::node::{item, join};
use crate::shape::nearest;
use crate::{Finding, Findings, Node, Place, Severity, Values};

const WORKLOADS: [&str; 4] = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"];

type Objects<'a> = [(String, &'a Node)];

fn say(path: String, place: Place, found: String, expected: &str, why: &str) -> Finding {
    RULE.warning(path, place)
        .found(found)
        .expected(expected)
        .why(why)
}

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let objects: Vec<(String, &Node)> = values.list("extraObjects").collect();
    for (at, (path, object)) in objects.iter().enumerate() {
        twice(&objects[..at], path, object, findings);
        match plain(object, "kind") {
            Some("Service") => served(&objects, path, object, findings),
            Some("HorizontalPodAutoscaler" | "ScaledObject") => {
                scaled(&objects, path, object, findings)
            }
            _ => {}
        }
    }
}

/// Kind, group, namespace and name; nothing where a template writes one.
fn identity(object: &Node) -> Option<[&str; 4]> {
    let space = match object.get("metadata.namespace") {
        None => "",
        Some(_) => plain(object, "metadata.namespace")?,
    };
    let group = plain(object, "apiVersion")?
        .rsplit_once('/')
        .map_or("", |(group, _)| group);
    Some([
        plain(object, "kind")?,
        group,
        space,
        plain(object, "metadata.name")?,
    ])
}

/// An object of the same name as one before.
fn twice(before: &Objects<'_>, path: &str, object: &Node, findings: &mut Findings) {
    let own = identity(object);
    let first = before
        .iter()
        .find(|(_, other)| own.is_some() && identity(other) == own);
    let (Some((_, first)), Some([kind, .., name]), Some(node)) =
        (first, own, object.get("metadata.name"))
    else {
        return;
    };
    let why = "helm creates the first and fails at the second: the install stops.";
    let mut finding = say(
        format!("{path}.metadata.name"),
        node.place,
        format!("a second {kind} {name}"),
        "a name of its own",
        why,
    );
    finding.severity = Severity::Error;
    findings.push(
        finding
            .fix("rename it, or put both into one object")
            .related(first.place, "the first one"),
    );
}

fn labels(object: &Node) -> Option<&Node> {
    object.get("spec.template.metadata.labels")
}

fn workloads<'a, 'b>(objects: &'b Objects<'a>) -> impl Iterator<Item = &'a Node> + 'b {
    let workload =
        |object: &Node| plain(object, "kind").is_some_and(|kind| WORKLOADS.contains(&kind));
    objects
        .iter()
        .map(|(_, object)| *object)
        .filter(move |object| workload(object))
}

/// A Service before pods of another object: their labels, and the names of their ports.
fn served(objects: &Objects<'_>, path: &str, object: &Node, findings: &mut Findings) {
    let Some(selector) = object.get("spec.selector") else {
        return;
    };
    let picks = |workload: &&Node| {
        let Some(labels) = labels(workload) else {
            return false;
        };
        selector
            .entries()
            .all(|(key, value)| labels.child(key).and_then(Node::as_str) == value.as_str())
    };
    if let Some(workload) = workloads(objects).find(picks) {
        ports(path, object, workload, findings);
        return;
    }
    let own = plain(object, "metadata.name");
    let named = workloads(objects)
        .find(|workload| own.is_some() && plain(workload, "metadata.name") == own);
    let Some((labels, workload)) = named.and_then(|workload| Some((labels(workload)?, workload)))
    else {
        return;
    };
    let wrong = selector
        .entries()
        .find(|(key, value)| labels.child(key).and_then(Node::as_str) != value.as_str());
    let Some((key, value)) =
        wrong.filter(|(_, value)| value.as_str().is_some_and(|text| !text.contains("{{")))
    else {
        return;
    };
    let there = labels.child(key).and_then(Node::as_str);
    if there.is_some_and(|text| text.contains("{{")) {
        return;
    }
    let finding = say(
        join(&format!("{path}.spec.selector"), key),
        value.place,
        format!(
            "{key}: {}, which the pods of {} do not have",
            value.as_str().unwrap_or(""),
            own.unwrap_or("")
        ),
        "labels of the pods",
        "The Service has no endpoints: each connection fails.",
    )
    .related(workload.place, "the workload of that name");
    findings.push(match there {
        Some(label) => finding.writes(value.place, label),
        None => finding.fix(format!("write selector: {}", crate::shape::written(labels))),
    });
}

/// Ports of a Service by names that the containers do not have.
fn ports(path: &str, object: &Node, workload: &Node, findings: &mut Findings) {
    let containers = workload
        .get("spec.template.spec.containers")
        .map_or(&[][..], Node::items);
    let all = containers
        .iter()
        .flat_map(|one| one.child("ports").map_or(&[][..], Node::items));
    let names: Vec<&str> = all
        .clone()
        .filter_map(|port| port.child("name")?.as_str())
        .collect();
    let count = all.clone().count();
    for (at, port) in object
        .get("spec.ports")
        .map_or(&[][..], Node::items)
        .iter()
        .enumerate()
    {
        let Some((node, name)) = port
            .child("targetPort")
            .and_then(|node| Some((node, node.as_str()?)))
        else {
            continue;
        };
        if names.contains(&name) || name.contains("{{") || name.parse::<u16>().is_ok() {
            continue;
        }
        let finding = say(
            join(&item(&format!("{path}.spec.ports"), at), "targetPort"),
            node.place,
            format!("targetPort {name}, which no container of the pods has"),
            &names.join(", "),
            "The Service has no port to send to: each connection is refused.",
        );
        let only = names.first().filter(|_| names.len() == 1).copied();
        findings.push(match nearest(name, names.iter().copied()).or(only) {
            Some(near) => finding.writes(node.place, near),
            None if count == 0 => finding.expected("a port of the containers").fix(format!(
                "add ports: [{{name: {name}, containerPort: <port>}}] to the container"
            )),
            None => finding
                .expected("a name of a port of the containers")
                .fix(format!(
                    "name a port of the container {name}, or write its number"
                )),
        });
    }
}

/// An autoscaler whose target has nearly, or the same as its own, name of a workload.
fn scaled(objects: &Objects<'_>, path: &str, object: &Node, findings: &mut Findings) {
    let Some(target) = object.get("spec.scaleTargetRef") else {
        return;
    };
    let (Some(name), Some(node)) = (plain(target, "name"), target.child("name")) else {
        return;
    };
    let names: Vec<&str> = workloads(objects)
        .filter_map(|workload| plain(workload, "metadata.name"))
        .collect();
    let own = plain(object, "metadata.name");
    // An autoscaler of the target's name is of a workload that is made elsewhere.
    if names.contains(&name) || own == Some(name) {
        return;
    }
    let own = own.filter(|own| names.contains(own));
    if let Some(near) = nearest(name, names.iter().copied()).or(own) {
        let finding = say(
            format!("{path}.spec.scaleTargetRef.name"),
            node.place,
            format!("{name}, which no object makes"),
            near,
            "The autoscaler finds no workload and never scales.",
        );
        findings.push(finding.writes(node.place, near));
    }
}

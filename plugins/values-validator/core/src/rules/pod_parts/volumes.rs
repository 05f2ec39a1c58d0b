//! Volumes of a model's pod and what is mounted of them.

use super::drain::drain;
use super::{REFUSED, RULE};
use crate::node::join;
use crate::rules::look::Model;
use crate::{Findings, Node};

pub(super) fn volumes(model: &Model<'_>, findings: &mut Findings) {
    let Some(deploy) = model.deploy else { return };
    drain(model, deploy, findings);
    let list = |key: &str| deploy.child(key).map_or(&[][..], Node::items);
    let mut names: Vec<&str> = Vec::new();
    for (i, volume) in list("volumes").iter().enumerate() {
        let path = format!("{}[{i}]", model.deploy_path("volumes"));
        let kinds: Vec<(&str, &Node)> =
            volume.entries().filter(|(key, _)| *key != "name").collect();
        if let [(first, _), (second, node), ..] = kinds[..] {
            findings.push(
                RULE.finds(
                    join(&path, second),
                    &node.place,
                    format!("{first} and {second}"),
                    text!("one source for each volume"),
                    REFUSED,
                )
                .fix(text!("remove one, or make two volumes of it")),
            );
        }
        let Some(node) = volume.child("name") else {
            continue;
        };
        let Some(name) = node.as_str() else { continue };
        if names.contains(&name) || OWN.contains(&name) {
            findings.push(
                RULE.finds(
                    join(&path, "name"),
                    &node.place,
                    format!("a second volume {name}"),
                    text!("a name of its own"),
                    REFUSED,
                )
                .fix("rename it"),
            );
        }
        names.push(name);
    }
    let mount = |key: &str| deploy.get(key).and_then(Node::as_str);
    let stored = ["existingClaim", "size", "image", "hostPath"]
        .iter()
        .any(|key| mount(&format!("storage.{key}")).is_some_and(|text| !text.is_empty()));
    let mut paths: Vec<String> = vec!["/dev/shm".into(), "/tmp".into()];
    if stored {
        paths.push(mount("storage.mountPath").unwrap_or("/models").to_owned());
    }
    if let Some(node) = deploy.get("storage.mountPath")
        && node
            .as_str()
            .is_some_and(|path| paths[..2].iter().any(|own| own == path))
    {
        findings.push(
            RULE.finds(
                join(&model.deploy_path("storage"), "mountPath"),
                node.place,
                node.described(),
                text!("a folder of its own; the chart mounts /dev/shm and /tmp itself"),
                REFUSED,
            )
            .writes(node.place, "/models"),
        );
    }
    for key in ["initContainers", "extraContainers"] {
        for (i, container) in list(key).iter().enumerate() {
            let mounts = container.child("volumeMounts").map_or(&[][..], Node::items);
            for (j, mounted) in mounts.iter().enumerate() {
                if let Some(node) = mounted.child("name")
                    && let Some(name) = node.as_str()
                    && !names.contains(&name)
                    && !OWN.contains(&name)
                {
                    let path = format!("{}[{i}].volumeMounts[{j}].name", model.deploy_path(key));
                    findings.push(absent(path, node, name, &names));
                }
            }
        }
    }
    for (i, mounted) in list("volumeMounts").iter().enumerate() {
        let path = format!("{}[{i}]", model.deploy_path("volumeMounts"));
        if let Some(node) = mounted.child("name")
            && let Some(name) = node.as_str()
            && !names.contains(&name)
            && !OWN.contains(&name)
        {
            findings.push(absent(join(&path, "name"), node, name, &names));
        }
        if let Some(node) = mounted.child("mountPath")
            && let Some(at) = node.as_str()
        {
            let bare = at.trim_end_matches('/').to_owned();
            if !at.starts_with('/') {
                let finding = RULE.finds(join(&path, "mountPath"), &node.place, node.described(), text!("a path that begins with /"), text!(
                        "It is mounted below the root of the container, wherever the process works."
                    ))
                    .fix(format!("write /{at}"))
                    .replace(node.place, format!("{:?}", format!("/{at}"))).as_warning();
                findings.push(finding);
            }
            if paths.contains(&bare) {
                findings.push(
                    RULE.finds(
                        join(&path, "mountPath"),
                        &node.place,
                        format!("a second mount at {at}"),
                        text!("a path of its own"),
                        REFUSED,
                    )
                    .fix(text!("mount it elsewhere, or change storage.mountPath")),
                );
            }
            paths.push(bare);
        }
    }
}

/// A mount without its volume.
fn absent(path: String, node: &Node, name: &str, names: &[&str]) -> crate::Finding {
    let finding = RULE
        .at(path, &node.place)
        .found(format!("a mount of the volume {name}, which is not there"))
        .expected(if names.is_empty() {
            "a volume of that name in deploy.volumes".to_owned()
        } else {
            format!("one of {}", names.join(", "))
        })
        .why(REFUSED);
    match crate::shape::nearest(name, names.iter().copied()) {
        Some(near) => finding.meant(node.place, near),
        None => finding.fix(format!(
            "{}add it: volumes: [{{name: {name}, emptyDir: {{}}}}]",
            names
                .iter()
                .map(|name| format!("write {name}, or "))
                .collect::<String>()
        )),
    }
}

/// Volumes that the chart makes itself.
const OWN: [&str; 3] = ["models", "shm", "tmp"];

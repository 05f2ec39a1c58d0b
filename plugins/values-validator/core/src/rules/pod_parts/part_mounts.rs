//! Mounts of the containers that are added to a part of the chart.

use super::extra_volumes::{absent, known};
use crate::node::{item, join};
use crate::{Findings, Node, Values};

pub(super) fn check(values: &Values, path: &str, node: &Node, findings: &mut Findings) {
    // Pods of models have their volumes in `volumes`; other objects are looked at by their kind.
    if path.starts_with("models[") || path.starts_with("extraObjects") {
        return;
    }
    let part = path.rsplit_once('.').map_or("", |(part, _)| part);
    let volumes = values.get(&join(part, "extraVolumes"));
    let beside: Vec<&str> = (volumes.map_or(&[][..], Node::items).iter())
        .filter_map(|volume| volume.child("name")?.as_str())
        .collect();
    for (at, container) in node.items().iter().enumerate() {
        let mounts = container.child("volumeMounts").map_or(&[][..], Node::items);
        for (i, mounted) in mounts.iter().enumerate() {
            let Some((own, name)) = mounted
                .child("name")
                .and_then(|node| Some((node, node.as_str()?)))
            else {
                continue;
            };
            if !known(&beside, name) {
                let path = format!("{}.volumeMounts[{i}].name", item(path, at));
                findings.push(absent(path, own, name, &beside));
            }
        }
    }
}

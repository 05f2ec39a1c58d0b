//! Volumes and mounts that are added to a part of the chart.

use super::{REFUSED, RULE};
use crate::embedded::Text;
use crate::node::join;
use crate::{Finding, Findings, Node, Values};

/// Volumes of one name.
pub(super) fn extra_volumes(path: &str, node: &Node, findings: &mut Findings) {
    let mut names: Vec<&str> = Vec::new();
    for (i, volume) in node.items().iter().enumerate() {
        let Some(own) = volume.child("name") else {
            continue;
        };
        let Some(name) = own.as_str() else { continue };
        if names.contains(&name) {
            findings.push(
                RULE.finds(
                    format!("{path}[{i}].name"),
                    &own.place,
                    format!("a second volume {name}"),
                    text!("a name of its own"),
                    REFUSED,
                )
                .fix("rename it"),
            );
        }
        names.push(name);
    }
}

/// Volumes that the chart gives its parts.
const PARTS: Text = text!(
    "admin config dashboards data datasources home kept policy providers queue queues receiver-token rules settings storage tmp"
);

/// Whether a volume is given beside a mount, or the chart's.
pub(super) fn known(beside: &[&str], name: &str) -> bool {
    beside.contains(&name)
        || PARTS.split(' ').any(|part| part == name)
        || name.starts_with("scrape-")
        || name.starts_with("remote-write-")
}

/// Mounts of volumes that are neither given beside them nor the chart's.
pub(super) fn extra_mounts(values: &Values, path: &str, node: &Node, findings: &mut Findings) {
    let part = path
        .trim_end_matches("extraVolumeMounts")
        .trim_end_matches('.');
    let beside = values.get(&join(part, "extraVolumes"));
    let beside: Vec<&str> = (beside.map_or(&[][..], Node::items).iter())
        .filter_map(|volume| volume.child("name")?.as_str())
        .collect();
    let mut paths: Vec<&str> = Vec::new();
    for (i, mounted) in node.items().iter().enumerate() {
        if let Some(own) = mounted.child("mountPath")
            && let Some(at) = own.as_str()
        {
            if paths.contains(&at) {
                findings.push(
                    RULE.finds(
                        format!("{path}[{i}].mountPath"),
                        &own.place,
                        format!("a second mount at {at}"),
                        text!("a path of its own"),
                        REFUSED,
                    )
                    .fix(text!("mount it elsewhere")),
                );
            }
            paths.push(at);
        }
        let Some(own) = mounted.child("name") else {
            continue;
        };
        let Some(name) = own.as_str() else { continue };
        if let Some(node) = mounted.child("mountPath")
            && let Some(at) = node
                .as_str()
                .filter(|at| !at.starts_with('/') && !at.is_empty())
        {
            let finding = RULE.finds(format!("{path}[{i}].mountPath"), &node.place, node.described(), text!("a path that begins with /"), text!(
                    "The container does not start, or the files are below its working directory."
                ))
                .fix(format!("write /{at}"))
                .replace(node.place, format!("/{at}")).as_warning();
            findings.push(finding);
        }
        if !known(&beside, name) {
            findings.push(absent(format!("{path}[{i}].name"), own, name, &beside));
        }
    }
}

/// A mount without its volume.
pub(super) fn absent(path: String, own: &Node, name: &str, beside: &[&str]) -> Finding {
    RULE.finds(
        path,
        &own.place,
        format!("a mount of the volume {name}, which is not there"),
        text!("a volume of that name in extraVolumes"),
        REFUSED,
    )
    .fix(match beside {
        [only] => format!("write {only}, or add it to extraVolumes"),
        _ => format!("add it: extraVolumes: [{{name: {name}, emptyDir: {{}}}}]"),
    })
    .as_warning()
}

/// A path inside of a volume that begins with `/`.
pub(super) fn sub_path(path: &str, node: &Node, findings: &mut Findings) {
    let text = node.as_str().unwrap_or("").trim_start_matches('/');
    findings.push(
        RULE.finds(
            path,
            &node.place,
            node.described(),
            text!("a path inside of the volume, without / before it"),
            REFUSED,
        )
        .writes(node.place, text),
    );
}

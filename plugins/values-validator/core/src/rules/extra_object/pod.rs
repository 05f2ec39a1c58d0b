//! The pod of a workload among the extra objects.

use super::refusal::{plain, refused};
use crate::node::join;
use crate::{Findings, Node, Value};

/// The pod of a template.
pub(super) fn check(path: &str, spec: &Node, ends: bool, findings: &mut Findings) {
    let Some(pod) = spec.get("template.spec") else {
        return;
    };
    let path = format!("{path}.template.spec");
    let policy = pod.child("restartPolicy");
    let word = plain(pod, "restartPolicy");
    if ends && policy.is_none_or(|_| word == Some("Always")) {
        let place = policy.map_or(pod.key_place(), |node| node.place);
        let finding = refused(
            join(&path, "restartPolicy"),
            place,
            policy.map_or_else(|| "a job without restartPolicy".to_owned(), Node::described),
            "OnFailure or Never",
        );
        findings.push(match policy {
            Some(node) => finding.writes(node.place, "OnFailure"),
            None => finding.fix("add restartPolicy: OnFailure beside containers"),
        });
    } else if !ends && let (Some(node), Some("OnFailure" | "Never")) = (policy, word) {
        findings.push(
            refused(
                join(&path, "restartPolicy"),
                node.place,
                node.described(),
                "Always",
            )
            .fix("remove it, or make a Job of the object")
            .remove(node),
        );
    }
    let volumes = pod.child("volumes").map_or(&[][..], Node::items);
    let claims = spec
        .child("volumeClaimTemplates")
        .map_or(&[][..], Node::items);
    let claimed = claims
        .iter()
        .filter_map(|claim| plain(claim, "metadata.name"));
    let named = volumes.iter().filter_map(|volume| plain(volume, "name"));
    let names: Vec<&str> = named.chain(claimed).collect();
    let count = volumes.len() + claims.len();
    for list in ["initContainers", "containers"] {
        let containers = pod.child(list).map_or(&[][..], Node::items);
        for (at, container) in containers.iter().enumerate() {
            let path = format!("{path}.{list}[{at}]");
            mounts(&path, container, &names, count, findings);
            for key in ["name", "image"] {
                if container.child(key).is_none() && matches!(container.value, Value::Map(_)) {
                    findings.push(
                        refused(
                            path.clone(),
                            container.place,
                            format!("a container without {key}"),
                            "name and image",
                        )
                        .fix(format!("add {key}: <{key}>")),
                    );
                }
            }
        }
    }
}

/// Mounts of volumes that the pod does not have.
fn mounts(path: &str, container: &Node, names: &[&str], count: usize, findings: &mut Findings) {
    let mounted = container.child("volumeMounts").map_or(&[][..], Node::items);
    for (at, mount) in mounted.iter().enumerate() {
        let (Some(name), Some(node)) = (plain(mount, "name"), mount.child("name")) else {
            continue;
        };
        // A volume whose name a template writes may be the one.
        if names.contains(&name) || names.len() < count {
            continue;
        }
        let finding = refused(
            format!("{path}.volumeMounts[{at}].name"),
            node.place,
            format!("a mount of the volume {name}, which is not there"),
            "a volume of the pod's spec.volumes",
        );
        findings.push(match crate::shape::nearest(name, names.iter().copied()) {
            Some(near) => finding.meant(node.place, near),
            None => finding.fix(format!(
                "add it to volumes beside containers: {{name: {name}, emptyDir: {{}}}}"
            )),
        });
    }
}

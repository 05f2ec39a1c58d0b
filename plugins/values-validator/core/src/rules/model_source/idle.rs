//! A volume that is declared and mounted nowhere: most often the one whose files an argument names.

use crate::Node;

/// The volume of a deployed model that no container mounts, where there is one alone.
pub(super) fn idle(deploy: &Node) -> Option<&str> {
    let names = |list: Option<&'_ Node>| -> Vec<String> {
        let items = list.map_or(&[][..], Node::items).iter();
        items
            .filter_map(|one| Some(one.child("name")?.as_str()?.to_owned()))
            .collect()
    };
    let mut mounted = names(deploy.child("volumeMounts"));
    for key in ["initContainers", "extraContainers"] {
        for container in deploy.child(key).map_or(&[][..], Node::items) {
            mounted.extend(names(container.child("volumeMounts")));
        }
    }
    let volumes = deploy.child("volumes").map_or(&[][..], Node::items).iter();
    let mut free = volumes
        .filter_map(|volume| volume.child("name")?.as_str())
        .filter(|name| !mounted.iter().any(|other| other == name));
    let first = free.next()?;
    free.next().is_none().then_some(first)
}

/// How a folder comes into the pod.
pub(super) fn mount(volume: Option<&str>, folder: &str) -> String {
    match volume {
        Some(name) => format!(
            "mount the volume {name} there: volumeMounts: [{{name: {name}, mountPath: {folder}}}]"
        ),
        None => format!(
            "mount it: volumes: [{{name: files, configMap: {{name: <ConfigMap>}}}}], volumeMounts: [{{name: files, mountPath: {folder}}}]"
        ),
    }
}

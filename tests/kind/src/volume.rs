//! A volume of a cluster without a provisioner.

use std::time::Duration;

use anyhow::{Context, Result};
use k8s_openapi::api::core::v1::{Node, PersistentVolume};
use k8s_openapi::api::storage::v1::StorageClass;
use kube::api::{Api, DeleteParams, ListParams};
use serde_json::json;

use crate::room::Room;
use crate::wait::{Seen, until};

/// A folder of the node for one local volume, which the cluster's administrator makes.
pub const FOLDER: &str = "/var/local/vllm-monitoring";

/// Folders for the disks of a release that is upgraded, `<version>/<part>`, and of the tutorials, `tutorials/<number>`.
pub const DISKS: &str = "/var/local/vllm-monitoring-disks";

/// Marks the class of claims that name none.
const DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";

/// Removes one.
///
/// # Errors
/// When the API server refuses it.
pub async fn remove(room: &Room, name: &str) -> Result<()> {
    let volumes: Api<PersistentVolume> = Api::all(room.cluster.client.clone());
    volumes.delete(name, &DeleteParams::default()).await?;
    Ok(())
}

/// The cluster's default StorageClass, and whether its volumes are made by hand.
///
/// # Errors
/// When it has none.
pub async fn default_class(room: &Room) -> Result<(String, bool)> {
    let classes: Api<StorageClass> = Api::all(room.cluster.client.clone());
    let mut all = classes
        .list(&ListParams::default())
        .await?
        .items
        .into_iter();
    let default = all.find(|class| {
        let annotations = class.metadata.annotations.as_ref();
        annotations
            .and_then(|a| a.get(DEFAULT))
            .is_some_and(|value| value == "true")
    });
    let class = default.context("the cluster has no default StorageClass")?;
    let name = class
        .metadata
        .name
        .context("a StorageClass without a name")?;
    Ok((name, class.provisioner == "kubernetes.io/no-provisioner"))
}

/// A volume of a class of the same name, for a claim that names it.
///
/// # Errors
/// As [`volume_of`].
pub async fn volume(room: &Room, name: &str, folder: &str) -> Result<()> {
    volume_of(room, name, folder, name, "100Mi").await
}

/// A local volume of a class and a size on the node that has the folder, as clusters without a provisioner have it.
/// One that an interrupted run left is bound to a claim that is gone, and is made anew.
///
/// # Errors
/// When the one before does not go, or the API server refuses it.
pub async fn volume_of(
    room: &Room,
    name: &str,
    folder: &str,
    class: &str,
    size: &str,
) -> Result<()> {
    let volumes: Api<PersistentVolume> = Api::all(room.cluster.client.clone());
    if volumes.get_opt(name).await?.is_some() {
        volumes.delete(name, &DeleteParams::default()).await?;
    }
    until(
        "the end of the volume before",
        Duration::from_secs(60),
        || async {
            Ok(match volumes.get_opt(name).await? {
                None => Seen::Yes(()),
                Some(volume) => Seen::NotYet(format!("{:?}", volume.status)),
            })
        },
    )
    .await?;
    let nodes: Api<Node> = Api::all(room.cluster.client.clone());
    let node = nodes
        .list(&ListParams::default())
        .await?
        .items
        .into_iter()
        .next();
    let host = node.and_then(|n| n.metadata.labels?.remove("kubernetes.io/hostname"));
    let host = host.context("a node without the label kubernetes.io/hostname")?;
    let here = json!([{"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [host]}]}]);
    let spec = json!({"spec": {
        "capacity": {"storage": size},
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": class,
        "persistentVolumeReclaimPolicy": "Retain",
        "local": {"path": folder},
        "nodeAffinity": {"required": {"nodeSelectorTerms": here}},
    }});
    room.cluster
        .apply("", "PersistentVolume", None, name, spec)
        .await
}

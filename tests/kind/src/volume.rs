//! A volume of a cluster without a provisioner.

use std::time::Duration;

use anyhow::{Context, Result};
use k8s_openapi::api::core::v1::{Node, PersistentVolume};
use kube::api::{Api, DeleteParams, ListParams};
use serde_json::json;

use crate::room::Room;
use crate::wait::{Seen, until};

/// A folder of the node for one local volume, which the cluster's administrator makes.
pub const FOLDER: &str = "/var/local/vllm-monitoring";

/// Folders for the disks of a release that is upgraded: `<version>/<part>`.
pub const DISKS: &str = "/var/local/vllm-monitoring-disks";

/// Removes one.
///
/// # Errors
/// When the API server refuses it.
pub async fn remove(room: &Room, name: &str) -> Result<()> {
    let volumes: Api<PersistentVolume> = Api::all(room.cluster.client.clone());
    volumes.delete(name, &DeleteParams::default()).await?;
    Ok(())
}

/// A local volume on the node that has the folder, as clusters without a provisioner have it. One
/// that an interrupted run left is bound to a claim that is gone, and is made anew.
///
/// # Errors
/// When the one before does not go, or the API server refuses it.
pub async fn volume(room: &Room, name: &str, folder: &str) -> Result<()> {
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
        "capacity": {"storage": "100Mi"},
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": name,
        "persistentVolumeReclaimPolicy": "Retain",
        "local": {"path": folder},
        "nodeAffinity": {"required": {"nodeSelectorTerms": here}},
    }});
    room.cluster
        .apply("", "PersistentVolume", None, name, spec)
        .await
}

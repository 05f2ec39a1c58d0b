//! An outage of the far end, with a volume for the collector's queue.

use std::time::Duration;

use anyhow::{Context, Result};
use k8s_openapi::api::core::v1::{Node, PersistentVolume};
use kind_tests::release::{Release, merge, values};
use kind_tests::requests::{COLLECTOR, requests};
use kind_tests::room::{Room, room};
use kind_tests::sink::Sink;
use kind_tests::wait::{Seen, until};
use kube::api::{Api, DeleteParams, ListParams};
use serde_json::json;

/// A folder of the node for one local volume, which the cluster's administrator makes.
const FOLDER: &str = "/var/local/vllm-monitoring";

#[tokio::test]
async fn with_a_volume_an_outage_of_the_far_end_and_a_replaced_collector_lose_nothing() -> Result<()>
{
    room("outage", |room| async move {
        let class = room.namespace.clone();
        volume(&room, &class).await?;
        let sink = Sink::away(&room).await?;
        let mut values = values(&room, &sink.url())?;
        let storage = json!({"persistent": true, "size": "100Mi", "storageClassName": class});
        merge(&mut values, json!({"tracing": {"storage": storage}}));
        Release::install(&room, &values).await?;
        // Nothing answers there, and the pod that holds the queue ends: what waits is decided.
        let (_, slow) = requests(&room, 3).await?;
        room.replace(COLLECTOR).await?;
        sink.arrive().await?;
        sink.all_of(&slow).await?;
        let volumes: Api<PersistentVolume> = Api::all(room.cluster.client.clone());
        volumes.delete(&class, &DeleteParams::default()).await?;
        Ok(())
    })
    .await
}

/// A local volume on the node that has the folder, as clusters without a provisioner have it. One
/// that an interrupted run left is bound to a claim that is gone, and is made anew.
async fn volume(room: &Room, name: &str) -> Result<()> {
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
        "local": {"path": FOLDER},
        "nodeAffinity": {"required": {"nodeSelectorTerms": here}},
    }});
    room.cluster
        .apply("", "PersistentVolume", None, name, spec)
        .await
}

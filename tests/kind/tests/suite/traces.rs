//! What reaches the far end.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::traffic::{LIMITS, Traffic, slow_traces};
use k8s_openapi::api::core::v1::{Node, PersistentVolume};
use kind_tests::release::{NAME, Release, merge, values};
use kind_tests::room::{Room, room};
use kind_tests::sink::{Sink, attribute, number, trace};
use kind_tests::wait::{Seen, until};
use kube::api::{Api, DeleteParams, ListParams};
use serde_json::{Value, json};

/// Requests that are sent beside those of the stand-in.
const SENT: usize = 240;

/// Labels of the collector's pod.
const COLLECTOR: &str = "app.kubernetes.io/component=collector";

#[tokio::test]
async fn exactly_the_slow_requests_reach_the_far_end_also_when_the_collector_is_replaced()
-> Result<()> {
    room("traces", |room| async move {
        let sink = Sink::start(&room).await?;
        Release::install(&room, &values(&room, &sink.url())?).await?;
        let (sent, slow) = requests(&room, 1).await?;
        // The last to be sent are the last to be decided.
        let kept = sink.all_of(&slow).await?;
        for span in kept
            .iter()
            .filter(|s| trace(s).is_some_and(|id| sent.contains(&id)))
        {
            ensure!(
                trace(span).is_some_and(|id| slow.contains(&id)),
                "a fast request was kept: {span}"
            );
            ensure!(
                attribute(span, "gen_ai.request.id").is_some(),
                "no gen_ai.request.id: {span}"
            );
            ensure!(
                attribute(span, "gen_ai.usage.completion_tokens").is_some(),
                "no token count: {span}"
            );
        }
        // Those that still wait are decided and written before the pod ends.
        let (_, slow) = requests(&room, 2).await?;
        room.replace(COLLECTOR).await?;
        sink.all_of(&slow).await.map(drop)
    })
    .await
}

/// A folder of the node for one local volume, which the cluster's administrator makes.
const FOLDER: &str = "/var/local/vllm-monitoring";

#[tokio::test]
async fn with_a_volume_an_outage_of_the_far_end_and_a_replaced_collector_lose_nothing() -> Result<()>
{
    room("outage", |room| async move {
        let class = room.namespace.clone();
        volume(&room, &class).await?;
        let mut values = values(&room, &Sink::url_in(&room))?;
        let storage = json!({"persistent": true, "size": "100Mi", "storageClassName": class});
        merge(&mut values, json!({"tracing": {"storage": storage}}));
        let release = Release::install(&room, &values).await?;
        // Nothing answers there, and the pod that holds the queue ends.
        let (_, slow) = requests(&room, 3).await?;
        room.replace(COLLECTOR).await?;
        let sink = Sink::start(&room).await?;
        sink.all_of(&slow).await?;
        release.uninstall().await?;
        let volumes: Api<PersistentVolume> = Api::all(room.cluster.client.clone());
        volumes.delete(&class, &DeleteParams::default()).await?;
        Ok(())
    })
    .await
}

/// A local volume on the only node that has the folder, as clusters without a provisioner have it.
async fn volume(room: &Room, name: &str) -> Result<()> {
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

/// Sends captured requests to the collector: the ids of all and of the slow ones.
async fn requests(room: &Room, seed: u64) -> Result<(BTreeSet<String>, BTreeSet<String>)> {
    let fixture = harness::repo::root().join("tests/fixtures/vllm/0.32.0/traces.jsonl");
    let mut traffic = Traffic::new(&harness::otlp::read_lines(&fixture)?, seed)?;
    let mut exports = Vec::new();
    for _ in 0..SENT {
        exports.push(traffic.next()?);
    }
    let sent: BTreeSet<_> = exports.iter().map(|t| t.id.clone()).collect();
    let slow: BTreeSet<_> = slow_traces(exports.iter().map(|t| &t.export), &LIMITS)
        .into_keys()
        .collect();
    ensure!(
        !slow.is_empty() && slow.len() < SENT,
        "{} of {SENT} are slow",
        slow.len()
    );
    for trace in &exports {
        send(room, &trace.export).await?;
    }
    Ok((sent, slow))
}

#[tokio::test]
async fn the_deployed_server_sends_its_slow_requests_through_the_collector() -> Result<()> {
    room("served", |room| async move {
        let sink = Sink::start(&room).await?;
        Release::install(&room, &values(&room, &sink.url())?).await?;
        let span = until(
            "a slow request of the server",
            Duration::from_secs(90),
            || async {
                Ok(match sink.got("span").await?.into_iter().next() {
                    Some(span) => Seen::Yes(span),
                    None => Seen::NotYet("no span".to_owned()),
                })
            },
        )
        .await?;
        ensure!(span["name"] == "llm_request", "{span}");
        ensure!(
            LIMITS
                .iter()
                .any(|(key, limit)| number(&span, key).is_some_and(|v| v > *limit)),
            "kept, but above no limit: {span}"
        );
        Ok(())
    })
    .await
}

/// Sends one export to the collector's OTLP/HTTP port, as an instrumented caller does.
async fn send(room: &Room, export: &Value) -> Result<()> {
    let url = format!(
        "/api/v1/namespaces/{}/services/{NAME}-collector:4318/proxy/v1/traces",
        room.namespace
    );
    let request = http::Request::post(url)
        .header("content-type", "application/json")
        .body(serde_json::to_vec(export)?)?;
    room.cluster.client.request_text(request).await?;
    Ok(())
}

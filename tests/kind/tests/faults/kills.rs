//! SIGKILL, as of a kernel without memory.

use std::time::Duration;

use anyhow::{Context, Result};
use k8s_openapi::api::core::v1::Pod;
use kind_tests::faults::{Load, Row, balanced, under_fault};
use kind_tests::node::{kill, pods};
use kind_tests::release::{Release, merge};
use kind_tests::requests::COLLECTOR;
use kind_tests::room::{Room, room};
use kind_tests::sink::Sink;
use kind_tests::wait::{Seen, until};
use kube::api::Api;
use serde_json::json;

const BALANCER: &str = "app.kubernetes.io/component=balancer";

/// Traces that the load sends in three seconds, at most.
const THREE_SECONDS: usize = 15;

/// Waits until the container runs again and the pod is ready.
async fn back(room: &Room, pod: &str) -> Result<()> {
    let pods: Api<Pod> = room.api();
    until(&format!("{pod} back"), Duration::from_secs(90), || async {
        let status = pods.get(pod).await?.status.unwrap_or_default();
        let statuses = status.container_statuses.unwrap_or_default();
        let back = statuses.iter().any(|s| s.restart_count > 0 && s.ready);
        Ok(if back {
            Seen::Yes(())
        } else {
            Seen::NotYet(format!("{statuses:?}"))
        })
    })
    .await
}

#[tokio::test]
async fn a_killed_sampler_loses_at_most_what_it_had_in_memory() -> Result<()> {
    room("fault-sampler", |room| async move {
        let sink = Sink::start(&room).await?;
        let mut values = under_fault(&room, &sink)?;
        merge(&mut values, balanced());
        Release::install(&room, &values).await?;
        let load = Load::start(&room, 11, &[])?;
        load.goes_on(15).await;
        let samplers = pods(&room, COLLECTOR).await?;
        let victim = samplers.first().context("no sampler")?;
        kill(&room, victim, "collector").await?;
        back(&room, victim).await?;
        load.goes_on(15).await;
        let sent = load.stop().await?;
        let row = Row::count(
            "SIGKILL of one of two samplers behind balancers, queue in memory",
            "at most what that sampler had in memory is lost: three seconds of kept traces",
            &sink,
            &sent,
            None,
        )
        .await?;
        row.holds("sampler-killed", THREE_SECONDS)
    })
    .await
}

#[tokio::test]
async fn a_killed_sampler_with_a_volume_sends_what_it_had_queued() -> Result<()> {
    room("fault-volume", |room| async move {
        let class = room.namespace.clone();
        let folder = format!("/var/local/{class}");
        kind_tests::node::run(&format!("rm -rf {folder}; mkdir -p -m 0777 {folder}")).await?;
        kind_tests::volume::volume(&room, &class, &folder).await?;
        let sink = Sink::start(&room).await?;
        let mut values = under_fault(&room, &sink)?;
        let storage = json!({"persistent": true, "size": "100Mi", "storageClassName": class});
        merge(&mut values, json!({"tracing": {"storage": storage}}));
        Release::install(&room, &values).await?;
        let load = Load::start(&room, 12, &[])?;
        load.goes_on(5).await;
        // The store is away: what is kept waits in the queue.
        sink.behave(503, 0).await?;
        load.goes_on(15).await;
        let samplers = pods(&room, COLLECTOR).await?;
        let victim = samplers.first().context("no sampler")?;
        kill(&room, victim, "collector").await?;
        back(&room, victim).await?;
        sink.behave(200, 0).await?;
        load.goes_on(10).await;
        let sent = load.stop().await?;
        let row = Row::count(
            "SIGKILL of the only sampler while its store refuses, queue on a volume",
            "at most what was not yet written is lost: three seconds of kept traces",
            &sink,
            &sent,
            None,
        )
        .await?;
        kind_tests::volume::remove(&room, &class).await?;
        row.holds("sampler-killed-volume", THREE_SECONDS)
    })
    .await
}

#[tokio::test]
async fn a_killed_balancer_loses_at_most_what_it_had_in_memory() -> Result<()> {
    room("fault-balancer", |room| async move {
        let sink = Sink::start(&room).await?;
        let mut values = under_fault(&room, &sink)?;
        merge(&mut values, balanced());
        Release::install(&room, &values).await?;
        let load = Load::start(&room, 13, &[])?;
        load.goes_on(15).await;
        let balancers = pods(&room, BALANCER).await?;
        let victim = balancers.first().context("no balancer")?;
        kill(&room, victim, "balancer").await?;
        back(&room, victim).await?;
        load.goes_on(15).await;
        let sent = load.stop().await?;
        let row = Row::count(
            "SIGKILL of one of two balancers",
            "at most what that balancer had taken and not passed on is lost: three seconds of traces",
            &sink,
            &sent,
            None,
        )
        .await?;
        row.holds("balancer-killed", THREE_SECONDS)
    })
    .await
}

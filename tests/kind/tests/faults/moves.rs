//! What administrators do: an upgrade, a drain.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::Pod;
use kind_tests::faults::{Load, Row, balanced, under_fault};
use kind_tests::node::pods;
use kind_tests::release::{NAME, Release, merge};
use kind_tests::room::{Room, room};
use kind_tests::sink::Sink;
use kind_tests::wait::{Seen, until};
use kube::api::{Api, EvictParams};
use serde_json::json;

#[tokio::test]
async fn an_upgrade_that_rolls_every_collector_loses_nothing() -> Result<()> {
    room("fault-upgrade", |room| async move {
        let sink = Sink::start(&room).await?;
        let mut values = under_fault(&room, &sink)?;
        merge(&mut values, balanced());
        let release = Release::install(&room, &values).await?;
        let load = Load::start(&room, 41, &[])?;
        load.goes_on(10).await;
        let rolled = json!({"podAnnotations": {"rolled": "yes"}});
        merge(
            &mut values,
            json!({"tracing": {"collector": rolled, "balancer": rolled}}),
        );
        release.upgrade(&values).await?;
        load.goes_on(15).await;
        let sent = load.stop().await?;
        let row = Row::count(
            "helm upgrade that replaces two samplers and two balancers, queue in memory",
            "no trace lost, no alert",
            &sink,
            &sent,
            None,
        )
        .await?;
        row.holds("upgrade", 0)
    })
    .await
}

#[tokio::test]
async fn a_drain_evicts_every_pod_of_the_release_and_loses_nothing() -> Result<()> {
    room("fault-drain", |room| async move {
        let sink = Sink::start(&room).await?;
        let mut values = under_fault(&room, &sink)?;
        merge(&mut values, balanced());
        Release::install(&room, &values).await?;
        let load = Load::start(&room, 42, &[])?;
        load.goes_on(10).await;
        let labels = format!("app.kubernetes.io/instance={NAME}");
        for pod in pods(&room, &labels).await? {
            evict(&room, &pod).await?;
        }
        load.goes_on(15).await;
        let sent = load.stop().await?;
        let row = Row::count(
            "every pod of the release evicted, as `kubectl drain` does, queue in memory",
            "no trace lost, no alert",
            &sink,
            &sent,
            None,
        )
        .await?;
        row.holds("drain", 0)
    })
    .await
}

#[tokio::test]
async fn samplers_scaled_from_one_to_three_and_back_lose_no_trace_and_send_none_twice() -> Result<()>
{
    room("fault-scaled", |room| async move {
        let sink = Sink::start(&room).await?;
        let mut values = under_fault(&room, &sink)?;
        merge(&mut values, balanced());
        merge(&mut values, samplers(1));
        let release = Release::install(&room, &values).await?;
        let load = Load::start(&room, 43, &[])?;
        load.goes_on(10).await;
        for count in [3, 1] {
            merge(&mut values, samplers(count));
            release.upgrade(&values).await?;
            // Balancers look their samplers up every few seconds; decisions take ten.
            load.goes_on(25).await;
        }
        let sent = load.stop().await?;
        let row = Row::count(
            "samplers behind two balancers scaled from one to three and back to one, queue in memory",
            "no trace lost, none twice, no alert",
            &sink,
            &sent,
            None,
        )
        .await?;
        row.holds("scaled", 0)?;
        ensure!(row.twice == 0, "delivered twice: {row:?}");
        Ok(())
    })
    .await
}

fn samplers(count: u32) -> serde_json::Value {
    json!({"tracing": {"collector": {"replicas": count}}})
}

/// Evicts a pod, again while a disruption budget refuses, and waits until it is gone or replaced.
async fn evict(room: &Room, pod: &str) -> Result<()> {
    let api: Api<Pod> = room.api();
    let before = api.get(pod).await?.metadata.uid;
    let limit = Duration::from_secs(120);
    until(&format!("the eviction of {pod}"), limit, || async {
        match api.evict(pod, &EvictParams::default()).await {
            Ok(_) => Ok(Seen::Yes(())),
            Err(kube::Error::Api(status)) if status.code == 429 => {
                Ok(Seen::NotYet(status.message.clone()))
            }
            Err(error) => Err(error).context("evict"),
        }
    })
    .await?;
    until(&format!("the end of {pod}"), limit, || async {
        let now = api.get_opt(pod).await?.and_then(|p| p.metadata.uid);
        Ok(if now == before {
            Seen::NotYet("still there".to_owned())
        } else {
            Seen::Yes(())
        })
    })
    .await?;
    ensure!(before.is_some(), "{pod} had no uid");
    Ok(())
}
